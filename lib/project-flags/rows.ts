// Rows of projects as Postgres gives them, as JSON: the one parser of what comes from there.
import { FeatureError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { isRecord } from '../text/json.js'
import type { Parameters, ProjectFlag, Scope, Strategy, UserList } from './project-flag.js'
import type { HistoryEntry, InstanceId, MinimumRole, Project, ProjectContent } from './project.js'
import { isStrategyName } from './strategies/strategies.js'

type Fields = Readonly<Record<string, unknown>>

/** What the statements select, so that text and parser stand side by side. */
export const projectJson = `json_build_object(
  'id', directory.id, 'path', directory.path, 'name', directory.name, 'access', directory.access,
  'minimum_role', directory.minimum_role, 'streaming', directory.streaming, 'revision', directory.revision,
  'nonce', directory.nonce, 'created_at', directory.created_at, 'updated_at', directory.updated_at
)`

export function readProject(value: unknown): Project {
  const row = record(value, 'project')
  return {
    id: number(row, 'id'),
    path: text(row, 'path'),
    name: text(row, 'name'),
    access: row['access'] === 'disabled' ? 'disabled' : 'enabled',
    minimumRole: readRole(row['minimum_role']),
    streaming: row['streaming'] === true,
    revision: number(row, 'revision'),
    nonce: text(row, 'nonce'),
    createdAt: date(row, 'created_at'),
    updatedAt: date(row, 'updated_at'),
  }
}

/** `{project, flags, lists}`, each as rows. */
export function readContent(value: unknown): ProjectContent {
  const content = record(value, 'content')
  return {
    project: readProject(content['project']),
    flags: list(content, 'flags').map(readFlag),
    lists: list(content, 'lists').map(readUserList),
  }
}

export function readInstanceId(value: unknown): InstanceId & { readonly secret: string } {
  const row = record(value, 'instance id')
  return {
    id: number(row, 'id'),
    name: text(row, 'name'),
    environment: textOrNull(row, 'environment'),
    secret: text(row, 'secret'),
    createdAt: date(row, 'created_at'),
    lastUsedAt: dateOrNull(row, 'last_used_at'),
    retiredAt: dateOrNull(row, 'retired_at'),
  }
}

export function readHistoryEntry(value: unknown): HistoryEntry {
  const row = record(value, 'history')
  return {
    revision: number(row, 'revision'),
    at: date(row, 'at'),
    kind: readKind(row['kind']),
    subject: text(row, 'subject'),
    before: isRecord(row['before']) ? row['before'] : null,
    after: isRecord(row['after']) ? row['after'] : null,
    author: text(row, 'author'),
    source: text(row, 'source'),
    reason: textOrNull(row, 'reason'),
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

/** The strategies of a flag as its row holds them. */
export function strategiesRow(strategies: readonly Strategy[]): string {
  return JSON.stringify(
    strategies.map(({ id, name, parameters, userListId, scopes }) => ({
      id,
      name,
      parameters,
      user_list_id: userListId,
      scopes: scopes.map((scope) => ({ id: scope.id, environment_scope: scope.environmentScope })),
    })),
  )
}

function readFlag(value: unknown): ProjectFlag {
  const row = record(value, 'flag')
  return {
    id: number(row, 'id'),
    iid: number(row, 'iid'),
    name: text(row, 'name'),
    description: textOrNull(row, 'description'),
    active: row['active'] === true,
    // A strategy that a person wrote by hand in another shape counts for nothing, as one without scopes does.
    strategies: list(row, 'strategies').flatMap((strategy) => readStrategy(strategy) ?? []),
    revision: number(row, 'revision'),
    createdAt: date(row, 'created_at'),
    updatedAt: date(row, 'updated_at'),
  }
}

function readUserList(value: unknown): UserList {
  const row = record(value, 'user list')
  return {
    id: number(row, 'id'),
    iid: number(row, 'iid'),
    name: text(row, 'name'),
    userXids: text(row, 'user_xids'),
    revision: number(row, 'revision'),
    createdAt: date(row, 'created_at'),
    updatedAt: date(row, 'updated_at'),
  }
}

function readStrategy(value: unknown): Strategy | null {
  if (!isRecord(value) || !isStrategyName(value['name']) || !isTexts(value['parameters'])) return null
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

function isTexts(value: unknown): value is Parameters {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string')
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

function record(value: unknown, what: string): Fields {
  if (isRecord(value)) return value
  throw unexpected(what, value)
}

function list(row: Fields, key: string): readonly unknown[] {
  const value = row[key]
  if (Array.isArray(value)) return value
  throw unexpected(key, value)
}

function text(row: Fields, key: string): string {
  const value = row[key]
  if (typeof value === 'string') return value
  throw unexpected(key, value)
}

function textOrNull(row: Fields, key: string): string | null {
  return row[key] === null || row[key] === undefined ? null : text(row, key)
}

function number(row: Fields, key: string): number {
  const value = row[key]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw unexpected(key, value)
}

function date(row: Fields, key: string): Date {
  const at = new Date(text(row, key))
  if (!Number.isNaN(at.getTime())) return at
  throw unexpected(key, row[key])
}

function dateOrNull(row: Fields, key: string): Date | null {
  return row[key] === null || row[key] === undefined ? null : date(row, key)
}

function unexpected(what: string, value: unknown): FeatureError {
  const shown = quoted(JSON.stringify(value) ?? String(value))
  return new FeatureError('store_rejected', {
    problem: `the ${what} of a project came back as ${shown}`,
    remedy: 'check the tables of projects and the functions on them',
  })
}
