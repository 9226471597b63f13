// What a person should know of a flag before a change of it counts: it may be stored, and does not do what its maker expects. Pure.
import { largestAnswer } from '../answer-size.js'
import type { ProjectFlag, Strategy, UserList } from '../project-flag.js'
import type { ProjectContent } from '../project.js'
import { splitIds } from '../user-ids.js'

export type WarningCode =
  | 'no_strategies'
  | 'no_scopes'
  | 'shared_group'
  | 'no_percentage'
  | 'empty_id'
  | 'users_lost'
  | 'removed'
  | 'large_answer'

export interface Warning {
  readonly code: WarningCode
  /** One sentence. */
  readonly message: string
}

/** A flag before and after a change; null where it is not there. `content` is that after it. */
export interface FlagChange {
  readonly before: ProjectFlag | null
  readonly after: ProjectFlag | null
  readonly content: ProjectContent
}

const mostShown = 10
const largeBytes = 500_000

/** The warnings about a change, the gravest first; an empty list for none. */
export function changeWarnings({ before, after, content }: FlagChange): readonly Warning[] {
  if (after === null) {
    return before === null
      ? []
      : [{ code: 'removed', message: `SDKs answer with their fallback for "${before.name}" from then on` }]
  }
  const renamed = before !== null && before.name !== after.name ? [renaming(before.name, after.name)] : []
  return [...renamed, ...lost(before, after, content), ...flagWarnings(after, content), ...sizeWarnings(content)]
}

/** The warnings about a change of a list; `content` is that after it. */
export function listWarnings(before: UserList, after: UserList, content: ProjectContent): readonly Warning[] {
  const kept = new Set(splitIds(after.userXids))
  const gone = splitIds(before.userXids).filter((id) => !kept.has(id))
  const users = content.flags.filter(({ strategies }) => strategies.some(({ userListId }) => userListId === after.id))
  const names = shown(users.map(({ name }) => `"${name}"`))
  const message = `${names} ${users.length === 1 ? 'is' : 'are'} no longer on by this list for the ids ${shown(gone)}`
  const losses: Warning[] = gone.length === 0 || users.length === 0 ? [] : [{ code: 'users_lost', message }]
  return [...losses, ...sizeWarnings(content)]
}

/** A tenth of what is refused. */
function sizeWarnings(content: ProjectContent): Warning[] {
  const bytes = largestAnswer(content)
  if (bytes < largeBytes) return []
  const message = `the flags of an environment are about ${Math.round(bytes / 1_000)} kB: each SDK fetches all of it after every change`
  return [{ code: 'large_answer', message }]
}

/** The warnings about a flag as it is. */
export function flagWarnings(flag: ProjectFlag, content: ProjectContent): readonly Warning[] {
  const { name, active, strategies } = flag
  if (strategies.length === 0) {
    const message = `"${name}" has no strategies: it is on for no user, and SDKs answer with their fallback`
    return active ? [{ code: 'no_strategies', message }] : []
  }
  return [...strategies.flatMap((strategy) => strategyWarnings(strategy)), ...sharedGroups(flag, content.flags)]
}

function renaming(from: string, to: string): Warning {
  return {
    code: 'removed',
    message: `SDKs answer with their fallback for "${from}" from then on; "${to}" is another flag to them`,
  }
}

function strategyWarnings({ id, name, parameters, scopes }: Strategy): Warning[] {
  const what = `the strategy ${id > 0 ? `${id} ` : ''}(${name})`
  const warnings: Warning[] = []
  if (scopes.length === 0)
    warnings.push({ code: 'no_scopes', message: `${what} has no environment: it applies nowhere` })
  if (percentOf(name, parameters) === '0') {
    warnings.push({ code: 'no_percentage', message: `${what} is at 0 %: it lets no user in` })
  }
  if (name === 'userWithId' && /^,|,$/.test(parameters['userIds'] ?? '')) {
    const message = `${what} has an empty id: SDKs disagree whether a user without an id is meant`
    warnings.push({ code: 'empty_id', message })
  }
  return warnings
}

/** Flags with one group, stickiness and environment pick the same users. */
function sharedGroups(flag: ProjectFlag, flags: readonly ProjectFlag[]): Warning[] {
  return [...new Set(flag.strategies.flatMap((strategy) => groupOf(strategy) ?? []))].flatMap((group) => {
    const others = flags.filter(
      (other) => other.id !== flag.id && other.active && other.strategies.some((one) => groupOf(one) === group),
    )
    if (others.length === 0) return []
    const names = shown(others.map(({ name }) => `"${name}"`))
    const message = `the group "${group}" is also that of ${names}: at one percentage they pick the same users`
    return [{ code: 'shared_group', message } as const]
  })
}

/** The group of a share that is neither nobody's nor everybody's. */
function groupOf({ name, parameters }: Strategy): string | null {
  const percent = percentOf(name, parameters)
  if (percent === null || percent === '0' || percent === '100' || parameters['stickiness'] === 'random') return null
  return parameters['groupId'] ?? null
}

function percentOf(name: Strategy['name'], parameters: Strategy['parameters']): string | null {
  if (name === 'flexibleRollout') return parameters['rollout'] ?? null
  return name === 'gradualRolloutUserId' ? (parameters['percentage'] ?? null) : null
}

/** Ids that were named in an environment, and are no longer. */
function lost(before: ProjectFlag | null, after: ProjectFlag, { lists }: ProjectContent): Warning[] {
  if (before === null) return []
  const environments = new Set(before.strategies.flatMap(({ scopes }) => scopes.map((scope) => scope.environmentScope)))
  return [...environments].flatMap((environment) => {
    const now = namedIn(after, environment, lists)
    if (now === 'all') return []
    const was = namedIn(before, environment, lists)
    const gone = was === 'all' ? [] : [...was].filter((id) => !now.has(id))
    if (gone.length === 0) return []
    const message = `in "${environment}" the flag is no longer on for the ids ${shown(gone)}, unless a percentage lets them in`
    return [{ code: 'users_lost', message } as const]
  })
}

/** The ids that the strategies with exactly this scope or `*` name; `all` for a strategy of all users. */
function namedIn(flag: ProjectFlag, environment: string, lists: ProjectContent['lists']): ReadonlySet<string> | 'all' {
  const ids = new Set<string>()
  if (!flag.active) return ids
  for (const { name, parameters, userListId, scopes } of flag.strategies) {
    if (!scopes.some(({ environmentScope }) => environmentScope === environment || environmentScope === '*')) continue
    if (name === 'default') return 'all'
    const list = name === 'gitlabUserList' ? lists.find(({ id }) => id === userListId)?.userXids : parameters['userIds']
    for (const id of splitIds(list ?? '')) ids.add(id)
  }
  return ids
}

function shown(texts: readonly string[]): string {
  const more = texts.length - mostShown
  return texts.slice(0, mostShown).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
