// A process of its own that connects again and again, to Postgres or to Redis, over a proxy that ends its connections; the
// last thing it says is how often it would have died. Arguments: `postgres` or `redis`, the URL, how many rounds.
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import * as driver from 'ioredis'
import { RedisCache } from '../../lib/cache/redis/cache.js'
import { silentLogger } from '../../lib/log.js'
import { holding } from '../../lib/time/hold.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { makeSealer } from '../../lib/state/sealed.js'
import { ears } from '../cache/samples.js'
import { changeOf } from '../support/change.js'
import { systemClock } from '../../lib/time/clock.js'

const crashes: string[] = []
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error: unknown) =>
    crashes.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  )
}

const [kind, url = '', rounds = '1'] = process.argv.slice(2)
const tables = { features: 'features', gates: 'feature_gates' }
const clock = { ...systemClock, random: () => 0 }

function signal() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

const connection = { connectionString: url }
const times = { connectMs: 2_000, outcomeMs: 100 }
// Knows the tables after a while, and keeps no connection: then a write makes one of its own.
const writer = new PostgresStore({ connection, tables, logger: silentLogger, clock, times, closeIdleAfterMs: 1 })

/** The pool for a write and for reads, the LISTEN connection, and that of the migrations. */
async function usePostgres(): Promise<void> {
  const heard = signal()
  const logger = { ...silentLogger, debug: () => heard.resolve() }
  const store = new PostgresStore({ connection, tables, logger, clock, times })
  store.listen({ hint: () => heard.resolve(), heard: () => {} })
  await Promise.allSettled([writer.apply(changeOf({ feature: 'a', operation: { kind: 'enable' } })), store.head(null)])
  await Promise.allSettled([migrate({ connection, tables })])
  // What nobody asked for holds no process.
  await holding(heard.promise)
  await store.close()
}

/** The connection for commands, and the subscription. */
async function useRedis(round: number): Promise<void> {
  const settled = signal()
  const identity = randomUUID()
  const logger = { ...silentLogger, warn: () => settled.resolve() }
  const cache = new RedisCache({ driver, url, address: randomUUID(), sealer: makeSealer(null), logger, clock })
  cache.subscribe(identity, { ...ears(), unsure: () => settled.resolve() })
  await cache.readPointer(identity)
  // Closed in every state: at once, when something has come of it, and while it is connecting anew.
  if (round % 3 > 0) await holding(settled.promise)
  if (round % 3 === 2) await cache.beat(identity)
  await cache.close()
}

for (let round = 0; round < Number(rounds); round++) await (kind === 'postgres' ? usePostgres() : useRedis(round))
await writer.close()
writeSync(1, `${JSON.stringify(crashes)}\n`)
