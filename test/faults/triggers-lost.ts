// A database whose triggers get lost while processes read it: on a server, with a Redis beside it, or embedded.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ClientConfig } from 'pg'
import { serverBinary } from '../support/binaries.js'
import type { TestProject } from '../support/project.js'
import { guardedEmbedded, guardedPostgres, type Guarded, type Loss, mainLosses } from '../store/triggers/losses.js'
import { createFleetProject, seed } from './fleet.js'
import type { SentOptions } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'

export type Kind = 'Postgres alone' | 'with Redis' | 'embedded'

export interface Lossy {
  readonly kind: Kind
  readonly store: Guarded['store']
  readonly connection: ClientConfig
  readonly options: SentOptions
  sql(text: string): Promise<unknown>
  close(): Promise<void>
}

/** A seeded database. The embedded one is owned by this process, and served to the others. */
export async function openLossy(kind: Kind, pollIntervalMs: number): Promise<Lossy> {
  const project = await createFleetProject()
  const guarded = await (kind === 'embedded' ? guardedEmbedded(project.root) : guardedPostgres())
  const redis = kind === 'with Redis' ? await RedisMachine.start() : null
  await seed(guarded.store)
  return {
    ...guarded,
    kind,
    options: optionsOf(project, guarded, redis, pollIntervalMs),
    close: async () => {
      await guarded.close()
      await redis?.stop()
      await project.close()
    },
  }
}

function optionsOf({ root }: TestProject, { connection }: Guarded, redis: RedisMachine | null, pollIntervalMs: number) {
  const databaseUrl = connection.connectionString ?? 'embedded'
  const redisUrl = redis === null ? {} : { redisUrl: redis.url() }
  return { root, databaseUrl, ...redisUrl, pollIntervalMs, listen: false, diskFile: false } as const
}

/** The five ways: a title, and what loses them. */
export const losses: readonly (readonly [title: string, lose: (lossy: Lossy) => Promise<void>])[] = mainLosses.map(
  ([title, sql]: Loss) => [
    title,
    async (lossy: Lossy) => {
      // No program of Postgres can dump the embedded one, which is made anew by SQL.
      if (title === 'a table is made anew' && lossy.kind !== 'embedded') await restoreTablesAlone(lossy)
      else await lossy.sql(sql)
    },
  ],
)

/** `pg_dump -t 'public.feature*' | psql` into a schema that is empty: rows and tables come back, functions do not. */
async function restoreTablesAlone({ connection }: Lossy): Promise<void> {
  const url = connection.connectionString ?? ''
  const dump = await pipe('pg_dump', ['-t', 'public.feature*', url], '')
  const anew = 'drop schema public cascade; create schema public;\n'
  // In one transaction, as no process is to see a database without tables; what fails in it, as the triggers do, is left out.
  await pipe('psql', ['-q', '-X', '-1', '-v', 'ON_ERROR_ROLLBACK=on', '-f', '-', url], anew + dump)
}

async function pipe(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(serverBinary(program), args)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`)
  return stdout
}
