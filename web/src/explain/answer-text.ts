// Answers in words, and a whole explanation as Markdown for an issue.
import type { AsOf, Explanation, Step } from '../api/explain.js'
import { percent } from '../text/numbers.js'
import { dayAndTime, parseTime, utc } from '../text/times.js'
import { visible } from '../text/visible.js'

/** In the words and in the order of the page of a flag. Gates that this page does not know stand before the default. */
const gates = new Map([
  ['boolean', 'Everybody'],
  ['percentage_of_actors', 'Share of actors'],
  ['actors', 'Actors'],
  ['never', 'Never for'],
  ['groups', 'Groups'],
  ['percentage_of_time', 'Share of checks'],
  ['default', 'Default'],
])

export function gateName(gate: string): string {
  return gates.get(gate) ?? visible(gate)
}

/** The steps as the page of a flag has its gates; a check asks them in another order, of which the answer tells the outcome. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  const order = [...gates.keys()]
  const last = order.length - 1
  const place = ({ gate }: Step) => (gate === 'default' ? last : gates.has(gate) ? order.indexOf(gate) : last - 0.5)
  return [...steps].sort((one, other) => place(one) - place(other))
}

/** The arithmetic behind the place of an actor. */
export function arithmetic({ bucket, checksum, input, threshold }: NonNullable<Step['detail']>): string {
  return `crc32 of ${visible(input)} is ${checksum}; mod 100000 that is ${bucket}, ${bucket < threshold ? '' : 'not '}below ${threshold}`
}

/** `on`, `off`, `on in 5 % of checks`. */
export function answerWord({ value, chance }: Pick<Explanation, 'value' | 'chance'>): string {
  if (value === null) return `on in ${percent(chance * 100)} of checks`
  return value ? 'on' : 'off'
}

const reasons: Readonly<Record<string, string>> = {
  boolean: 'everybody has it',
  actor: 'by the list of actors',
  group: 'by a group',
  percentage_of_actors: 'by the share of actors',
  percentage_of_time: 'by the share of checks',
  opt_out: 'by the list “Never for”',
  closed: 'nothing turns it on',
  default: 'by default',
  unknown: 'the flag is not known',
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

/** `27 Nov 2026, 20:22:09 (position 48213)`; `write` gives a time, by default as this machine's clock has it. */
export function asOfText({ at, from, position }: AsOf, write: (at: number) => string = dayAndTime): string {
  const where = from === 'memory' ? 'from memory: the database cannot be reached' : from === 'stub' ? 'a stub' : ''
  const time = parseTime(at)
  const version = position === null ? '' : `position ${visible(position.version)}`
  const when = time === null ? version : `${write(time)}${version === '' ? '' : ` (${version})`}`
  return [when, where].filter((part) => part !== '').join(', ')
}

/** Whether two answers are the same, and otherwise both: `The answers differ: on for User:7, off for User:9.` */
export function comparedText(first: Compared, than: Compared): string {
  const words = [answerWord(first.answer), answerWord(than.answer)]
  if (words[0] === words[1]) return `Both are ${words[0]}.`
  const isSameTime = first.point === than.point
  const told = ({ actors, point }: Compared) => `for ${actorsText(actors)}${isSameTime ? '' : ` (${point})`}`
  return `The answers differ: ${words[0]} ${told(first)}, ${words[1]} ${told(than)}.`
}

interface Compared {
  readonly answer: Pick<Explanation, 'value' | 'chance'>
  readonly actors: readonly string[]
  /** As of when, in words. */
  readonly point: string
}

/** Markdown: hostile texts stay text in it. */
export function issueText(explanation: Explanation, environment: string, address: string): string {
  const { actors, approximate, as_of: asOf, by, name, reason, steps } = explanation
  const asked = actors.length === 0 ? 'a check without an actor' : actors.map(code).join(' + ')
  const rows = inOrder(steps).map(
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
    `As of ${escaped(asOfText(asOf, utc))}. ${address}`,
  ].join('\n')
}

function code(text: string): string {
  return `\`${visible(text).replace(/`/g, "'").replace(/\|/g, '¦')}\``
}

function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|#@!~]/g, '\\$&')
}
