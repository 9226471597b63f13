// The parameters of a project's flag or list, as GitLab's API takes them: JSON or a form, `parameters` also as a text of JSON.
import type { FlagInput, ScopeInput, StrategyInput } from '../../project-flags/changes/flag-changes.js'
import type { ListInput } from '../../project-flags/changes/list-changes.js'
import { booleanIn, integerIn, listIn, type Parameters, recordOf, textIn } from './parameters.js'
import { ShapeFault } from './shape-fault.js'

/** For POST: `name` must be there, and each strategy needs a name. Throws ShapeFault. */
export function readNewFlag(parameters: Parameters): FlagInput {
  const input = readFlagChange(parameters)
  if (input.name === undefined) throw new ShapeFault('name is missing')
  if (input.strategies?.some(({ name }) => name === undefined)) throw new ShapeFault('strategies[name] is missing')
  // What a new flag has is new too: GitLab reads no ids and no removals here.
  return { ...input, ...(input.strategies === undefined ? {} : { strategies: input.strategies.map(asNew) }) }
}

/** For PUT: each field may be left out. JSON's null counts as absent, but for a description, which it clears. Throws ShapeFault. */
export function readFlagChange(parameters: Parameters): FlagInput {
  return {
    name: textIn(parameters, 'name'),
    description: parameters['description'] === null ? null : textIn(parameters, 'description'),
    active: booleanIn(parameters, 'active'),
    strategies: listIn(parameters, 'strategies')?.map(readStrategy),
  }
}

/** For POST: both fields must be there, `user_xids` maybe as an empty text. Throws ShapeFault. */
export function readNewList(parameters: Parameters): ListInput {
  const input = readListChange(parameters)
  const missing = [input.name === undefined ? 'name' : [], input.userXids === undefined ? 'user_xids' : []].flat()
  if (missing.length === 0) return input
  throw new ShapeFault(missing.map((name) => `${name} is missing`).join(', '))
}

/** For PUT. Throws ShapeFault. */
export function readListChange(parameters: Parameters): ListInput {
  return { name: textIn(parameters, 'name'), userXids: textIn(parameters, 'user_xids') }
}

function asNew({ name, parameters, userListId, scopes = [] }: StrategyInput): StrategyInput {
  return { name, parameters, userListId, scopes: scopes.map(({ environmentScope }) => ({ environmentScope })) }
}

function readStrategy(value: unknown): StrategyInput {
  const given = recordOf(value, 'strategies')
  return {
    id: integerIn(given, 'id', 'strategies[id]'),
    name: textIn(given, 'name', 'strategies[name]'),
    parameters: readStrategyParameters(given['parameters']),
    userListId: given['user_list_id'] === null ? null : integerIn(given, 'user_list_id', 'strategies[user_list_id]'),
    scopes: listIn(given, 'scopes', 'strategies[scopes]')?.map(readScope),
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
  } catch (error) {
    throw new ShapeFault('strategies[parameters] is invalid', error)
  }
}
