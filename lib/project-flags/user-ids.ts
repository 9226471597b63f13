// Ids of users as one text with commas, in the strategy `userWithId` and in lists: GitLab's rules.

const longestId = 256
const mostIds = 10_000

/** What GitLab says of a text that is not a list of ids; null for a good one. An empty text is a list of none. */
export function userIdsFault(text: unknown, field: string): string | null {
  if (typeof text === 'string' && !/[\n\r\t]|,,/.test(text)) {
    const ids = splitIds(text)
    if (ids.length > mostIds) return `${field} must have ${mostIds} ids or less`
    if (areIds(ids)) return null
  }
  return `${field} must be a string of unique comma separated values each ${longestId} characters or less`
}

/** The ids; a comma at the end adds none, and alone it names none, as in Ruby. */
export function splitIds(text: string): string[] {
  const ids = text.split(',')
  while (ids.at(-1) === '') ids.pop()
  return ids
}

function areIds(ids: readonly string[]): boolean {
  return (
    new Set(ids).size === ids.length && ids.every((id) => id !== '' && id === id.trim() && [...id].length <= longestId)
  )
}
