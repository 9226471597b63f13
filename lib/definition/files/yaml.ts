// Reads the YAML of one definition into its top-level fields, each with its line and its spelling in the file. It works on the
// parser's events, so that it refuses dangerous input (aliases, tags, too many nodes) before it builds any value. Values are
// built as Maps, so `__proto__` is a key like any other.
import {
  CORE_SCHEMA,
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  realMapTag,
  YAMLException,
} from 'js-yaml'
import { quoted } from '../../text/printable.js'
import { readPlainFields } from './plain-yaml.js'
import type { YamlField } from './yaml-field.js'

export interface YamlFault {
  readonly line: number | null
  readonly field: string | null
  readonly value: string | null
  readonly problem: string
  readonly remedy: string
}

export type YamlResult =
  /** `faults` are of fields that were left out; empty in strict reading, where either all fields are read or none is. */
  | { readonly ok: true; readonly fields: ReadonlyMap<string, YamlField>; readonly faults: readonly YamlFault[] }
  | { readonly ok: false; readonly fault: YamlFault }

const schema = CORE_SCHEMA.withTags(realMapTag)
const deepestNesting = 20
const mostEvents = 1_000

/**
 * The fields of a definition's text, or the one fault that keeps it from being read. `lenient` leaves out a field whose value
 * has an alias or a tag, and reads the other fields.
 */
export function readYaml(text: string, lenient = false): YamlResult {
  const plain = readPlainFields(text)
  if (plain !== null) return { ok: true, fields: plain, faults: [] }
  try {
    const events = parseEvents(text, { maxDepth: deepestNesting })
    const refused = refusedShape(text, events)
    if (refused) return { ok: false, fault: refused }
    const whole = refusedEvent(text, events)
    if (whole === null) return readFields(text, events)
    return lenient && events.length <= mostEvents ? readOthers(text, events) : { ok: false, fault: whole }
  } catch (error) {
    return { ok: false, fault: syntaxFault(error) }
  }
}

/** Aliases make small files huge or endless; tags ask for types that a definition does not have. */
function refusedEvent(text: string, events: readonly Event[]): YamlFault | null {
  if (events.length > mostEvents) {
    return fault(null, `holds more than ${mostEvents} values`, 'keep only the fields of a definition')
  }
  for (const event of events) {
    if ('tagStart' in event && event.tagStart >= 0) {
      const tag = text.slice(event.tagStart, event.tagEnd)
      return fault(lineAt(text, event.tagStart), 'uses a tag', 'write plain text, true or false', tag)
    }
    if ('anchorStart' in event && event.anchorStart >= 0) {
      const name = text.slice(event.anchorStart - 1, event.anchorEnd)
      return fault(lineAt(text, event.anchorStart), 'uses an anchor or alias', 'write the value out', name)
    }
  }
  return null
}

/** The fields without the refused ones: the value behind an alias or a tag is never built. */
function readOthers(text: string, events: readonly Event[]): YamlResult {
  const [document, mapping] = events
  if (document === undefined || mapping === undefined) return { ok: false, fault: syntaxFault('it is empty') }
  const kept: Event[] = [document, mapping]
  const faults: YamlFault[] = []
  let index = 2
  for (; index < events.length && events[index]?.type !== EVENT_ID.POP; ) {
    const end = afterNode(events, index + 1)
    const field = events.slice(index, end)
    const refused = refusedEvent(text, field)
    const [key] = field
    if (refused === null) kept.push(...field)
    else faults.push({ ...refused, field: key?.type === EVENT_ID.SCALAR ? getScalarValue(text, key) : null })
    index = end
  }
  const read = readFields(text, [...kept, ...events.slice(index)])
  return read.ok ? { ...read, faults } : read
}

function refusedShape(text: string, events: readonly Event[]): YamlFault | null {
  const starts = events.flatMap((event, index) => (event.type === EVENT_ID.DOCUMENT ? [index + 1] : []))
  const [first, second] = starts
  const remedy = 'write fields such as "name: my_flag"'
  if (first === undefined) return fault(null, 'is empty', remedy)
  if (second !== undefined) {
    const line = lineOf(text, events[second])
    return fault(line, 'holds more than one document', 'keep one, and one "---" at the top at most')
  }
  const root = events[first]
  if (root?.type === EVENT_ID.MAPPING) return null
  if (root?.type === EVENT_ID.SEQUENCE) return fault(lineOf(text, root), 'holds a list instead of fields', remedy)
  if (root?.type !== EVENT_ID.SCALAR || root.valueStart < 0) return fault(null, 'is empty', remedy)
  return fault(lineOf(text, root), 'holds a single value instead of fields', remedy, getScalarValue(text, root))
}

function readFields(text: string, events: Event[]): YamlResult {
  const places = new Map<string, { readonly text: string; readonly line: number }>()
  // 0 is the document, 1 the mapping; then key and value in turn, up to the mapping's end.
  for (let index = 2; events[index]?.type !== EVENT_ID.POP; ) {
    const key = events[index]
    const value = events[index + 1]
    if (key?.type !== EVENT_ID.SCALAR || value === undefined) {
      const line = lineOf(text, key)
      return { ok: false, fault: fault(line, 'has a key that is not text', 'write fields such as "name: my_flag"') }
    }
    const name = getScalarValue(text, key)
    const line = lineOf(text, key) ?? 1
    const earlier = places.get(name)
    if (earlier) {
      const remedy = `remove it here or on line ${earlier.line}`
      return { ok: false, fault: { ...fault(line, 'is given twice', remedy, spelling(text, value)), field: name } }
    }
    places.set(name, { text: spelling(text, value), line })
    index = afterNode(events, index + 1)
  }
  const [document] = constructFromEvents(events, { source: text, schema, maxAliases: 0 })
  if (!(document instanceof Map)) throw new YAMLException('the document is not a mapping')
  const values = [...document.values()]
  return {
    ok: true,
    faults: [],
    fields: new Map([...places].map(([name, place], index) => [name, { ...place, value: values[index] }])),
  }
}

/** The index after the node that starts at `index`. */
function afterNode(events: readonly Event[], index: number): number {
  let depth = 0
  for (let at = index; at < events.length; at += 1) {
    const type = events[at]?.type
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth += 1
    if (type === EVENT_ID.POP) depth -= 1
    if (depth === 0) return at + 1
  }
  return events.length
}

function spelling(text: string, value: Event): string {
  if (value.type === EVENT_ID.SCALAR) return getScalarValue(text, value)
  return value.type === EVENT_ID.SEQUENCE ? 'a list' : 'a mapping'
}

function lineOf(text: string, event: Event | undefined): number | null {
  if (event && 'start' in event) return lineAt(text, event.start)
  if (event && 'valueStart' in event && event.valueStart >= 0) return lineAt(text, event.valueStart)
  return null
}

function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

function fault(line: number | null, problem: string, remedy: string, value: string | null = null): YamlFault {
  return { line, field: null, value, problem, remedy }
}

function syntaxFault(error: unknown): YamlFault {
  const reason = error instanceof YAMLException ? error.reason : String(error)
  const line = error instanceof YAMLException && error.mark ? error.mark.line + 1 : null
  const remedy = reason.includes('tab char')
    ? 'indent with spaces'
    : 'correct the line, and quote text that holds : # or quotes'
  return fault(line, `is not valid YAML (${quoted(reason).slice(1, -1)})`, remedy)
}
