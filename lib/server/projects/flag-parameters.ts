// The parameters of a project's flag, as GitLab's API takes them: JSON or a form, `parameters` also as a text of JSON.
import type { FlagInput, ScopeInput, StrategyInput } from '../../project-flags/flag-changes.js'
import { isRecord } from '../../text/json.js'
import { ShapeFault } from './shape-fault.js'

/** For POST: `name` must be there, and each strategy needs a name. Throws ShapeFault. */
export function readNewFlag(body: unknown): FlagInput {
  const parameters = toParameters(body)
  if (parameters['name'] === undefined) throw new ShapeFault('name is missing')
  const input = readFlagInput(parameters)
  if (input.strategies?.some(({ name }) => name === undefined)) throw new ShapeFault('strategies[name] is missing')
  return input
}

/** For PUT: each field may be left out. Throws ShapeFault. */
export function readFlagChange(body: unknown): FlagInput {
  return readFlagInput(toParameters(body))
}

/** The version of the flag that a request names; undefined for none. */
export function versionOf(body: unknown): unknown {
  return isRecord(body) ? (body['version'] ?? undefined) : undefined
}

function toParameters(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {}
  if (isRecord(body)) return body
  throw new ShapeFault('the body is not an object')
}

/** JSON's null counts as absent, but for a description, which it clears. */
function readFlagInput(parameters: Record<string, unknown>): FlagInput {
  const { description } = parameters
  return {
    name: textIn(parameters, 'name'),
    description: description === null ? null : textIn(parameters, 'description'),
    active: booleanIn(parameters, 'active', 'active'),
    strategies: listIn(parameters, 'strategies', 'strategies')?.map(readStrategy),
  }
}

function readStrategy(value: unknown): StrategyInput {
  const given = recordOf(value, 'strategies')
  const scopes = listIn(given, 'scopes', 'strategies[scopes]')?.map(readScope)
  return {
    id: integerIn(given, 'id', 'strategies[id]'),
    name: textIn(given, 'name', 'strategies[name]'),
    parameters: readStrategyParameters(given['parameters']),
    userListId: given['user_list_id'] === null ? null : integerIn(given, 'user_list_id', 'strategies[user_list_id]'),
    scopes,
    remove: booleanIn(given, '_destroy', 'strategies[_destroy]'),
  }
}

function readScope(value: unknown): ScopeInput {
  const given = recordOf(value, 'strategies[scopes]')
  return {
    id: integerIn(given, 'id', 'strategies[scopes][id]'),
    environmentScope: textIn(given, 'environment_scope', 'strategies[scopes][environment_scope]'),
    remove: booleanIn(given, '_destroy', 'strategies[scopes][_destroy]'),
  }
}

/** The rules for what stands in it belong to the strategy. */
function readStrategyParameters(value: unknown): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    throw new ShapeFault('strategies[parameters] is invalid')
  }
}

function textIn(parameters: Record<string, unknown>, key: string, name = key): string | undefined {
  const value = parameters[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && !value.includes('\u0000')) return value
  // As Grape does: a number or a boolean becomes its text.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ShapeFault(`${name} is invalid`)
}

function booleanIn(parameters: Record<string, unknown>, key: string, name: string): boolean | undefined {
  const value = parameters[key]
  if (value === undefined || value === null) return undefined
  if (value === true || value === 'true' || value === '1' || value === 1) return true
  if (value === false || value === 'false' || value === '0' || value === 0) return false
  throw new ShapeFault(`${name} is invalid`)
}

function integerIn(parameters: Record<string, unknown>, key: string, name: string): number | undefined {
  const value = parameters[key]
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new ShapeFault(`${name} is invalid`)
}

function listIn(parameters: Record<string, unknown>, key: string, name: string): readonly unknown[] | undefined {
  const value = parameters[key]
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return value
  throw new ShapeFault(`${name} is invalid`)
}

function recordOf(value: unknown, name: string): Record<string, unknown> {
  if (isRecord(value)) return value
  throw new ShapeFault(`${name} is invalid`)
}
