// A review in words: the same for the terminal and for the comment in a merge request. Pure.
import type { Definition } from '../definition/definition.js'
import { fieldName, shownField } from './field-text.js'
import type { FlagChange } from './flag-changes.js'
import type { Process } from './process.js'
import type { States } from './report.js'
import type { Review, ReviewedFlag } from './review.js'

/** What happens to a flag, in a word. */
export const changeWords: Readonly<Record<FlagChange['kind'], string>> = {
  added: 'added',
  removed: 'removed',
  renamed: 'renamed',
  changed: 'changed',
  code: 'code changed',
}

/** Type, default and owner. */
export function traits({ type, defaultEnabled, group, ee }: Definition): string {
  const parts = [type, `${defaultEnabled ? 'on' : 'off'} by default`, group ?? 'no owner', ...(ee ? ['ee'] : [])]
  return parts.join(', ')
}

/** What a reviewer asks next, one line each. */
export function detailsOf({ change, asked, code }: ReviewedFlag, states: States | null): readonly string[] {
  const lines: string[] = []
  if (change.kind === 'renamed') lines.push(`it was ${change.before.name}`)
  if (change.kind === 'changed') {
    for (const field of change.fields) {
      lines.push(`${fieldName(field)}: ${shownField(change.before, field)} → ${shownField(change.after, field)}`)
    }
  }
  const isNew = change.kind === 'added' || change.kind === 'renamed'
  if (isNew && asked.length > 0) lines.push(`asked in ${few(asked.map(({ file, line }) => `${file}:${line}`))}`)
  const changed = code.flatMap(({ file, line }) => (line === null ? [] : [`${file}:${line}`]))
  const gone = [...new Set(code.flatMap(({ file, line }) => (line === null ? [file] : [])))]
  if (!isNew && changed.length > 0) lines.push(`code changed around ${few(changed)}`)
  if (gone.length > 0) lines.push(`no longer named as before in ${few(gone)}`)
  if (states !== null) lines.push(stateLine(change, states))
  return lines
}

/** Of a flag with a new name, what counts is stored of the old one. */
function stateLine({ before, name }: FlagChange, states: States): string {
  const old = before?.name ?? name
  const state = states.get(old)
  const subject = old === name ? 'it' : old
  if (state === undefined) return `nothing is stored of ${subject} here`
  return `here ${subject} is ${state.summary}${state.stored ? ', as stored' : ''}`
}

/** What GitLab's process asks, one line each; the label is a line of its own. */
export function processLines({ changelog, afterwards }: Process): readonly string[] {
  return [
    ...changelog.entry.map((reason) => `changelog: an entry, because ${reason}`),
    ...changelog.noEntry.map((reason) => `changelog: no entry, because ${reason}`),
    ...afterwards.map((step) => `afterwards: ${step}`),
  ]
}

/** What was compared, as a sentence. */
export function comparedWith({ base, commit }: Review): string {
  return `Compared with ${base}, from commit ${commit.slice(0, 12)} on, with the files as they are now.`
}

/** The first of them, and how many more there are. */
function few(places: readonly string[]): string {
  const most = 5
  const more = places.length - most
  return [...places.slice(0, most), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}
