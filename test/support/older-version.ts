// What a version before this one has left: the content of a database, of Redis and of a copy on disk, and what that version
// told of them. test/fixtures/older-versions/README.md says how it was made.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import type { FeatureOptions } from '../../lib/config/options.js'
import type { FeatureFlags } from '../../lib/feature/feature.js'
import { createProject, type TestProject } from './project.js'

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'older-versions')

interface Asked {
  readonly flags: readonly { readonly name: string; readonly type: string; readonly defaultEnabled: boolean }[]
  readonly actors: readonly string[]
}

type Answers = Readonly<Record<string, Answer>>

interface Answer {
  readonly anyone: boolean
  /** The actors for whom it is on. */
  readonly on: readonly string[]
  readonly optedOut: readonly string[]
}

/** What the older version told, as JSON. */
export interface Told {
  readonly answers: Answers
  readonly exported: { readonly position: { readonly version: string; readonly nonce: string } }
  /** Newest first. */
  readonly history: readonly { readonly at: string }[]
  readonly tokens: { readonly admin: string; readonly read: string; readonly revoked: string }
}

type Kept = Readonly<Record<string, { readonly base64: string } | { readonly members: readonly [string, number][] }>>

/** Which commits there is data of. */
export const olderVersions: readonly string[] = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

const asked: Asked = readJson('flags.json')

export class OlderVersion {
  readonly told: Told
  readonly #commit: string

  constructor(commit: string) {
    this.#commit = commit
    this.told = readJson(commit, 'told.json')
  }

  /** What the keys in Redis hold. */
  get kept(): Kept {
    return readJson(this.#commit, 'redis.json')
  }

  /** The files below `.feature/` of the project, by name. */
  get disk(): ReadonlyMap<string, Buffer> {
    const files: Readonly<Record<string, string>> = readJson(this.#commit, 'disk.json')
    return new Map(Object.entries(files).map(([name, base64]) => [name, Buffer.from(base64, 'base64')]))
  }

  /** Fills an empty database. */
  async loadDatabase(url: string): Promise<void> {
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query(readFileSync(join(fixtures, this.#commit, 'database.sql'), 'utf8'))
    await client.end()
  }

  /** Fills an empty Redis. */
  async loadRedis(url: string): Promise<void> {
    const redis = new Redis(url)
    for (const [key, value] of Object.entries(this.kept)) {
      if ('base64' in value) await redis.set(key, Buffer.from(value.base64, 'base64'))
      // A machine's clock may be behind that of the machine the data is from, and what is in the future counts for nothing.
      else for (const [member, score] of value.members) await redis.zadd(key, Math.min(score, Date.now()), member)
    }
    await redis.quit()
  }

  loadDisk(root: string): void {
    mkdirSync(join(root, '.feature'), { recursive: true })
    for (const [name, bytes] of this.disk) writeFileSync(join(root, '.feature', name), bytes)
  }
}

/** The project of the older version. */
export async function olderProject(): Promise<TestProject> {
  const project = await createProject()
  for (const { name, ...fields } of asked.flags) await project.define(name, fields)
  return project
}

/** What its application was configured with. */
export const olderOptions: FeatureOptions = {
  env: 'production',
  namespace: 'shop',
  groups: { testers: ({ flipperId }) => flipperId.endsWith(':tester') },
}

/** An address at which there is no database, and where the older version had its own when it wrote the copy on disk. */
export const unreachable = 'postgres://postgres@127.0.0.1:1/flags'

/** Every answer that the older version was asked for. */
export function answersOf(feature: FeatureFlags): Answers {
  // A percentage of time answers at random.
  const names = asked.flags.map(({ name }) => name).filter((name) => name !== 'by_time')
  const answer = (name: string): Answer => ({
    anyone: feature.enabled(name),
    on: asked.actors.filter((flipperId) => feature.enabled(name, { flipperId })),
    optedOut: asked.actors.filter((flipperId) => feature.optedOut(name, { flipperId })),
  })
  return Object.fromEntries(names.map((name) => [name, answer(name)]))
}

function readJson(...path: readonly string[]) {
  return JSON.parse(readFileSync(join(fixtures, ...path), 'utf8'))
}
