// Connections that end in the middle of being made: in every packet of every handshake, plain and over TLS, of every
// connection that a process makes. Each process below makes them one after the other and counts what would have ended it.
import { spawn } from 'node:child_process'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findBinary } from '../../scripts/find-binary.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import type { PostgresServer } from '../support/postgres-server.js'
import type { RedisServer } from '../support/redis-server.js'
import { startPostgres, startRedis } from '../support/services.js'
import {
  type Blow,
  postgresFarewell,
  redisFarewell,
  type StrikingProxy,
  type StrikingProxyOptions,
  startStrikingProxy,
} from '../support/striking-proxy.js'
import { atMost } from './figures.js'
import { hangMs, size } from './size.js'
import { compiledProgram } from './program.js'

const blows: readonly Blow[] = ['join', 'end', 'reset']
/** The first connections are left alone, so that it is known how many packets there are. */
const spared = 6

let certificates: Certificates
let postgres: PostgresServer
let redis: RedisServer
/** Speaks TLS for Redis. */
let door: StrikingProxy
let proxy: StrikingProxy | undefined

// Comes with the packages of PostgreSQL nearly everywhere.
describe.skipIf(findBinary('openssl') === null)('connections that end in a packet of their handshake', () => {
  beforeAll(async () => {
    certificates = makeCertificates()
    const { keyFile, certificateFile } = certificates
    postgres = await startPostgres({
      settings: { ssl: 'on', ssl_key_file: keyFile, ssl_cert_file: certificateFile },
      passwords: true,
    })
    redis = await startRedis({ arguments: ['--requirepass', 'secret'] })
    door = await startStrikingProxy({ ...plainRedis(), tls: tls() })
    const connection = { connectionString: postgres.url() }
    await migrate({ connection, tables: { features: 'features', gates: 'feature_gates' } })
    const client = new Client(connection)
    await client.connect()
    await client.query(`create role app superuser login password 'secret'`)
    await client.end()
  }, hangMs)
  afterEach(() => proxy?.close())
  afterAll(async () => {
    await door?.close()
    await redis?.stop()
    await postgres?.stop()
    certificates?.remove()
  })
  const plainPostgres = (): StrikingProxyOptions => ({
    target: postgres.port,
    protocol: 'postgres',
    farewell: postgresFarewell,
  })
  const plainRedis = (): StrikingProxyOptions => ({ target: redis.port, protocol: 'redis', farewell: redisFarewell })
  const tls = () => ({ key: certificates.key, cert: certificates.certificate })
  const trusting = () => ({ NODE_EXTRA_CA_CERTS: certificates.authority })
  const postgresUrl = (port: number) => `postgres://app:secret@127.0.0.1:${port}/postgres`
  const postgresTlsUrl = (port: number) => `${postgresUrl(port)}?sslmode=verify-full`
  const redisUrl = (port: number) => `redis://:secret@127.0.0.1:${port}`
  const redisTlsUrl = (port: number) => `rediss://:secret@localhost:${port}`
  const untrusted = () => ({})

  it.each([
    ['Postgres, plain', 'postgres', plainPostgres, postgresUrl, untrusted],
    ['Postgres, inside TLS', 'postgres', () => ({ ...plainPostgres(), tls: tls() }), postgresTlsUrl, trusting],
    ['Postgres, TLS itself', 'postgres', () => ({ ...plainPostgres(), protocol: 'raw' }), postgresTlsUrl, trusting],
    ['Postgres, not trusted', 'postgres', () => ({ ...plainPostgres(), tls: tls() }), postgresTlsUrl, untrusted],
    ['Redis, plain', 'redis', plainRedis, redisUrl, untrusted],
    ['Redis, inside TLS', 'redis', () => ({ ...plainRedis(), tls: tls() }), redisTlsUrl, trusting],
    [
      'Redis, TLS itself',
      'redis',
      () => ({ ...plainRedis(), protocol: 'raw', target: door.port }),
      redisTlsUrl,
      trusting,
    ],
    ['Redis, not trusted', 'redis', () => ({ ...plainRedis(), tls: tls() }), redisTlsUrl, untrusted],
  ] satisfies Row[])('never end the process: %s', { timeout: hangMs }, async (what, kind, options, url, env) => {
    const struck = await startStrikingProxy(options())
    proxy = struck
    struck.strike = (connection) => {
      const blow = blows[connection % blows.length]
      if (connection < spared || blow === undefined || struck.longest === 0) return null
      const struckPacket = Math.floor((connection - spared) / blows.length) % struck.longest
      return (packet) => (packet === struckPacket ? blow : null)
    }
    const wanted = size(20, 1_000)
    const crashes = await run(kind, url(struck.port), wanted / 2, env())
    expect(crashes).toEqual([])
    expect(struck.connections).toBeGreaterThanOrEqual(wanted)
    // A client that does not trust the server turns away before there is a packet to strike at.
    if (!what.includes('not trusted')) expect(struck.struck).toBeGreaterThan(wanted / 4)
    atMost('Ends in a handshake', `crashes: ${what} (${struck.connections} connections)`, 0, crashes.length)
  })
})

type Row = [string, 'postgres' | 'redis', () => StrikingProxyOptions, (port: number) => string, () => NodeJS.ProcessEnv]

/** Runs the program to its end; the errors that would have ended it. */
async function run(kind: string, url: string, rounds: number, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const child = spawn(process.execPath, [compiledProgram('handshakes'), kind, url, String(rounds)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code).toBe(0)
  return JSON.parse(output.split('\n').at(-2) ?? '')
}
