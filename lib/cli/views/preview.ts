// What a change would do, in lines for a person.
import { namedFew } from '../../definition/named-few.js'
import type { OtherChange } from '../../feature/change/conflict.js'
import type { Effect } from '../../feature/change/preview/effect.js'
import type { GateChange, Wiped } from '../../feature/change/preview/gate-changes.js'
import type { FlagPreview } from '../../feature/change/preview/preview.js'
import { counted } from '../../text/counted.js'

/** Lists of changes that are longer hide what is asked. */
const mostLater = 5

/** The flag before and after, each gate that differs, and who gains and loses it. */
export function previewLines({ name, before, after, gates, wiped, effect, warnings }: FlagPreview): readonly string[] {
  return [
    `${name}: ${before.summary}`,
    `${' '.repeat(name.length)}→ ${after.summary}`,
    ...gates.map((gate) => `  ${gateLine(gate)}`),
    ...wipedLine(wiped),
    ...effectLines(effect),
    ...warnings.map(({ message }) => `Warning: ${message}.`),
  ]
}

/** Other people's changes of the same flags, newest first. */
export function laterLines(what: string, later: readonly OtherChange[]): readonly string[] {
  if (later.length === 0) return []
  const shown = later
    .slice(0, mostLater)
    .map(({ at, author, sentence }) => `  ${at.toISOString()} ${author}: ${sentence}`)
  const more = later.length - shown.length
  return [`${what} ${counted(later.length, 'later change')}:`, ...shown, ...(more === 0 ? [] : [`  and ${more} more`])]
}

function gateLine(change: GateChange): string {
  const { gate, before, after } = change
  if (!('added' in change)) return `${gate}: ${before} → ${after}`
  const parts = [...sideOf('+', change.added), ...sideOf('−', change.removed)]
  return `${gate}: ${before} → ${after} (${parts.join('; ')})`
}

function sideOf(sign: string, ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : [`${sign} ${namedFew(ids, 5)}`]
}

function wipedLine({ actors, never, groups }: Wiped): string[] {
  const parts = [
    ...(actors === 0 ? [] : [counted(actors, 'actor')]),
    ...(never === 0 ? [] : [counted(never, 'opt-out')]),
    ...(groups === 0 ? [] : [counted(groups, 'group')]),
  ]
  return parts.length === 0 ? [] : [`It clears ${parts.join(', ')}.`]
}

function effectLines(effect: Effect): string[] {
  const { known, margin, gain, lose, unknown, gainFirst, loseFirst, withoutActor } = effect
  const number = (count: number) => (margin === 0 ? String(count) : `about ${count} ± ${margin}`)
  const ofKnown =
    known === null
      ? ['Who gains or loses it is not known: no list names an actor of its kind.']
      : [
          `Gain it: ${number(gain)} of ${whole(effect)}${named(gain, gainFirst)}`,
          `Lose it: ${number(lose)}${named(lose, loseFirst)}`,
          ...(unknown === 0 ? [] : [`For ${number(unknown)} it depends on a group.`]),
        ]
  return [...ofKnown, `Checks without an actor: ${shareLine(withoutActor)}`]
}

/** Of how many, and where they are known from. */
function whole({ known, sample, of, actorClass }: Effect): string {
  const all = `${known} ${actorClass}`
  if (of === 'lists') return `${all} on stored lists`
  return sample === known ? all : `${all}, ${sample} of them looked at`
}

function named(count: number, first: readonly string[]): string {
  if (first.length === 0) return ''
  return ` (${first.join(', ')}${count > first.length ? ` and ${count - first.length} more` : ''})`
}

function shareLine({ before, after }: Effect['withoutActor']): string {
  return before === after ? `${inWords(after)}, as before` : `${inWords(before)} → ${inWords(after)}`
}

function inWords(share: number): string {
  return share === 0 ? 'off' : share === 1 ? 'on' : `on in ${share * 100} % of them`
}
