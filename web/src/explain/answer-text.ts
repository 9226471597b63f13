// Answers in words, and a whole explanation as Markdown for an issue.
import type { AsOf, Explanation } from '../api/explain.js'
import { percent } from '../text/numbers.js'
import { visible } from '../text/visible.js'

const gates: Readonly<Record<string, string>> = {
  never: 'Opted out',
  boolean: 'Everybody',
  actors: 'Actors',
  percentage_of_actors: 'Share of actors',
  percentage_of_time: 'Share of checks',
  groups: 'Groups',
  default: 'Default',
}

export function gateName(gate: string): string {
  return gates[gate] ?? visible(gate)
}

/** `on`, `off`, `on in 5 % of checks`. */
export function answerWord({ value, chance }: Pick<Explanation, 'value' | 'chance'>): string {
  if (value === null) return `on in ${percent(chance * 100)} of checks`
  return value ? 'on' : 'off'
}

const reasons: Readonly<Record<string, string>> = {
  boolean: 'on for everybody',
  actor: 'on the list',
  group: 'by a group',
  percentage_of_actors: 'by the share of actors',
  percentage_of_time: 'by the share of checks',
  opt_out: 'opted out',
  closed: 'no gate opens',
  default: 'the default',
  unknown: 'not known',
}

export function reasonText(reason: string): string {
  return reasons[reason] ?? visible(reason)
}

/** What a mark of uncertainty means. */
export function markText(mark: string): string {
  if (mark === 'by_chance') return 'each check decides anew'
  if (mark === 'definition') return 'nothing was stored then, and this is the default of today’s file'
  if (mark === 'untracked') return 'it depends on rows that were written past the history'
  if (mark.startsWith('group:'))
    return `the group ${visible(mark.slice(6))} is decided by today’s code, or is not known here`
  return visible(mark)
}

export function actorsText(actors: readonly string[]): string {
  return actors.length === 0 ? 'a check without an actor' : actors.map(visible).join(' + ')
}

export function asOfText({ at, from, position }: AsOf): string {
  const where = from === 'memory' ? 'from memory: the database cannot be reached' : from === 'stub' ? 'a stub' : ''
  const parts = [
    position === null ? '' : `position ${position.version}`,
    at === null ? '' : visible(at.replace(/\.\d+Z$/, 'Z')),
    where,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** Markdown: hostile texts stay text in it. */
export function issueText(explanation: Explanation, environment: string, address: string): string {
  const { actors, approximate, as_of: asOf, by, name, reason, steps } = explanation
  const asked = actors.length === 0 ? 'a check without an actor' : actors.map(code).join(' + ')
  const rows = steps.map(
    ({ decides, gate, open, why }) =>
      `| ${decides ? '**→**' : ''} | ${escaped(gateName(gate))} | ${open === null ? '?' : open ? 'open' : 'closed'} | ${escaped(visible(why))} |`,
  )
  return [
    `${code(name)} is **${answerWord(explanation)}** for ${asked}${environment === '' ? '' : ` in ${escaped(visible(environment))}`}: ${escaped(reasonText(reason))}.`,
    '',
    '| | Gate | | Why |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...(by === null
      ? []
      : [
          `Decided by ${escaped(visible(by.author))} (${escaped(visible(by.source))}), ${escaped(visible(by.at))}${by.reason === null ? '' : `: “${escaped(visible(by.reason))}”`}${by.change_id === null ? '' : `; change ${code(by.change_id)}`}.`,
        ]),
    ...approximate.map((mark) => `Not certain: ${escaped(markText(mark))}.`),
    `As of ${escaped(asOfText(asOf))}. ${address}`,
  ].join('\n')
}

function code(text: string): string {
  return `\`${visible(text).replace(/`/g, "'").replace(/\|/g, '¦')}\``
}

function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|#@!~]/g, '\\$&')
}
