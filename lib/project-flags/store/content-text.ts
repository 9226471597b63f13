// The content of a project as text, for copies outside of Postgres (disk, Redis). Equal contents have equal texts. It has the shape
// of the rows that Postgres gives, so that one parser (rows.ts) reads both.
import type { ProjectFlag, Strategy, UserList } from '../project-flag.js'
import type { Project, ProjectContent } from '../project.js'
import { readContent } from './rows.js'

export function contentText({ project, flags, lists }: ProjectContent): string {
  return JSON.stringify({ project: projectRow(project), flags: flags.map(flagRow), lists: lists.map(listRow) })
}

/** Null for a text that holds no content. */
export function readContentText(text: string): ProjectContent | null {
  try {
    return readContent(JSON.parse(text))
  } catch {
    // Another version wrote it, or it is damaged: it counts as missing, and Postgres has the content.
    return null
  }
}

function projectRow(project: Project) {
  const { id, path, name, access, minimumRole, streaming, revision, nonce, createdAt, updatedAt } = project
  return {
    id,
    path,
    name,
    access,
    minimum_role: minimumRole,
    streaming,
    revision,
    nonce,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

function flagRow({ id, iid, name, description, active, strategies, revision, createdAt, updatedAt }: ProjectFlag) {
  return {
    id,
    iid,
    name,
    description,
    active,
    strategies: strategies.map(strategyRow),
    revision,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

function strategyRow({ id, name, parameters, userListId, scopes }: Strategy) {
  return {
    id,
    name,
    parameters,
    user_list_id: userListId,
    scopes: scopes.map((scope) => ({ id: scope.id, environment_scope: scope.environmentScope })),
  }
}

function listRow({ id, iid, name, userXids, revision, createdAt, updatedAt }: UserList) {
  return { id, iid, name, user_xids: userXids, revision, created_at: createdAt, updated_at: updatedAt }
}
