// What is known of a value without running the program, in one file: texts, flags, actors, and objects of them. What another file
// exports is a link, which `../link.ts` follows. Plain data, because the facts of a file are kept on disk.

/** What a file imports: the export `name` of `from` (`*`: all of them), and what is taken from it, step by step. */
export interface Link {
  readonly from: string
  readonly name: string
  readonly then: readonly Step[]
}

/**
 * `.name` is a member, `[]` any member, `keys` the list of its members' names, `()` what a call gives, `new` an instance, `type` a
 * value of the type that has this name.
 */
export type Step = '[]' | 'keys' | '()' | 'new' | 'type' | `.${string}`

/** A piece of a text: literal, from another file, or (null) known only at run time. */
export type Part = string | Link | null
export type Term = readonly Part[]

export type Members = Readonly<Record<string, Value>>

export type Value =
  /** One of these texts. */
  | { readonly is: 'text'; readonly terms: readonly Term[] }
  /** An instance of FeatureFlags: `Feature`, or what `createFeature` gives. */
  | { readonly is: 'flags' }
  /** A method of an instance, without the instance. */
  | { readonly is: 'method'; readonly name: string }
  /** A function of the package, such as `stubFeatureFlags`. */
  | { readonly is: 'helper'; readonly name: string }
  | { readonly is: 'actor'; readonly kind: string }
  | { readonly is: 'class'; readonly kind: string | null; readonly members: Members; readonly fields: Members }
  /** `open`: it has members that are not known. */
  | { readonly is: 'object'; readonly members: Members; readonly open: boolean }
  | { readonly is: 'list'; readonly values: readonly Value[] }
  | { readonly is: 'function'; readonly returns: Value }
  /** What stands for a type; `value` is what a variable of the type holds. */
  | { readonly is: 'type'; readonly value: Value }
  | { readonly is: 'either'; readonly values: readonly Value[] }
  | { readonly is: 'link'; readonly link: Link }
  /** Known to be none of these: a number, say. */
  | { readonly is: 'other' }
  | { readonly is: 'unknown' }

export const unknown: Value = { is: 'unknown' }
export const other: Value = { is: 'other' }
export const flags: Value = { is: 'flags' }

/** Bounds the work on code that multiplies texts; what goes beyond is known only at run time. */
const mostTerms = 256
const mostSteps = 8

export function text(literal: string): Value {
  return { is: 'text', terms: [[literal]] }
}

export function linkTo(from: string, name: string, then: readonly Step[] = []): Value {
  return { is: 'link', link: { from, name, then } }
}

export function either(values: readonly Value[]): Value {
  const flat = values.flatMap((value) => (value.is === 'either' ? value.values : [value]))
  const [first] = flat
  if (first === undefined) return other
  return flat.length === 1 ? first : { is: 'either', values: flat.slice(0, mostTerms) }
}

/** The value after one step from another. */
export function take(value: Value, step: Step): Value {
  switch (value.is) {
    case 'link': {
      const { from, name, then } = value.link
      return then.length >= mostSteps ? unknown : linkTo(from, name, [...then, step])
    }
    case 'either':
      return either(value.values.map((one) => take(one, step)))
    case 'flags':
      return step.startsWith('.') ? { is: 'method', name: step.slice(1) } : unknown
    case 'method':
      return step === '.bind' ? { is: 'function', returns: value } : unknown
    case 'object':
      return takeMember(value, step)
    case 'list':
      return takeElement(value.values, step)
    case 'function':
      return step === '()' ? value.returns : unknown
    case 'type':
      return step === 'type' ? value.value : unknown
    case 'class':
      if (step === 'new' || step === 'type') return instanceOf(value)
      return step.startsWith('.') ? (own(value.members, step.slice(1)) ?? unknown) : unknown
    default:
      return unknown
  }
}

export function takeAll(value: Value, steps: readonly Step[]): Value {
  return steps.reduce(take, value)
}

function takeMember({ members, open }: Extract<Value, { is: 'object' }>, step: Step): Value {
  if (step.startsWith('.')) return own(members, step.slice(1)) ?? unknown
  const rest = open ? [unknown] : []
  if (step === '[]') return either([...Object.values(members), ...rest])
  if (step === 'keys') return { is: 'list', values: [...Object.keys(members).map(text), ...rest] }
  return unknown
}

function takeElement(values: readonly Value[], step: Step): Value {
  if (step === '[]') return either(values)
  return values[Number(step.slice(1))] ?? unknown
}

function instanceOf({ kind, fields }: Extract<Value, { is: 'class' }>): Value {
  return kind === null ? { is: 'object', members: fields, open: true } : { is: 'actor', kind }
}

/** A member by its own name: `constructor` is none of an object's. */
export function own(members: Members, name: string): Value | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined
}

/** The texts that a value can be. */
export function termsOf(value: Value): readonly Term[] {
  switch (value.is) {
    case 'text':
      return value.terms
    case 'link':
      return [[value.link]]
    case 'either':
      return capped(value.values.flatMap(termsOf))
    default:
      return [[null]]
  }
}

/** Each text of the one followed by each of the other. */
export function concat(left: readonly Term[], right: readonly Term[]): readonly Term[] {
  if (left.length * right.length > mostTerms) return [[null]]
  return left.flatMap((first) => right.map((second) => joined([...first, ...second])))
}

/** Literal parts that follow each other are one. */
export function joined(parts: Term): Term {
  const result: Part[] = []
  for (const part of parts) {
    const last = result.at(-1)
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part
    else if (part !== '' && !(part === null && last === null)) result.push(part)
  }
  return result.length === 0 ? [''] : result
}

function capped(terms: readonly Term[]): readonly Term[] {
  return terms.length > mostTerms ? [...terms.slice(0, mostTerms), [null]] : terms
}

/** Whether following the value can lead to a text, flags or an actor: otherwise it need not be kept. */
export function isTelling(value: Value): boolean {
  switch (value.is) {
    case 'other':
    case 'unknown':
      return false
    case 'object':
      return Object.values(value.members).some(isTelling)
    case 'list':
    case 'either':
      return value.values.some(isTelling)
    case 'function':
      return isTelling(value.returns)
    case 'type':
      return isTelling(value.value)
    case 'class':
      return value.kind !== null || [value.members, value.fields].some((part) => Object.values(part).some(isTelling))
    default:
      return true
  }
}
