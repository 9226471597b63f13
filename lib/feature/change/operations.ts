// The operations that change a flag: what the command `set`, GitLab's route, the route of changes and a preview have in common. Each
// becomes the planned steps of plan.ts, which are the only thing that is written.
import { parseActor } from '../../actors/actor-text.js'
import type { ActorClasses } from '../../actors/classes.js'
import { FeatureGroup } from '../../actors/groups.js'
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import { isRecord } from '../../text/json.js'
import {
  planDisable,
  planEnable,
  planNoPercentage,
  planOptOut,
  type PlannedStep,
  planPercentage,
  planRemove,
  planRemoveOptOut,
} from './plan.js'

/** A list of a flag: its actors, the actors that it is denied to, its groups. */
export type FlagList = 'actors' | 'never' | 'groups'

/** One operation on a flag. Several are applied in their order, in one transaction. */
export type FlagOperation =
  /** On for everybody; clears all other gates. */
  | { readonly op: 'enable' }
  /** Off for everybody; clears all gates. */
  | { readonly op: 'disable' }
  /** Deletes what is stored, so that the default counts again. */
  | { readonly op: 'delete' }
  /** A share of actors or of checks, 0 to 100 percent. */
  | { readonly op: 'percentage_of_actors' | 'percentage_of_time'; readonly value: number }
  /** Puts ids of actors, such as `User:7`, or names of groups on a list, or takes them off. */
  | { readonly op: 'add' | 'remove'; readonly list: FlagList; readonly ids: readonly string[] }

/** How many operations one change may have, and how many ids each. */
export const mostOperations = 50
export const mostIds = 10_000

interface PlanRules {
  /** Whether an opt-out that is to be taken back must be there, as in GitLab's API. Default: false. */
  readonly optOutMustExist?: boolean
}

/**
 * The steps of the operations; nothing is written here. Throws InvalidFeatureFlagError (`invalid_percentage`, `invalid_actor`) and
 * FeatureError (`invalid_name`) for a value that cannot be stored.
 */
export function planOperations(
  name: string,
  operations: readonly FlagOperation[],
  { optOutMustExist = false }: PlanRules = {},
): PlannedStep[] {
  const steps = operations.flatMap((operation) => planOperation(name, operation, optOutMustExist))
  // A step that does nothing where nothing is stored ends its transaction: the others must not end with it.
  return steps.length === 1
    ? steps
    : steps.map(({ onlyStored, ...step }) => (onlyStored ? { ...step, narrows: true } : step))
}

function planOperation(name: string, operation: FlagOperation, optOutMustExist: boolean): PlannedStep[] {
  switch (operation.op) {
    case 'enable':
      return planEnable(name, 'everybody')
    case 'disable':
      return planDisable(name, 'everybody')
    case 'delete':
      return planRemove(name)
    case 'percentage_of_actors':
    case 'percentage_of_time': {
      const of = operation.op === 'percentage_of_actors' ? 'actors' : 'time'
      return operation.value === 0 ? planNoPercentage(name, of) : planPercentage(name, of, operation.value)
    }
    case 'add':
      return operation.list === 'never'
        ? planOptOut(name, actorsOf(operation.ids))
        : planEnable(name, thingsOf(operation.list, operation.ids))
    case 'remove':
      return operation.list === 'never'
        ? planRemoveOptOut(name, actorsOf(operation.ids), { mustExist: optOutMustExist })
        : planDisable(name, thingsOf(operation.list, operation.ids))
  }
}

/** The operations with each actor as people write it read into its id (actor-text.ts). Throws as `parseActor`. */
export function withActorIds(operations: readonly FlagOperation[], classes: ActorClasses): readonly FlagOperation[] {
  return operations.map((operation) => {
    if (!('list' in operation) || operation.list === 'groups') return operation
    const ids = operation.ids.map((id) => parseActor(id, classes, operation.op === 'remove').flipperId)
    return { ...operation, ids }
  })
}

/** The operations of data from outside. Throws FeatureError (`invalid_arguments`) that names the first fault. */
export function parseOperations(data: unknown): readonly FlagOperation[] {
  if (!Array.isArray(data) || data.length === 0 || data.length > mostOperations) {
    const given = Array.isArray(data) ? `a list of ${data.length}` : quoted(data)
    throw invalid(`the operations are ${given}`, `give a list of 1 to ${mostOperations} operations`)
  }
  return data.map(parseOperation)
}

function parseOperation(data: unknown, index: number): FlagOperation {
  const where = `operations[${index}]`
  if (!isRecord(data)) throw invalid(`${where} is ${quoted(data)}`, 'give an object such as { "op": "enable" }')
  const { op } = data
  switch (op) {
    case 'enable':
    case 'disable':
    case 'delete':
      checkKeys(where, data, ['op'])
      return { op }
    case 'percentage_of_actors':
    case 'percentage_of_time': {
      checkKeys(where, data, ['op', 'value'])
      const { value } = data
      if (typeof value === 'number' && value >= 0 && value <= 100) return { op, value }
      throw invalid(`${where}: the value is ${quoted(value)}`, 'give a number from 0 to 100')
    }
    case 'add':
    case 'remove':
      checkKeys(where, data, ['op', 'list', 'ids'])
      return { op, list: parseList(where, data['list']), ids: parseIds(where, data['ids']) }
    default:
      throw invalid(
        `${where}: the op is ${quoted(op)}`,
        'give enable, disable, delete, percentage_of_actors, percentage_of_time, add or remove',
      )
  }
}

/** A key that is misspelt would otherwise do nothing, and say nothing. */
function checkKeys(where: string, data: Readonly<Record<string, unknown>>, keys: readonly string[]): void {
  const unknown = Object.keys(data).find((key) => !keys.includes(key))
  if (unknown !== undefined) throw invalid(`${where} has no key ${quoted(unknown)}`, `its keys are ${keys.join(', ')}`)
}

function parseList(where: string, list: unknown): FlagList {
  if (list === 'actors' || list === 'never' || list === 'groups') return list
  throw invalid(`${where}: the list is ${quoted(list)}`, 'give actors, never or groups')
}

function parseIds(where: string, ids: unknown): readonly string[] {
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > mostIds) {
    const given = Array.isArray(ids) ? `a list of ${ids.length}` : quoted(ids)
    throw invalid(`${where}: the ids are ${given}`, `give a list of 1 to ${mostIds} texts`)
  }
  return ids.map((id: unknown) => {
    if (typeof id === 'string' && id !== '') return id
    throw invalid(`${where}: the id is ${quoted(id)}`, 'give a text such as "User:7", or the name of a group')
  })
}

function thingsOf(list: 'actors' | 'groups', ids: readonly string[]) {
  return list === 'actors' ? actorsOf(ids) : ids.map((id) => new FeatureGroup(id))
}

function actorsOf(ids: readonly string[]): readonly { readonly flipperId: string }[] {
  return ids.map((flipperId) => ({ flipperId }))
}

function invalid(problem: string, remedy: string): FeatureError {
  return new FeatureError('invalid_arguments', { problem, remedy })
}
