// Projects and their flags as GitLab's API shows them (API::Entities::FeatureFlag).
import { type Answer, explainAnswer, type FlagEvaluation } from '../../project-flags/evaluate.js'
import type { ProjectFlag, Strategy, UserList } from '../../project-flags/project-flag.js'
import type { HistoryEntry, InstanceId, Project, ProjectContent } from '../../project-flags/project.js'
import type { FlagOf } from '../../project-flags/project-flags.js'

export function toProjectEntity(project: Project): object {
  return {
    id: shownId(project.id),
    name: project.name,
    path: project.path,
    path_with_namespace: project.path,
    feature_flags_access_level: project.access,
    feature_flags_minimum_role: project.minimumRole,
    feature_flags_streaming: project.streaming,
    created_at: project.createdAt.toISOString(),
    updated_at: project.updatedAt.toISOString(),
  }
}

/** `scopes` is always empty: it belongs to the flags of GitLab before 13. */
export function toFlagEntity({ flag, content }: FlagOf): object {
  return {
    name: flag.name,
    description: flag.description,
    active: flag.active,
    version: 'new_version_flag',
    created_at: flag.createdAt.toISOString(),
    updated_at: flag.updatedAt.toISOString(),
    scopes: [],
    strategies: flag.strategies.map((strategy) => toStrategyEntity(strategy, content)),
  }
}

export function toFlagEntities(content: ProjectContent, flags: readonly ProjectFlag[]): object[] {
  return flags.map((flag) => toFlagEntity({ flag, content }))
}

function toStrategyEntity({ id, name, parameters, userListId, scopes }: Strategy, { lists }: ProjectContent): object {
  const list = userListId === null ? undefined : lists.find((one) => one.id === userListId)
  return {
    id: shownId(id),
    name,
    parameters,
    scopes: scopes.map((scope) => ({ id: shownId(scope.id), environment_scope: scope.environmentScope })),
    user_list: list === undefined ? null : toUserListSummary(list),
  }
}

function toUserListSummary({ id, iid, name, userXids }: UserList): object {
  return { id, iid, name, user_xids: userXids }
}

export function toUserListEntity(list: UserList, { id, path }: Project): object {
  const page = list.iid > 0 ? `/${path}/-/feature_flags_user_lists/${list.iid}` : null
  return {
    id: shownId(list.id),
    iid: shownId(list.iid),
    name: list.name,
    user_xids: list.userXids,
    project_id: id,
    created_at: list.createdAt.toISOString(),
    updated_at: list.updatedAt.toISOString(),
    path: page,
    edit_path: page === null ? null : `${page}/edit`,
  }
}

/** `secret`: only for who may see it. */
export function toInstanceIdEntity(instanceId: InstanceId, secret?: string | null): object {
  const { id, name, environment, createdAt, lastUsedAt } = instanceId
  return {
    id: shownId(id),
    name,
    environment,
    ...(secret === undefined ? {} : { instance_id: secret }),
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  }
}

export function toHistoryEntity({ at, ...entry }: HistoryEntry): object {
  return { ...entry, at: at.toISOString() }
}

/** What a flag is for a user, as both families of SDKs answer; at the top what all of them say, or null where they differ. */
export function toEvaluationEntity({ flag, node, others, agree }: FlagEvaluation, environment: string): object {
  const [ofNode, ofOthers] = [node, others].map((answer) => toAnswerEntity(answer, flag, environment))
  const differing = { enabled: null, chance: null, reason: 'sdks_differ', explanation: sdksDiffer, strategy: null }
  return { name: flag, environment, ...(agree ? ofOthers : differing), sdks: { node: ofNode, others: ofOthers } }
}

const sdksDiffer = 'SDKs made of the Node SDK answer otherwise than all others; see sdks'

function toAnswerEntity(answer: Answer, flag: string, environment: string): object {
  const { enabled, chance, reason, strategy } = answer
  const explanation = explainAnswer(answer, flag, environment)
  const decided = strategy === null ? null : { id: strategy.id, name: strategy.name, parameters: strategy.parameters }
  return { enabled, chance, reason, explanation, strategy: decided }
}

/** What was only tried has no id yet. */
function shownId(id: number): number | null {
  return id > 0 ? id : null
}
