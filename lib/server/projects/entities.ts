// Projects and their flags as GitLab's API shows them (API::Entities::FeatureFlag).
import type { ProjectFlag, Strategy, UserList } from '../../project-flags/project-flag.js'
import type { Project, ProjectContent } from '../../project-flags/project.js'
import type { FlagOf } from '../../project-flags/project-flags.js'

export function toProjectEntity(project: Project): object {
  return {
    id: project.id,
    name: project.name,
    path: project.path,
    feature_flags_access_level: project.access,
    feature_flags_minimum_role: project.minimumRole,
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
    id,
    name,
    parameters,
    scopes: scopes.map((scope) => ({ id: scope.id, environment_scope: scope.environmentScope })),
    user_list: list === undefined ? null : toUserListSummary(list),
  }
}

function toUserListSummary({ id, iid, name, userXids }: UserList): object {
  return { id, iid, name, user_xids: userXids }
}
