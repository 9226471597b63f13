// What `set … --env E` means: one environment of a flag gets another strategy, and all others stay as they are. Pure.
import { isInScope } from '../environment-scope.js'
import type { FlagInput, StrategyInput } from './flag-changes.js'
import { murmur3 } from '../murmur3.js'
import type { Parameters, ProjectFlag, Strategy, StrategyName } from '../project-flag.js'

/** What a share of users goes by; `default` is the user's id, without one the session's, without both chance. */
export type Stickiness = 'default' | 'userId' | 'sessionId' | 'random'

/** Whom an environment gets. */
export type Wanted =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  /** Without `by` a share that is there goes on by what it goes by now. */
  | { readonly kind: 'percent'; readonly percent: string; readonly by?: Stickiness | undefined }
  | { readonly kind: 'percentOfUsers'; readonly percent: string }
  | { readonly kind: 'users'; readonly ids: string }
  | { readonly kind: 'list'; readonly listId: number }

/** What of a flag a change of an environment needs to know; a new flag has no strategies. */
export type FlagToChange = Pick<ProjectFlag, 'name' | 'strategies'>

const longestGroup = 32

/**
 * The input that gives `environment` one strategy. Strategies of other environments stay; one that is for several loses this
 * one. A percentage that is there already hands its group on: the users whom it let in stay in when it is raised. `others` are the
 * other flags of the project, whose groups a new share does not get.
 */
export function environmentChange(
  flag: FlagToChange,
  environment: string,
  wanted: Wanted,
  others: readonly FlagToChange[] = [],
): FlagInput {
  const own = flag.strategies.filter(({ scopes }) => scopes.some((scope) => scope.environmentScope === environment))
  const [kept] = wanted.kind === 'none' ? [] : largestFirst(own.filter((one) => isAlone(one) && isOf(one, wanted)))
  const strategies: StrategyInput[] = own
    .filter((strategy) => strategy !== kept)
    .map((strategy) => without(strategy, environment))
  if (wanted.kind === 'none') return { strategies }
  // That of the environment itself goes before that of a wider scope.
  const shares = [own, strategiesIn(flag, environment)].flatMap((some) => largestFirst(some.filter(isShare)))
  const next = contentFor(wanted, shares[0]?.parameters, () => groupOf(flag.name, groupsOf(others)))
  if (kept === undefined) strategies.push({ ...next, scopes: [{ environmentScope: environment }] })
  else strategies.push({ ...next, name: kept.name, id: kept.id })
  return { strategies }
}

/** The strategies that apply in an environment, also those of wider scopes: what an SDK there is told. */
export function strategiesIn({ strategies }: FlagToChange, environment: string): readonly Strategy[] {
  return strategies.filter(({ scopes }) => scopes.some((scope) => isInScope(scope.environmentScope, environment)))
}

/**
 * A group made from the name, so that two flags at one percentage do not pick the same users: its letters, and where those are not the whole
 * name, or another flag has them, letters of its hash behind them.
 */
export function groupOf(name: string, taken: ReadonlySet<string> = new Set()): string {
  const letters = name.replace(/[^a-z]/g, '')
  const isWhole = /^[a-z_]+$/.test(name) && letters !== '' && letters.length <= longestGroup
  if (isWhole && !taken.has(letters)) return letters
  const hash = [1, 2].map((seed) => lettersOf(murmur3(name, 'utf8', seed))).join('')
  return letters.slice(0, longestGroup - hash.length) + hash
}

/** Four letters. */
function lettersOf(number: number): string {
  return [26 ** 3, 26 ** 2, 26, 1].map((place) => String.fromCharCode(97 + (Math.floor(number / place) % 26))).join('')
}

function groupsOf(flags: readonly FlagToChange[]): ReadonlySet<string> {
  return new Set(flags.flatMap(({ strategies }) => strategies.flatMap(({ parameters }) => parameters['groupId'] ?? [])))
}

const names: Readonly<Record<Exclude<Wanted['kind'], 'none'>, StrategyName>> = {
  all: 'default',
  percent: 'flexibleRollout',
  percentOfUsers: 'gradualRolloutUserId',
  users: 'userWithId',
  list: 'gitlabUserList',
}

function isOf({ name }: Strategy, { kind }: Exclude<Wanted, { kind: 'none' }>): boolean {
  return name === names[kind]
}

function isAlone({ scopes }: Strategy): boolean {
  return scopes.length === 1
}

function without(strategy: Strategy, environment: string): StrategyInput {
  if (isAlone(strategy)) return { id: strategy.id, remove: true }
  const scopes = strategy.scopes.filter((scope) => scope.environmentScope === environment)
  return { id: strategy.id, scopes: scopes.map(({ id }) => ({ id, remove: true })) }
}

function contentFor(
  wanted: Exclude<Wanted, { kind: 'none' }>,
  share: Parameters | undefined,
  newGroup: () => string,
): Pick<StrategyInput, 'name' | 'parameters' | 'userListId'> {
  const name = names[wanted.kind]
  switch (wanted.kind) {
    case 'all':
      return { name, parameters: {} }
    case 'users':
      return { name, parameters: { userIds: wanted.ids } }
    case 'list':
      return { name, parameters: {}, userListId: wanted.listId }
    case 'percent':
    case 'percentOfUsers':
      return { name, parameters: shareParameters(wanted, share, share?.['groupId'] ?? newGroup()) }
  }
}

function shareParameters(
  wanted: Extract<Wanted, { kind: 'percent' | 'percentOfUsers' }>,
  before: Parameters | undefined,
  groupId: string,
): Parameters {
  if (wanted.kind === 'percentOfUsers') return { groupId, percentage: wanted.percent }
  // A percent of users goes by the user's id, and says so nowhere.
  const now = before === undefined ? 'default' : (before['stickiness'] ?? 'userId')
  return { groupId, rollout: wanted.percent, stickiness: wanted.by ?? now }
}

function isShare({ name }: Strategy): boolean {
  return name === 'flexibleRollout' || name === 'gradualRolloutUserId'
}

function largestFirst(strategies: readonly Strategy[]): readonly Strategy[] {
  return [...strategies].sort((a, b) => percentOf(b) - percentOf(a))
}

function percentOf({ parameters }: Strategy): number {
  return Number(parameters['rollout'] ?? parameters['percentage'] ?? 0)
}
