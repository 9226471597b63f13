// Explanations as lines for a person: the answer, each gate with why it is open or closed, and the change that decided.
import { namedFew } from '../../definition/named-few.js'
import type { AllExplained, ExplainedFlag } from '../../feature/explain/all-explained.js'
import type {
  ExplainedAnswer,
  ExplainedAsOf,
  ExplainedBucket,
  ExplainedGate,
  Explanation,
} from '../../feature/explain/explanation.js'
import { moment, type Styled } from '../terminal/output.js'

/** A label with its value; the gate that decides has a style. */
export interface ExplainedField {
  readonly label: string
  readonly value: string
  readonly style?: Styled['style']
}

/** In the words of `get`. */
const labels: Readonly<Record<string, string>> = {
  never: 'opted out',
  boolean: 'everybody',
  actors: 'actors',
  percentage_of_actors: '% of actors',
  percentage_of_time: '% of time',
  groups: 'groups',
  default: 'default',
}

/** `dark_mode: on for User:7 (actor)` */
export function explanationHead({ name, actors, ...answer }: Explanation): readonly (string | Styled)[] {
  const style = answer.value === null ? 'yellow' : answer.value ? 'green' : 'red'
  const flag = name === '' ? '""' : name
  return [
    { style: 'bold', text: flag },
    ': ',
    { style, text: answerText(answer) },
    ` ${askedFor(actors)} (${answer.reason})`,
  ]
}

/** `on`, `off`, or `on in 30 % of checks`. */
export function answerText({ value, chance }: Pick<ExplainedAnswer, 'value' | 'chance'>): string {
  return value === null ? `on in ${percentOf(chance)} % of checks` : value ? 'on' : 'off'
}

/** 29 % is 28.999… of 100 to a computer. */
function percentOf(chance: number): number {
  return Number((chance * 100).toPrecision(12))
}

/** `for User:7`, of several at once, or without an actor. */
export function askedFor(ids: readonly string[]): string {
  if (ids.length === 0) return 'without an actor'
  return `for ${namedFew(ids)}${ids.length === 1 ? '' : ' at once'}`
}

export function explanationFields(explanation: Explanation): readonly ExplainedField[] {
  const { steps, by, asOf, actors, approximate } = explanation
  const detail = steps.find((step) => step.detail !== undefined)?.detail
  return [
    ...steps.map((step) => gateField(step, explanation)),
    ...(detail === undefined ? [] : [{ label: 'crc32 of', value: bucketText(detail) }]),
    ...(detail === undefined || actors.length < 2 ? [] : [{ label: 'joined id', value: detail.joinedId }]),
    ...(by === null ? [] : [{ label: 'changed by', value: changeText(by) }]),
    { label: 'as of', value: asOfText(asOf) },
    ...approximate.map((mark) => ({ label: 'not certain', value: markText(mark, asOf), style: 'yellow' as const })),
  ]
}

function gateField({ gate, open, decides, why }: ExplainedGate, { value }: ExplainedAnswer): ExplainedField {
  const state = gate === 'never' ? (decides ? 'yes: ' : 'no: ') : open === null ? '' : open ? 'open: ' : 'closed: '
  const field = { label: labels[gate] ?? gate, value: state + why }
  return decides ? { ...field, style: value === null ? 'yellow' : value ? 'green' : 'red' } : field
}

function changeText({ at, author, source, changeId, reason }: NonNullable<Explanation['by']>): string {
  const change = changeId === null ? '' : `, change ${changeId}`
  return `${author} (${source}), ${moment(at)}${change}${reason === null ? '' : `: ${reason}`}`
}

/** The arithmetic behind the place of an actor: `dark_modeUser:7 = 4054109890, mod 100000 = 9890, below 25000` */
function bucketText({ input, checksum, bucket, threshold }: ExplainedBucket): string {
  return `${input} = ${checksum}, mod 100000 = ${bucket}, ${bucket < threshold ? '' : 'not '}below ${threshold}`
}

/** `2026-11-26T10:00:00Z, position 48213` */
export function asOfText({ position, at, from }: ExplainedAsOf): string {
  const where = position === null ? 'no position' : `position ${position.version}`
  const when = at === null ? 'the database never answered' : moment(at)
  const memory = from === 'memory' ? '; the database cannot be reached, so this is what the process holds' : ''
  return `${when}, ${where}${memory}`
}

function markText(mark: string, { at }: ExplainedAsOf): string {
  if (mark === 'by_chance') return 'by chance: each check decides anew'
  if (mark === 'definition') return "definition: the default of today's file counted"
  if (mark === 'untracked') return 'untracked: rows were written past the history'
  const named = `the group "${mark.replace(/^group:/, '')}"`
  return `${mark}: ${named} may answer otherwise where the application runs${at === null ? '' : ', or then'}`
}

/** One row for each flag: name, answer, reason; then the other answer and reason, or the default. */
export function explainedRows({ flags, thanAsOf }: AllExplained): string[][] {
  return flags.map((flag) => [
    flag.name,
    cell(flag),
    flag.reason,
    ...(thanAsOf === null ? [defaultText(flag)] : flag.than === null ? ['', ''] : [cell(flag.than), flag.than.reason]),
  ])
}

/** A question mark where the answer is not certain; chance is told by its share. */
function cell({ value, chance, approximate }: ExplainedAnswer): string {
  const text = value === null ? `${percentOf(chance)} %` : value ? 'on' : 'off'
  return approximate.some((mark) => mark !== 'by_chance') ? `${text} ?` : text
}

function defaultText({ default: byDefault }: ExplainedFlag): string {
  return byDefault === null ? 'not defined' : byDefault ? 'on' : 'off'
}
