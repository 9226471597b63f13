// Postgres and Redis gone at once: the last good answers stay for ever, and new processes start from the disk.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { createFleetProject, expected, Fleet, openStore, seed } from './fleet.js'
import type { SentOptions } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, size } from './size.js'

let project: TestProject
let database: DatabaseMachine
let redis: RedisMachine
let fleet: Fleet

beforeAll(async () => {
  project = await createFleetProject()
  database = await DatabaseMachine.start()
  redis = await RedisMachine.start()
  const store = openStore(database.url())
  await seed(store)
  await store.close()
  fleet = await Fleet.start(size(2, 4), () => options())
  // A process that ends leaves its copy behind.
  const last = new CheckerProcess()
  await last.start(options())
  await last.end('SIGTERM')
}, hangMs)
afterAll(async () => {
  await fleet?.end()
  await redis?.stop()
  await database?.stop()
  await project?.close()
})

function options(): SentOptions {
  return {
    root: project.root,
    databaseUrl: database.url(),
    redisUrl: redis.url(),
    pollIntervalMs: size(300, 2_000),
    diskFile: 'shared.json.gz',
  }
}

describe('both down', () => {
  it('changes no answer, and every process that boots meanwhile has the last good one', {
    timeout: hangMs,
  }, async () => {
    const fault = 'both down for 1 min'
    const boots = size(3, 100)
    const until = performance.now() + size(1_000, 60_000)
    await Promise.all([database.crash(), redis.crash()])
    let slowestMs = 0
    let started = 0
    while (started < boots) {
      const wave = Array.from({ length: Math.min(5, boots - started) }, () => new CheckerProcess())
      const times = await Promise.all(wave.map((member) => member.start(options(), expected)))
      slowestMs = Math.max(slowestMs, ...times)
      for (const member of wave) {
        const look = await member.look()
        expect(look).toMatchObject({ threw: 0, wrong: 0, unhandled: [] })
        expect(look.statuses).toMatchObject([{ source: 'disk', degraded: true }])
        await member.end('SIGKILL')
        started += 1
      }
    }
    await pause(Math.max(0, until - performance.now())) // The fault itself: it lasts.
    await fleet.expectSound(fault)
    for (const { statuses } of await fleet.looks()) expect(statuses).toMatchObject([{ degraded: true }])
    await Promise.all([database.restart(), redis.restart()])
    const equalMs = await fleet.equalTo(database.url())
    allOf(fault, 'boots from the disk', started, boots)
    atMost(fault, 'slowest boot', 2_000, slowestMs, ' ms')
    atMost(fault, 'all equal after healing', 15_000, equalMs, ' ms')
    await fleet.expectSound(fault)
  })
})
