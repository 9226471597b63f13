// Rows of projects as Postgres gives them, as JSON: the one parser of what comes from there.
import { count, fields, list, readDate, text, textOrNull, unexpected } from '../../store/postgres/parse-rows.js'
import { isRecord } from '../../text/json.js'
import { isParameters, type ProjectFlag, type Scope, type Strategy, type UserList } from '../project-flag.js'
import type { HistoryEntry, InstanceId, MinimumRole, Project, ProjectContent } from '../project.js'
import { isStrategyName } from '../strategies/strategies.js'

/** What the statements select, so that text and parser stand side by side. */
export const projectJson = `json_build_object(
  'id', directory.id, 'path', directory.path, 'name', directory.name, 'access', directory.access,
  'minimum_role', directory.minimum_role, 'streaming', directory.streaming, 'revision', directory.revision,
  'nonce', directory.nonce, 'created_at', directory.created_at, 'updated_at', directory.updated_at
)`

export function readProject(value: unknown): Project {
  const row = fields(value, 'project')
  return {
    id: count(row['id'], 'id'),
    path: text(row['path'], 'path'),
    name: text(row['name'], 'name'),
    access: row['access'] === 'disabled' ? 'disabled' : 'enabled',
    minimumRole: readRole(row['minimum_role']),
    streaming: row['streaming'] === true,
    revision: count(row['revision'], 'revision'),
    nonce: text(row['nonce'], 'nonce'),
    createdAt: readDate(row['created_at']),
    updatedAt: readDate(row['updated_at']),
  }
}

/** `{project, flags, lists}`, each as rows. */
export function readContent(value: unknown): ProjectContent {
  const content = fields(value, 'content')
  return {
    project: readProject(content['project']),
    flags: list(content['flags'], 'flags').map(readFlag),
    lists: list(content['lists'], 'lists').map(readUserList),
  }
}

export function readInstanceId(value: unknown): InstanceId & { readonly secret: string } {
  const row = fields(value, 'instance id')
  return {
    id: count(row['id'], 'id'),
    name: text(row['name'], 'name'),
    environment: textOrNull(row['environment'], 'environment'),
    secret: text(row['secret'], 'secret'),
    createdAt: readDate(row['created_at']),
    lastUsedAt: dateOrNull(row['last_used_at']),
    retiredAt: dateOrNull(row['retired_at']),
  }
}

export function readHistoryEntry(value: unknown): HistoryEntry {
  const row = fields(value, 'history')
  return {
    revision: count(row['revision'], 'revision'),
    at: readDate(row['at']),
    kind: readKind(row['kind']),
    subject: text(row['subject'], 'subject'),
    before: isRecord(row['before']) ? row['before'] : null,
    after: isRecord(row['after']) ? row['after'] : null,
    author: text(row['author'], 'author'),
    source: text(row['source'], 'source'),
    reason: textOrNull(row['reason'], 'reason'),
  }
}

function readKind(value: unknown): HistoryEntry['kind'] {
  switch (value) {
    case 'project':
    case 'settings':
    case 'flag':
    case 'user_list':
    case 'instance_id':
      return value
    default:
      throw unexpected('kind', value)
  }
}

function readFlag(value: unknown): ProjectFlag {
  const row = fields(value, 'flag')
  return {
    id: count(row['id'], 'id'),
    iid: count(row['iid'], 'iid'),
    name: text(row['name'], 'name'),
    description: textOrNull(row['description'], 'description'),
    active: row['active'] === true,
    // A strategy that a person wrote by hand in another shape counts for nothing, as one without scopes does.
    strategies: list(row['strategies'], 'strategies').flatMap((strategy) => readStrategy(strategy) ?? []),
    revision: count(row['revision'], 'revision'),
    createdAt: readDate(row['created_at']),
    updatedAt: readDate(row['updated_at']),
  }
}

function readUserList(value: unknown): UserList {
  const row = fields(value, 'user list')
  return {
    id: count(row['id'], 'id'),
    iid: count(row['iid'], 'iid'),
    name: text(row['name'], 'name'),
    userXids: text(row['user_xids'], 'user_xids'),
    revision: count(row['revision'], 'revision'),
    createdAt: readDate(row['created_at']),
    updatedAt: readDate(row['updated_at']),
  }
}

/** Strategies as a row of the history has them; none for anything else. */
export function readStrategies(rows: unknown): readonly Strategy[] {
  return Array.isArray(rows) ? rows.flatMap((row) => readStrategy(row) ?? []) : []
}

function readStrategy(value: unknown): Strategy | null {
  if (!isRecord(value) || !isStrategyName(value['name']) || !isParameters(value['parameters'])) return null
  const { id, user_list_id: userListId, scopes } = value
  return {
    id: typeof id === 'number' ? id : 0,
    name: value['name'],
    parameters: value['parameters'],
    userListId: typeof userListId === 'number' ? userListId : null,
    scopes: Array.isArray(scopes) ? scopes.flatMap((scope) => readScope(scope) ?? []) : [],
  }
}

function readScope(value: unknown): Scope | null {
  if (!isRecord(value) || typeof value['environment_scope'] !== 'string') return null
  return { id: typeof value['id'] === 'number' ? value['id'] : 0, environmentScope: value['environment_scope'] }
}

const roles: Readonly<Record<MinimumRole, true>> = {
  developer: true,
  maintainer: true,
  owner: true,
  no_one_allowed: true,
}

function readRole(value: unknown): MinimumRole {
  if (isRole(value)) return value
  throw unexpected('minimum_role', value)
}

function isRole(value: unknown): value is MinimumRole {
  return typeof value === 'string' && Object.hasOwn(roles, value)
}

function dateOrNull(value: unknown): Date | null {
  return value === null || value === undefined ? null : readDate(value)
}
