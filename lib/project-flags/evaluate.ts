// What SDKs answer about the flags of a project for one user: as they decide it from what they are sent, in both families. Pure.
import { isInScope } from './environment-scope.js'
import type { ProjectFlag, Strategy, UserList } from './project-flag.js'
import type { ProjectContent } from './project.js'
import { strategies } from './strategies/strategies.js'
import type { Context, SdkFamily } from './strategies/strategy.js'

/**
 * Why an SDK answers so. `no_environment`: without an environment it is sent no flags. `absent`: no strategy of the flag is for the
 * environment, so the SDK does not know the flag and answers with the fallback of the call. `inactive`: the flag is switched off.
 * `matched`: a strategy lets the user in. `by_chance`: each check decides anew. `not_matched`: no strategy lets the user in.
 */
export type Reason = 'no_environment' | 'absent' | 'inactive' | 'matched' | 'by_chance' | 'not_matched'

export interface Answer {
  /** Null: each check decides by chance, at the percentage `chance`. */
  readonly enabled: boolean | null
  /** From 0 to 100; null unless chance decides. */
  readonly chance: number | null
  readonly reason: Reason
  /** The strategy that decided, as it is stored; null if none did. */
  readonly strategy: Strategy | null
}

export interface FlagEvaluation {
  /** The name of the flag. */
  readonly flag: string
  /** What the Node SDK and the proxy made of it answer. */
  readonly node: Answer
  /** What the SDKs of all other languages answer. */
  readonly others: Answer
  /** Whether all SDKs answer the same. */
  readonly agree: boolean
}

/** The answers about every flag of the content, in its order. */
export function evaluateFlags(
  content: Pick<ProjectContent, 'flags' | 'lists'>,
  environment: string,
  context: Context,
): readonly FlagEvaluation[] {
  return content.flags.map((flag) => evaluateFlag(flag, content.lists, environment, context))
}

/**
 * The answers about one flag. An example: `evaluateFlag(flag, content.lists, 'production', { userId: '7' }).node.enabled`.
 * The lists are those of its project.
 */
export function evaluateFlag(
  flag: ProjectFlag,
  lists: readonly UserList[],
  environment: string,
  context: Context,
): FlagEvaluation {
  const asked = { environment, ...context }
  const [node, others] = [
    answer(flag, lists, environment, asked, 'node'),
    answer(flag, lists, environment, asked, 'others'),
  ]
  return { flag: flag.name, node, others, agree: node.enabled === others.enabled && node.chance === others.chance }
}

/** The reason in words, for people. */
export function explainAnswer({ reason, chance, strategy }: Answer, flag: string, environment: string): string {
  switch (reason) {
    case 'no_environment':
      return 'without an environment an SDK is sent no flags'
    case 'absent':
      return `no strategy of "${flag}" is for "${environment}": an SDK does not know it there, and answers with the fallback of the call, false by default`
    case 'inactive':
      return `"${flag}" is switched off`
    case 'matched':
      return `the strategy ${strategy?.id} (${strategy?.name}) lets the user in`
    case 'by_chance':
      return `each check decides by chance, at ${chance} %`
    case 'not_matched':
      return `no strategy of "${flag}" for "${environment}" lets the user in`
  }
}

function answer(
  flag: ProjectFlag,
  lists: readonly UserList[],
  environment: string,
  context: Context,
  family: SdkFamily,
): Answer {
  if (environment === '') return closed('no_environment')
  const matching = flag.strategies.filter(({ scopes }) =>
    scopes.some(({ environmentScope }) => isInScope(environmentScope, environment)),
  )
  if (matching.length === 0) return closed('absent')
  if (!flag.active) return closed('inactive')
  return decide(flag, matching, lists, context, family)
}

/** The first strategy that lets the user in decides; otherwise those that go by chance, each for itself. */
function decide(
  flag: ProjectFlag,
  matching: readonly Strategy[],
  lists: readonly UserList[],
  context: Context,
  family: SdkFamily,
): Answer {
  let outside = 1
  let byChance: Strategy | null = null
  for (const strategy of matching) {
    const { name, parameters } = asSent(strategy, lists)
    const verdict = strategies[name].decide({ flag: flag.name, parameters, context, family })
    if (verdict === true) return { enabled: true, chance: null, reason: 'matched', strategy }
    if (verdict === false) continue
    byChance ??= strategy
    outside *= 1 - verdict.randomPercent / 100
  }
  if (byChance === null) return closed('not_matched')
  const chance = Math.round((1 - outside) * 10_000) / 100
  return { enabled: null, chance, reason: 'by_chance', strategy: byChance }
}

/** SDKs do not know lists of users: they are sent the ids. */
function asSent({ name, parameters, userListId }: Strategy, lists: readonly UserList[]) {
  if (name !== 'gitlabUserList') return { name, parameters }
  const userIds = lists.find(({ id }) => id === userListId)?.userXids ?? ''
  return { name: 'userWithId', parameters: { userIds } } as const
}

function closed(reason: Reason): Answer {
  return { enabled: false, chance: null, reason, strategy: null }
}
