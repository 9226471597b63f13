// Servers on ports, in the process of the test, with definitions of three flags: for many rounds at little cost.
import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createInstance } from '../../lib/instance/create.js'
import type { Instance } from '../../lib/instance/instance.js'
import { silentLogger } from '../../lib/log.js'
import { buildApp } from '../../lib/server/app.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { makeProjectFolder } from '../server/support.js'
import { createDatabase, type TestDatabase } from '../support/services.js'

export interface AppAt {
  readonly url: string
  readonly instance: Instance
  /** The text of a token that may do everything. */
  readonly token: string
  close(): Promise<void>
}

/** Requests of these tests come from one address and one token. */
const rateLimits = { requests: 10_000_000, writes: 10_000_000 }
/** All streams are of one token. */
const streamLimits = { streams: 1_000, ofHolder: 1_000 }

export async function startAppAt(databaseUrl: string): Promise<AppAt> {
  const root = makeProjectFolder()
  const options = { root, env: 'test', databaseUrl, diskFile: false as const, logger: silentLogger }
  const instance = createInstance(options, { author: 'code:test', source: 'http', watch: false, listen: true })
  await instance.feature.start()
  const { token } = await createToken(instance.tokens, { name: 'faults', scopes: ['admin'], expiresAt: null })
  const app = await buildApp({ instance, logger: silentLogger, rateLimits, streamLimits })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    instance,
    token,
    async close() {
      await app.close()
      await instance.feature.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

export interface TwoServers {
  readonly database: TestDatabase
  /** The servers of these numbers, 0 or 1, in that order. */
  of(numbers: readonly (0 | 1)[]): readonly AppAt[]
  close(): Promise<void>
}

/** Two servers on one database of their own. */
export async function startTwoServers(): Promise<TwoServers> {
  const database = await createDatabase()
  const servers = await Promise.all([startAppAt(database.url), startAppAt(database.url)])
  return {
    database,
    of: (numbers) => numbers.map((number) => servers[number]),
    async close() {
      for (const server of servers) await server.close()
      await database.close()
    },
  }
}
