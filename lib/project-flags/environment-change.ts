// What `set … --env E` means: one environment of a flag gets another strategy, and all others stay as they are. Pure.
import { isInScope } from './environment-scope.js'
import type { FlagInput, StrategyInput } from './flag-changes.js'
import type { ProjectFlag, Strategy } from './project-flag.js'

/** Whom an environment gets. */
export type Wanted =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'percent'; readonly percent: string; readonly by: 'default' | 'userId' | 'sessionId' | 'random' }
  | { readonly kind: 'users'; readonly ids: string }

const longestGroup = 32

/**
 * The input that gives `environment` one strategy. Strategies of other environments stay; one that is for several loses this
 * one. A percentage that is there already keeps its group: the users whom it let in stay in when it is raised.
 */
export function environmentChange(flag: ProjectFlag, environment: string, wanted: Wanted): FlagInput {
  const own = flag.strategies.filter(({ scopes }) => scopes.some((scope) => scope.environmentScope === environment))
  const kept = own.find((strategy) => isAlone(strategy) && mayStay(strategy, wanted))
  const strategies: StrategyInput[] = own
    .filter((strategy) => strategy !== kept)
    .map((strategy) => without(strategy, environment))
  if (wanted.kind !== 'none') strategies.push(strategyFor(flag, environment, wanted, kept))
  return { strategies }
}

/** The strategies that apply in an environment, also those of wider scopes: what an SDK there is told. */
export function strategiesIn({ strategies }: ProjectFlag, environment: string): readonly Strategy[] {
  return strategies.filter(({ scopes }) => scopes.some((scope) => isInScope(scope.environmentScope, environment)))
}

/** A group made from the name, so that two flags at one percentage do not pick the same users. */
export function groupOf(name: string): string {
  return name.replace(/[^a-z]/g, '').slice(0, longestGroup) || 'default'
}

function isAlone({ scopes }: Strategy): boolean {
  return scopes.length === 1
}

function mayStay({ name }: Strategy, { kind }: Wanted): boolean {
  return kind === 'percent' && name === 'flexibleRollout'
}

function without(strategy: Strategy, environment: string): StrategyInput {
  if (isAlone(strategy)) return { id: strategy.id, remove: true }
  const scopes = strategy.scopes.filter((scope) => scope.environmentScope === environment)
  return { id: strategy.id, scopes: scopes.map(({ id }) => ({ id, remove: true })) }
}

function strategyFor(
  flag: ProjectFlag,
  environment: string,
  wanted: Exclude<Wanted, { kind: 'none' }>,
  kept: Strategy | undefined,
): StrategyInput {
  const scopes = [{ environmentScope: environment }]
  switch (wanted.kind) {
    case 'all':
      return { name: 'default', parameters: {}, scopes }
    case 'users':
      return { name: 'userWithId', parameters: { userIds: wanted.ids }, scopes }
    case 'percent': {
      const groupId = kept?.parameters['groupId'] ?? groupOf(flag.name)
      const parameters = { groupId, rollout: wanted.percent, stickiness: wanted.by }
      return kept === undefined ? { name: 'flexibleRollout', parameters, scopes } : { id: kept.id, parameters }
    }
  }
}
