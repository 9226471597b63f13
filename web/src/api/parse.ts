// Checks what a server answered before the page believes it: a proxy may answer HTML, and a server of another version other fields.
// A parser throws an error that names the place; api/request.ts turns it into a fault of the answer.

/** Gives the value where it has the shape. Throws Error with the place of what has not. */
export type Parser<T> = (value: unknown, place?: string) => T

function unlike(wanted: string, value: unknown, place: string): never {
  throw new Error(`${place === '' ? 'the answer' : place} is ${value === null ? 'null' : typeof value}, not ${wanted}`)
}

export const text: Parser<string> = (value, place = '') =>
  typeof value === 'string' ? value : unlike('a text', value, place)

export const number: Parser<number> = (value, place = '') =>
  typeof value === 'number' && Number.isFinite(value) ? value : unlike('a number', value, place)

export const flag: Parser<boolean> = (value, place = '') =>
  typeof value === 'boolean' ? value : unlike('true or false', value, place)

/** Anything, for what is only shown. */
export const anything: Parser<unknown> = (value) => value

/** One of these texts. */
export function oneOf<const T extends string>(...texts: readonly T[]): Parser<T> {
  return (value, place = '') =>
    texts.find((known) => known === value) ?? unlike(`one of ${texts.join(', ')}`, value, place)
}

/** Also null, and null for what is absent. */
export function orNull<T>(parser: Parser<T>): Parser<T | null> {
  return (value, place = '') => (value === null || value === undefined ? null : parser(value, place))
}

/** What is absent or null is this instead. */
export function otherwise<T>(parser: Parser<T>, instead: T): Parser<T> {
  return (value, place = '') => (value === null || value === undefined ? instead : parser(value, place))
}

export function list<T>(parser: Parser<T>): Parser<readonly T[]> {
  return (value, place = '') =>
    Array.isArray(value)
      ? value.map((item, index) => parser(item, `${place}[${index}]`))
      : unlike('a list', value, place)
}

/** An object by its keys; what else it has is left out. */
export function object<T extends object>(parsers: { readonly [K in keyof T]: Parser<T[K]> }): Parser<T> {
  const entries = Object.entries<Parser<unknown>>(parsers)
  return (value, place = '') => {
    if (!isRecord(value)) return unlike('an object', value, place)
    const parsed = entries.map(([key, parser]) => [key, parser(value[key], place === '' ? key : `${place}.${key}`)])
    return Object.fromEntries(parsed) as T
  }
}

/** An object with any keys. */
export function record<T>(parser: Parser<T>): Parser<ReadonlyMap<string, T>> {
  return (value, place = '') => {
    if (!isRecord(value)) return unlike('an object', value, place)
    return new Map(Object.entries(value).map(([key, item]) => [key, parser(item, `${place}.${key}`)]))
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
