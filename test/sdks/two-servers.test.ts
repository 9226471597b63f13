// Two servers on one Postgres: what is changed at one of them, SDKs have from the other. Both are in this process with the client that
// measures, so the figures have the waiting of all three in them.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { atMost } from '../faults/figures.js'
import { hangMs, size } from '../faults/size.js'
import type { RedisServer } from '../support/redis-server.js'
import { createDatabase, startRedis, type TestDatabase } from '../support/services.js'
import { allUsers, makeSdkProject, startListening } from './server.js'

/** Two polls of a server are at most 1.2 intervals apart. */
const pollIntervalMs = size(1_000, 10_000)

let database: TestDatabase
let redis: RedisServer
beforeAll(async () => {
  ;[database, redis] = await Promise.all([createDatabase(), startRedis()])
})
afterAll(async () => {
  await Promise.all([database.close(), redis.stop()])
})

const ways = {
  LISTEN: { options: () => ({}), changes: size(20, 200), goalMs: 250, askEachMs: 2 },
  Redis: { options: () => ({ redisUrl: redis.url, listen: false }), changes: size(20, 200), goalMs: 250, askEachMs: 2 },
  // A server takes a hundred questions a second from one address.
  neither: {
    options: () => ({ listen: false, pollIntervalMs }),
    changes: size(2, 10),
    goalMs: pollIntervalMs * 1.2 + 250,
    askEachMs: 25,
  },
}

it.each(['LISTEN', 'Redis', 'neither'] as const)(
  'each change at one server is answered by the other one: %s',
  async (name) => {
    const way = ways[name]
    const options = { databaseUrl: database.url, ...way.options() }
    const [one, other] = [await startListening(options), await startListening(options)]
    onTestFinished(async () => void (await Promise.all([one.close(), other.close()])))
    const { id, instanceId } = await makeSdkProject(one, `servers/${name.toLowerCase()}`)
    const flags = `/projects/${id}/feature_flags`
    await one.rest('POST', flags, { name: 'seen', active: false, strategies: [allUsers] })
    const url = `${other.url}/api/v4/feature_flags/unleash/${id}/client/features`
    const isOn = async () => {
      const answer = await fetch(url, {
        headers: { 'unleash-instanceid': instanceId, 'unleash-appname': 'production' },
      })
      const { features }: { readonly features: readonly { readonly enabled: boolean }[] } = JSON.parse(
        await answer.text(),
      )
      return features[0]?.enabled
    }
    const waitedMs: number[] = []
    for (let change = 0; change < way.changes; change++) {
      const active = change % 2 === 0
      await one.rest('PUT', `${flags}/seen`, { active })
      const answered = performance.now()
      while ((await isOn()) !== active) await sleep(way.askEachMs)
      waitedMs.push(performance.now() - answered)
    }
    waitedMs.sort((a, b) => a - b)
    const at = (share: number) => waitedMs[Math.ceil(waitedMs.length * share) - 1] ?? Number.POSITIVE_INFINITY
    atMost(`Two servers, ${name}`, `${way.changes} changes seen by the other one, median`, way.goalMs, at(0.5), ' ms')
    atMost(`Two servers, ${name}`, `${way.changes} changes seen by the other one, p99`, way.goalMs, at(0.99), ' ms')
    expect(waitedMs).toHaveLength(way.changes)
  },
  hangMs,
)
