// What older versions of GitLab stored in a form that GitLab refuses today: the same meaning in today's form. What would move users in
// or out of a share, such as another group, is never touched.
import { userIdsFault } from '../user-ids.js'

type Parameters = Readonly<Record<string, unknown>>

export interface Repaired {
  readonly parameters: Parameters
  /** What was changed, in sentences. */
  readonly repairs: readonly string[]
}

const stickinesses: Readonly<Record<string, string>> = {
  DEFAULT: 'default',
  USERID: 'userId',
  SESSIONID: 'sessionId',
  RANDOM: 'random',
}

/** Stickiness in capitals, and ids with blanks or twice in a list. */
export function repairedParameters(parameters: Parameters): Repaired {
  const repairs: string[] = []
  const repaired = { ...parameters }
  const { stickiness, userIds } = parameters
  const written = typeof stickiness === 'string' ? stickinesses[stickiness] : undefined
  if (written !== undefined) {
    repaired['stickiness'] = written
    repairs.push(`stickiness "${stickiness}" is "${written}"`)
  }
  if (typeof userIds === 'string' && userIdsFault(userIds, '') !== null) {
    const ids = userIds.split(/[,\r\n\t]/).map((id) => id.trim())
    const plain = [...new Set(ids)].filter((id) => id !== '').join(',')
    if (userIdsFault(plain, '') === null) {
      repaired['userIds'] = plain
      repairs.push('blanks around ids, and ids that were there twice, are gone')
    }
  }
  return { parameters: repaired, repairs }
}
