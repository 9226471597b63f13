// Postgres and Redis gone at once: the last good answers stay for ever, and new processes start from the disk.
//
// A copy is there although every process that is asked for it began from Redis, and heard from Postgres that nothing has changed.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { createFleetProject, expected, Fleet, seed, waiting } from './fleet.js'
import { type Link, openLink } from './link.js'
import type { SentOptions } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, size } from './size.js'

const fault = 'both down for 1 min'

let project: TestProject
let database: DatabaseMachine
let redis: RedisMachine
let fleet: Fleet
let link: Link

beforeAll(async () => {
  project = await createFleetProject()
  database = await DatabaseMachine.start()
  redis = await RedisMachine.start()
  await seed(database.store)
  link = await openLink(database.port)
  await writeBlob()
  fleet = await Fleet.start(size(2, 4), () => options())
}, hangMs)
afterAll(async () => {
  await fleet?.end()
  await link?.close()
  await redis?.stop()
  await database?.stop()
  await project?.close()
})

function options(diskFile: string | false = 'shared.json.gz'): SentOptions {
  return {
    root: project.root,
    databaseUrl: database.url(link.port),
    redisUrl: redis.url(),
    pollIntervalMs: size(300, 2_000),
    diskFile,
  }
}

/** A process without a disk fills Redis, and is gone: all that follow begin from there. */
async function writeBlob(): Promise<void> {
  const first = new CheckerProcess()
  await first.start(options(false))
  await vi.waitFor(async () => expect(await redis.keys('sluice:*:blob:*')).toHaveLength(1), waiting)
  await first.end('SIGTERM')
}

const pathOf = (diskFile: string) => join(project.root, diskFile)

/** Waits until the copy is there. */
async function copyIn(diskFile: string): Promise<void> {
  await vi.waitFor(() => expect(existsSync(pathOf(diskFile))).toBe(true), waiting)
}

/** A start while nothing can be reached. */
async function startsFromDisk(diskFile: string): Promise<void> {
  const member = new CheckerProcess()
  await member.start(options(diskFile), expected)
  const look = await member.look()
  await member.end('SIGKILL')
  expect(look).toMatchObject({ threw: 0, wrong: 0, unhandled: [] })
  expect(look.statuses).toMatchObject([{ source: 'disk', degraded: true }])
}

describe('a process that began from Redis', () => {
  it('has a copy on its disk within seconds, and has it written anew where it is deleted or damaged', {
    timeout: hangMs,
  }, async () => {
    const diskFile = 'own.json.gz'
    const member = new CheckerProcess()
    link.mode = 'refuse'
    link.cut()
    await member.start(options(diskFile))
    await vi.waitFor(async () => expect((await member.look()).statuses).toMatchObject([{ source: 'redis' }]), waiting)
    expect(existsSync(pathOf(diskFile))).toBe(false)
    link.mode = 'pass'
    const back = performance.now()
    await copyIn(diskFile)
    atMost(fault, 'copy on a fresh disk', 15_000, performance.now() - back, ' ms')
    // Postgres has confirmed what Redis had: nothing was read.
    expect((await member.look()).counts.refreshes).toMatchObject({ delta: 0, whole: 0 })
    rmSync(pathOf(diskFile))
    const deleted = performance.now()
    await copyIn(diskFile)
    atMost(fault, 'copy after it was deleted', 5_000, performance.now() - deleted, ' ms')
    const damaged = Buffer.from('damaged')
    writeFileSync(pathOf(diskFile), damaged)
    await vi.waitFor(() => expect(readFileSync(pathOf(diskFile)).equals(damaged)).toBe(false), waiting)
    await member.end('SIGKILL')
  })
})

describe('Postgres and Redis that are both down', () => {
  it('change no answer, and every process that boots meanwhile has the last good one', {
    timeout: hangMs,
  }, async () => {
    const boots = size(3, 100)
    await vi.waitFor(async () => {
      for (const { statuses } of await fleet.looks()) expect(statuses).toMatchObject([{ degraded: false }])
    }, waiting)
    // Whose file it was is gone; those that run have to notice.
    rmSync(pathOf('shared.json.gz'), { force: true })
    await copyIn('shared.json.gz')
    const until = performance.now() + size(1_000, 60_000)
    await Promise.all([database.crash(), redis.crash()])
    await startsFromDisk('own.json.gz')
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
    const equalMs = await fleet.equalTo(database)
    allOf(fault, 'boots from the disk', started, boots)
    atMost(fault, 'slowest boot', 2_000, slowestMs, ' ms')
    atMost(fault, 'all equal after healing', 15_000, equalMs, ' ms')
    await fleet.expectSound(fault)
  })
})
