// The parameters of a request as GitLab reads them: those of the query and of the body together, the body wins.
import type { FastifyRequest } from 'fastify'
import { isRecord } from '../../text/json.js'
import { parseForm } from './form.js'
import { ShapeFault } from './shape-fault.js'

export type Parameters = Readonly<Record<string, unknown>>

/** Throws ShapeFault for a body that is a list, a text or a number. */
export function parametersOf(request: FastifyRequest): Parameters {
  const { body } = request
  if (body !== undefined && body !== null && !isRecord(body)) throw new ShapeFault('the body is not an object')
  return { ...queryOf(request), ...body }
}

/** Of a change, names with brackets are read as in a form: otherwise a flag would be made without the strategies that stand there. */
function queryOf({ method, url, query }: FastifyRequest): Parameters {
  const [, text = ''] = /\?(.*)$/.exec(url) ?? []
  if (method !== 'GET' && /\[|%5b/i.test(text)) return parseForm(text)
  return isRecord(query) ? query : {}
}

/** JSON's null counts as absent. As Grape does, a number or a boolean becomes its text. Throws ShapeFault. */
export function textIn(parameters: Parameters, key: string, name = key): string | undefined {
  const value = valueIn(parameters, key)
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && isStorable(value)) return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ShapeFault(`${name} is invalid`)
}

export function booleanIn(parameters: Parameters, key: string, name = key): boolean | undefined {
  const value = valueIn(parameters, key)
  if (value === undefined || value === null) return undefined
  if (value === true || value === 'true' || value === '1' || value === 1) return true
  if (value === false || value === 'false' || value === '0' || value === 0) return false
  throw new ShapeFault(`${name} is invalid`)
}

export function integerIn(parameters: Parameters, key: string, name = key): number | undefined {
  const value = valueIn(parameters, key)
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new ShapeFault(`${name} is invalid`)
}

export function listIn(parameters: Parameters, key: string, name = key): readonly unknown[] | undefined {
  const value = valueIn(parameters, key)
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return value
  throw new ShapeFault(`${name} is invalid`)
}

export function recordOf(value: unknown, name: string): Parameters {
  if (isRecord(value)) return value
  throw new ShapeFault(`${name} is invalid`)
}

export function choiceIn<const Choice extends string>(
  parameters: Parameters,
  key: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = valueIn(parameters, key)
  if (value === undefined || value === null) return undefined
  const choice = choices.find((one) => one === value)
  if (choice === undefined) throw new ShapeFault(`${key} does not have a valid value`)
  return choice
}

/** Of the parameters alone: `constructor` is no parameter of a request that does not have it. */
function valueIn(parameters: Parameters, key: string): unknown {
  return Object.hasOwn(parameters, key) ? parameters[key] : undefined
}

/** Postgres stores no NUL, and no half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}
