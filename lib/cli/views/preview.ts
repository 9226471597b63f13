// What a change would do, in lines for a person.
import { namedFew } from '../../definition/named-few.js'
import type { Effect } from '../../feature/change/preview/effect.js'
import type { GateChange, Wiped } from '../../feature/change/preview/gate-changes.js'
import type { FlagPreview } from '../../feature/change/preview/preview.js'
import { counted } from '../../text/counted.js'

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

function effectLines({ actorClass, known, gain, lose, unknown, gainFirst, loseFirst, withoutActor }: Effect): string[] {
  const named = (count: number, first: readonly string[]) =>
    count === 0 ? '' : ` (${first.join(', ')}${count > first.length ? ` and ${count - first.length} more` : ''})`
  const ofKnown =
    known === null
      ? ['Who gains or loses it is not known: no list names an actor of its kind.']
      : [
          `Gain it, of ${known} known by the lists (${actorClass}): ${gain}${named(gain, gainFirst)}`,
          `Lose it: ${lose}${named(lose, loseFirst)}`,
          ...(unknown === 0 ? [] : [`For ${unknown} it depends on a group.`]),
        ]
  return [...ofKnown, `Checks without an actor: ${shareLine(withoutActor)}`]
}

function shareLine({ before, after }: Effect['withoutActor']): string {
  return before === after ? `${inWords(after)}, as before` : `${inWords(before)} → ${inWords(after)}`
}

function inWords(share: number): string {
  return share === 0 ? 'off' : share === 1 ? 'on' : `on in ${share * 100} % of them`
}
