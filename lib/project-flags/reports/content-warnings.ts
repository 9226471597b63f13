// What flags of a project hold that is probably not meant. Pure.
import { quoted } from '../../text/printable.js'
import type { ProjectFlag, Strategy } from '../project-flag.js'
import type { ProjectContent } from '../project.js'
import type { Warning } from './warning.js'

/** Names and ids that are shown in a warning. */
const mostNamed = 10

export function contentWarnings({ flags, lists }: ProjectContent): readonly Warning[] {
  const active = flags.filter((flag) => flag.active)
  return [
    ...active.filter(appliesNowhere).map(withoutStrategies),
    ...differingIds(active, new Map(lists.map((list) => [list.id, list.userXids]))),
    ...sharedGroups(active),
  ]
}

/** SDKs are not told of such a flag, and take the default of the code. */
function appliesNowhere({ strategies }: ProjectFlag): boolean {
  return strategies.every(({ scopes }) => scopes.length === 0)
}

function withoutStrategies({ name, strategies }: ProjectFlag): Warning {
  const lacks = strategies.length === 0 ? 'has no strategy' : 'has no strategy with an environment'
  return {
    kind: 'active_without_strategies',
    problem: `the flag ${quoted(name)} is active and ${lacks}, so it is on for no user`,
    remedy: 'give it a strategy for an environment, or switch it off',
    flags: [name],
  }
}

/**
 * Ids outside ASCII: SDKs for Node hash them in another way than all others, so they put them into another share. Blanks around an id,
 * which only a write past the API can bring: some SDKs cut them off.
 */
function differingIds(flags: readonly ProjectFlag[], users: ReadonlyMap<number, string>): readonly Warning[] {
  const listed = flags.map((flag) => ({ flag, ids: flag.strategies.flatMap((strategy) => idsOf(strategy, users)) }))
  const foreign = new Set(listed.flatMap(({ ids }) => ids.filter((id) => !isAscii(id))))
  const byUser = flags.filter(({ strategies }) => strategies.some(sharesByUser)).map(({ name }) => name)
  const hashed: readonly Warning[] =
    foreign.size === 0 || byUser.length === 0
      ? []
      : [
          {
            kind: 'ids_differ',
            problem: `ids of users outside ASCII (${named(foreign)}) are in other shares for Node SDKs than for all others`,
            remedy: 'use ids of ASCII, or only SDKs of one kind with these flags',
            flags: byUser,
          },
        ]
  const blank = listed.flatMap(({ flag, ids }): Warning[] => {
    const padded = new Set(ids.filter((id) => id !== id.trim()))
    if (padded.size === 0) return []
    return [
      {
        kind: 'ids_differ',
        problem: `the flag ${quoted(flag.name)} names ids with blanks around them (${named(padded)}), which only some SDKs cut off`,
        remedy: 'write the ids without blanks',
        flags: [flag.name],
      },
    ]
  })
  return [...hashed, ...blank]
}

function idsOf({ name, parameters, userListId }: Strategy, users: ReadonlyMap<number, string>): readonly string[] {
  if (name === 'userWithId') return (parameters['userIds'] ?? '').split(',')
  if (name === 'gitlabUserList') return (users.get(userListId ?? 0) ?? '').split(',')
  return []
}

function sharesByUser({ name, parameters }: Strategy): boolean {
  if (name === 'gradualRolloutUserId') return true
  return name === 'flexibleRollout' && ['default', 'userId'].includes(parameters['stickiness'] ?? '')
}

/** Flags with one `groupId` pick the same users: ten percent of each are the same people. */
function sharedGroups(flags: readonly ProjectFlag[]): readonly Warning[] {
  const byGroup = new Map<string, Set<string>>()
  for (const { name, strategies } of flags) {
    for (const { parameters } of strategies.filter(isShare)) {
      const group = parameters['groupId'] ?? ''
      byGroup.set(group, (byGroup.get(group) ?? new Set()).add(name))
    }
  }
  return [...byGroup]
    .filter(([, names]) => names.size > 1)
    .map(([group, names]) => ({
      kind: 'shared_group_id',
      problem: `the flags ${named(names)} have the groupId ${quoted(group)}, so their shares are the same users`,
      remedy:
        'if that is not meant, give each flag a groupId of its own before its share begins: a new one picks other users',
      flags: [...names],
    }))
}

/** Of 0 and of 100 percent, which pick none and all. */
function isShare({ name, parameters }: Strategy): boolean {
  const percent = { gradualRolloutUserId: parameters['percentage'], flexibleRollout: parameters['rollout'] }
  if (name !== 'gradualRolloutUserId' && name !== 'flexibleRollout') return false
  return !['0', '100'].includes(percent[name] ?? '')
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}

function named(names: ReadonlySet<string>): string {
  const shown = [...names].slice(0, mostNamed).map(quoted).join(', ')
  return names.size > mostNamed ? `${shown} and ${names.size - mostNamed} more` : shown
}
