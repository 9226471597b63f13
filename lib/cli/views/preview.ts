// What a change would do, in lines for a person.
import { namedFew } from '../../definition/named-few.js'
import type { OtherChange } from '../../feature/change/conflict.js'
import type { Effect } from '../../feature/change/preview/effect.js'
import type { GateChange, Wiped } from '../../feature/change/preview/gate-changes.js'
import type { FlagOutline } from '../../feature/change/preview/outline.js'
import type { FlagPreview, PreviewWarning } from '../../feature/change/preview/preview.js'
import { counted } from '../../text/counted.js'
import { printable } from '../../text/printable.js'
import type { Io } from '../terminal/io.js'
import { columnsOf, note, print, type Styled } from '../terminal/output.js'
import { wrap } from '../terminal/table.js'

interface PreviewLine {
  readonly text: string
  readonly style?: Styled['style']
  /** Where the lines begin into which a terminal breaks it. */
  readonly indent: number
}

/** Shows a preview as a result, or (`note`) to a person before a result. */
export function showPreview(io: Io, preview: FlagPreview, to: 'result' | 'note'): void {
  show(io, previewLines(preview), to)
}

/** Shows what a change would do to the rows of a flag, as a result. */
export function showOutline(io: Io, outline: FlagOutline): void {
  show(io, outlineLines(outline), 'result')
}

function show(io: Io, lines: readonly PreviewLine[], to: 'result' | 'note'): void {
  const stream = to === 'result' ? io.stdout : io.stderr
  const width = stream.isTTY === true ? columnsOf(stream) : Number.POSITIVE_INFINITY
  const write = to === 'result' ? print : note
  for (const { text, style, indent } of lines) {
    wrap(text, width - indent).forEach((part, index) => {
      const line = index === 0 ? part : ' '.repeat(indent) + part
      write(io, style === undefined ? line : [{ style, text: line }])
    })
  }
}

/** Beyond this, the second line does not stand below the first one. */
const longestIndent = 20

/** Lists of changes that are longer hide what is asked. */
const mostLater = 5

/** The flag before and after, each gate that differs, and who gains and loses it. */
function previewLines(preview: FlagPreview): readonly PreviewLine[] {
  const { wiped, effect, warnings } = preview
  return [...outlineLines(preview), ...wipedLine(wiped), ...effectLines(effect), ...warnings.flatMap(warningLines)]
}

function outlineLines({ name, before, after, gates }: FlagOutline): readonly PreviewLine[] {
  const shown = printable(name === '' ? '""' : name)
  const column = shown.length > longestIndent ? 2 : shown.length
  return [
    { text: `${shown}: ${printable(before.summary)}`, style: 'dim', indent: column + 2 },
    { text: `${' '.repeat(column)}→ ${printable(after.summary)}`, style: 'bold', indent: column + 2 },
    ...gates.map((gate) => ({ text: `  ${printable(gateLine(gate))}`, indent: 4 })),
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

function wipedLine({ actors, never, groups }: Wiped): PreviewLine[] {
  const parts = [
    ...(actors === 0 ? [] : [counted(actors, 'actor')]),
    ...(never === 0 ? [] : [counted(never, 'opt-out')]),
    ...(groups === 0 ? [] : [counted(groups, 'group')]),
  ]
  return parts.length === 0 ? [] : [{ text: `It clears ${parts.join(', ')}.`, style: 'yellow', indent: 2 }]
}

function effectLines(effect: Effect): PreviewLine[] {
  const { known, margin, gain, lose, unknown, gainFirst, loseFirst, withoutActor } = effect
  const number = (count: number) => (margin === 0 ? String(count) : `about ${count} ± ${margin}`)
  const line = (text: string, count: number, style: Styled['style']): PreviewLine => {
    const shown = { text: printable(text), indent: 2 }
    return count === 0 ? shown : { ...shown, style }
  }
  const ofKnown =
    known === null
      ? [line('Who gains or loses it is not known: no list names an actor of its kind.', 0, 'dim')]
      : [
          line(`Gain it: ${number(gain)} of ${whole(effect)}${named(gain, gainFirst)}`, gain, 'green'),
          line(`Lose it: ${number(lose)}${named(lose, loseFirst)}`, lose, 'red'),
          ...(unknown === 0 ? [] : [line(`For ${number(unknown)} it depends on a group.`, unknown, 'yellow')]),
        ]
  return [...ofKnown, line(`Checks without an actor: ${shareLine(withoutActor)}`, 0, 'dim')]
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

function warningLines({ message, cli }: PreviewWarning): PreviewLine[] {
  const warning: PreviewLine = { text: `Warning: ${printable(message)}.`, style: 'yellow', indent: 2 }
  return cli === null ? [warning] : [warning, { text: `  What was probably meant: ${printable(cli)}`, indent: 4 }]
}
