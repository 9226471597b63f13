// A project in the directory that every server holds: what it takes to find a project, to check the instance ID of an SDK, and to
// know whether flags have changed. Not its flags, and of an instance ID only its SHA-256: copies of the directory lie on disk and
// in Redis.
//
// Postgres and the copies give it as rows (key, gate, value), as flags: lib/store/postgres/projects/directory.ts makes the same
// rows in SQL.
import { hash } from 'node:crypto'
import { isIdentifier } from '../state/state-json.js'
import type { StoredFeature } from '../state/state.js'
import type { InstanceId, Project } from './project.js'

export interface ListedProject extends Pick<Project, 'id' | 'path' | 'access' | 'streaming' | 'revision' | 'nonce'> {
  /** The living instance IDs by the SHA-256 of their text, in hexadecimal. */
  readonly instanceIds: ReadonlyMap<string, ListedInstanceId>
}

export type ListedInstanceId = Pick<InstanceId, 'id' | 'name' | 'environment'>

/** What the directory and its copies hold in place of an instance ID. */
export function instanceIdDigest(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** The project in these rows. Throws TypeError for rows that are not those of a project. */
export function readListedProject({ key, gates }: StoredFeature): ListedProject {
  const [id, revision] = [Number(key), Number(only(gates, 'revision'))]
  const [path, nonce, access] = [only(gates, 'path'), only(gates, 'nonce'), only(gates, 'access')]
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0
  if (!isCount(id) || !isCount(revision) || path === '' || !isIdentifier(nonce)) throw unlike(key)
  const instanceIds = (gates.get('instance_id') ?? []).map((value) => readInstanceId(key, value))
  return {
    id,
    path,
    access: access === 'disabled' ? 'disabled' : 'enabled',
    streaming: only(gates, 'streaming') === 'true',
    revision,
    nonce,
    instanceIds: new Map(instanceIds),
  }
}

/** The rows of a project. */
export function listedRows(
  { id, path, access, streaming, revision, nonce }: Project,
  living: readonly (InstanceId & { readonly secret: string })[],
): StoredFeature {
  const instanceIds = living.map((one) =>
    JSON.stringify([instanceIdDigest(one.secret), one.id, one.environment, one.name]),
  )
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['access', [access]],
    ['instance_id', instanceIds.sort()],
    ['nonce', [nonce]],
    ['path', [path]],
    ['revision', [String(revision)]],
    ['streaming', [String(streaming)]],
  ]
  return { key: String(id), gates: new Map(rows.filter(([, values]) => values.length > 0)) }
}

function only(gates: StoredFeature['gates'], gate: string): string {
  const [value = '', ...others] = gates.get(gate) ?? []
  return others.length === 0 ? value : ''
}

function readInstanceId(key: string, value: string): readonly [string, ListedInstanceId] {
  const parts: unknown = parse(value)
  const [digest, id, environment, name]: unknown[] = Array.isArray(parts) ? parts : []
  if (typeof digest !== 'string' || typeof id !== 'number' || typeof name !== 'string') throw unlike(key)
  return [digest, { id, name, environment: typeof environment === 'string' ? environment : null }]
}

function parse(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    // Not JSON: the caller says of which project.
    return null
  }
}

function unlike(key: string): TypeError {
  return new TypeError(`the rows of the project ${JSON.stringify(key.slice(0, 40))} are not those of a project`)
}
