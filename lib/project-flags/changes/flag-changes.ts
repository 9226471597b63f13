// What a request to make or to change a flag means: the new row, or GitLab's sentences about what is wrong. Pure: the store reads
// what is there under the project's lock, asks here, and writes the result.
import { FeatureError } from '../../errors.js'
import { isRecord } from '../../text/json.js'
import { scopeFault } from '../environment-scope.js'
import { isParameters, type ProjectFlag, type Scope, type Strategy, type UserList } from '../project-flag.js'
import type { ProjectContent } from '../project.js'
import { MissingList, refuseIfAny } from '../refusal.js'
import { isStrategyName, strategies } from '../strategies/strategies.js'

/** Undefined where the request does not name the field. */
export interface FlagInput {
  readonly name?: string | undefined
  readonly description?: string | null | undefined
  readonly active?: boolean | undefined
  readonly strategies?: readonly StrategyInput[] | undefined
}

export interface StrategyInput {
  /** That of a strategy that is there: it is changed. Without it a strategy is added. */
  readonly id?: number | undefined
  readonly name?: string | undefined
  /** As it was given: whatever is not text to text is refused. */
  readonly parameters?: unknown
  readonly userListId?: number | null | undefined
  readonly scopes?: readonly ScopeInput[] | undefined
  readonly remove?: boolean | undefined
}

export interface ScopeInput {
  readonly id?: number | undefined
  readonly environmentScope?: string | undefined
  readonly remove?: boolean | undefined
}

/** What the rules need to know of the project. */
export interface Around {
  /** The user lists of the project that the request may name, by id. */
  readonly lists: ReadonlyMap<number, UserList>
  /** Whether another flag of the project has the name. */
  readonly isTaken: (name: string) => boolean
  /** The next id for a strategy or a scope. */
  readonly nextId: () => number
}

/** What they need to know, of the content of a project. */
export function around({ flags, lists }: Pick<ProjectContent, 'flags' | 'lists'>, nextId: () => number): Around {
  return {
    lists: new Map(lists.map((list) => [list.id, list])),
    isTaken: (name) => flags.some((flag) => flag.name === name),
    nextId,
  }
}

export type FlagContent = Pick<ProjectFlag, 'name' | 'description' | 'active' | 'strategies'>

/** What of a flag a change can change. */
export function contentOf({ name, description, active, strategies }: ProjectFlag): FlagContent {
  return { name, description, active, strategies }
}

const [shortestName, longestName, longestDescription] = [2, 63, 255]
const nameFormat =
  "Name can contain only lowercase letters, digits, '_' and '-'. Must start with a letter, and cannot end with '-' or '_'"

/** The number of ids that a request can need. */
export function idsNeeded({ strategies: given = [] }: FlagInput): number {
  return given.reduce((sum, { scopes = [] }) => sum + 1 + scopes.length, 0)
}

/** A new flag. Throws InvalidProjectFlag. */
export function newFlag(input: FlagInput, around: Around): FlagContent {
  const { name = '', description = null, active = true, strategies: given = [] } = input
  const made = given.filter(({ remove }) => remove !== true).map((strategy) => newStrategy(strategy, around))
  return checked({ name, description, active, strategies: made }, around)
}

/**
 * The flag with the fields that the request names; strategies and scopes that it does not name stay. Throws InvalidProjectFlag,
 * and FeatureError (`not_found`) for the id of a strategy or scope that the flag does not have, and of a list outside the project.
 */
export function changedFlag(before: FlagContent, input: FlagInput, around: Around): FlagContent {
  const { name = before.name, description = before.description, active = before.active } = input
  assertLists(input, around)
  const merged = mergeById(before.strategies, input.strategies ?? [], 'strategy', {
    add: (given) => newStrategy(given, around),
    change: (strategy, given) => changedStrategy(strategy, given, around),
  })
  return checked({ name, description, active, strategies: merged }, around, before.name)
}

/** Of a change GitLab looks the list up; of a new flag its rule speaks of it. */
function assertLists({ strategies: given = [] }: FlagInput, { lists }: Around): void {
  for (const { userListId } of given) {
    if (userListId !== undefined && userListId !== null && !lists.has(userListId)) throw new MissingList(userListId)
  }
}

function checked(flag: DraftFlag, { lists, isTaken }: Around, nameBefore?: string): FlagContent {
  const { name, description } = flag
  const taken = name !== nameBefore && isTaken(name) ? ['Name has already been taken'] : []
  const tooLong =
    description !== null && [...description].length > longestDescription
      ? [`Description is too long (maximum is ${longestDescription} characters)`]
      : []
  const ofStrategies = flag.strategies.flatMap((strategy) => strategyFaults(strategy, lists))
  refuseIfAny([...nameFaults(name), ...taken, ...tooLong, ...ofStrategies.map((fault) => `Strategies ${fault}`)])
  return { ...flag, strategies: flag.strategies.map(storable) }
}

function nameFaults(name: string): string[] {
  if (name.trim() === '')
    return ["Name can't be blank", `Name is too short (minimum is ${shortestName} characters)`, nameFormat]
  const faults: string[] = []
  if (name.length < shortestName) faults.push(`Name is too short (minimum is ${shortestName} characters)`)
  if (name.length > longestName) faults.push(`Name is too long (maximum is ${longestName} characters)`)
  if (!/^[a-z](?:[-_a-z0-9]*[a-z0-9])?$/.test(name)) faults.push(nameFormat)
  return faults
}

/** A strategy before its rules were checked. */
interface DraftStrategy {
  readonly id: number
  readonly name: string
  readonly parameters: unknown
  readonly userListId: number | null
  readonly scopes: readonly Scope[]
}

interface DraftFlag extends Omit<FlagContent, 'strategies'> {
  readonly strategies: readonly DraftStrategy[]
}

function newStrategy(given: StrategyInput, { nextId }: Around): DraftStrategy {
  const { name = '', parameters = {}, userListId = null, scopes = [] } = given
  const made = scopes.filter(({ remove }) => remove !== true).map((scope) => newScope(scope, nextId))
  return { id: nextId(), name, parameters, userListId, scopes: made }
}

function changedStrategy(before: DraftStrategy, given: StrategyInput, { nextId }: Around): DraftStrategy {
  const { name = before.name, parameters = before.parameters } = given
  const scopes = mergeById(before.scopes, given.scopes ?? [], 'scope', {
    add: (scope) => newScope(scope, nextId),
    change: (scope, { environmentScope }) =>
      environmentScope === undefined ? scope : { ...scope, environmentScope: environmentScope.trim() },
  })
  // A strategy that no longer is a list's lets its list go.
  const kept = name === 'gitlabUserList' ? before.userListId : null
  return { ...before, name, parameters, userListId: given.userListId === undefined ? kept : given.userListId, scopes }
}

function newScope({ environmentScope = '' }: ScopeInput, nextId: () => number): Scope {
  return { id: nextId(), environmentScope: environmentScope.trim() }
}

/** GitLab's merge: no id adds, an id changes, an id to remove removes, and what is not named stays. */
function mergeById<
  Item extends { readonly id: number },
  Given extends { readonly id?: number | undefined; readonly remove?: boolean | undefined },
>(
  before: readonly Item[],
  given: readonly Given[],
  what: string,
  { add, change }: { add: (given: Given) => Item; change: (item: Item, given: Given) => Item },
): readonly Item[] {
  const merged = new Map(before.map((item) => [item.id, item]))
  const added: Item[] = []
  for (const one of given) {
    if (one.id === undefined) {
      if (one.remove !== true) added.push(add(one))
      continue
    }
    const item = merged.get(one.id)
    if (item === undefined) {
      const problem = `the flag has no ${what} with the id ${one.id}`
      throw new FeatureError('not_found', {
        problem,
        remedy: 'read the flag again; another change may have removed it',
      })
    }
    if (one.remove === true) merged.delete(one.id)
    else merged.set(one.id, change(item, one))
  }
  return [...merged.values(), ...added]
}

/** Sentences without the word for the strategy in front. */
function strategyFaults(strategy: DraftStrategy, lists: ReadonlyMap<number, UserList>): string[] {
  const { name, parameters, userListId, scopes } = strategy
  const ofScopes = scopes.flatMap(({ environmentScope }) => scopeFault(environmentScope) ?? [])
  const seen = new Set(scopes.map(({ environmentScope }) => environmentScope))
  const doubled = seen.size < scopes.length ? ['environment scope has already been taken'] : []
  const faults = [...ofScopes, ...doubled].map((fault) => `scopes ${fault}`)
  if (!isStrategyName(name)) return ['name strategy name is invalid', ...faults]
  return [...parameterFaults(name, parameters), ...listFaults(name, userListId, lists), ...faults]
}

function parameterFaults(name: Strategy['name'], parameters: unknown): string[] {
  const kind = strategies[name]
  if (!isRecord(parameters) || !hasExactly(parameters, kind.parameters)) return ['parameters parameters are invalid']
  return kind.faults(parameters).map((fault) => `parameters ${fault}`)
}

function listFaults(name: Strategy['name'], id: number | null, lists: ReadonlyMap<number, UserList>): string[] {
  if (name !== 'gitlabUserList') return id === null ? [] : ['user list must be blank']
  if (id === null) return ["user list can't be blank"]
  return lists.has(id) ? [] : ['user list must belong to the same project']
}

function hasExactly(parameters: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return Object.keys(parameters).length === names.length && names.every((name) => Object.hasOwn(parameters, name))
}

/** After the rules: a known name, and text to text. */
function storable({ name, parameters, ...rest }: DraftStrategy): Strategy {
  if (!isStrategyName(name) || !isParameters(parameters))
    throw new TypeError('a strategy passed its rules and cannot be stored')
  return { ...rest, name, parameters }
}
