// Processes that stand still, that are ended, and whose clock is wrong.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDisk } from '../../lib/replica/disk/disk.js'
import { makeSealer } from '../../lib/state/sealed.js'
import { changeOf } from '../support/change.js'
import type { TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { createFleetProject, Fleet, loadFlags, seed, waiting } from './fleet.js'
import type { SentOptions } from './process/messages.js'
import { hangMs, size } from './size.js'

let project: TestProject
let database: DatabaseMachine

beforeAll(async () => {
  project = await createFleetProject()
  database = await DatabaseMachine.start()
  await seed(database.store)
}, hangMs)
afterAll(async () => {
  await database?.stop()
  await project?.close()
})

function options(more: Partial<SentOptions> = {}): SentOptions {
  return {
    root: project.root,
    databaseUrl: database.url(),
    pollIntervalMs: size(300, 10_000),
    listen: false,
    diskFile: false,
    ...more,
  }
}

/** Writes as another process would. */
async function write(actor: string): Promise<void> {
  await database.store.apply(
    changeOf({ feature: 'changing', operation: { kind: 'add', gate: 'actors', values: [actor] } }),
  )
}

describe('a process that stands still', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await Fleet.start(2, (index) => options({ listen: index === 0 }))
  }, hangMs)
  afterAll(() => fleet?.end())

  it(
    'because its event loop is blocked is right soon after the loop turns again',
    async () => {
      const fault = 'event loop blocked 30 s'
      const blocked = Promise.all(fleet.members.map((member) => member.ask({ do: 'block', ms: size(1_000, 30_000) })))
      await write('User:blocked')
      await blocked
      atMost(fault, 'right after waking', 2_000, await fleet.equalTo(database), ' ms')
      await fleet.expectSound(fault)
    },
    hangMs,
  )

  it(
    'because it is frozen is right soon after it is thawed',
    async () => {
      const fault = 'process frozen 1 min'
      for (const member of fleet.members) member.signal('SIGSTOP')
      await write('User:frozen')
      await pause(size(700, 60_000)) // The fault itself: time passes for all but the frozen.
      for (const member of fleet.members) member.signal('SIGCONT')
      atMost(fault, 'right after waking', 2_000, await fleet.equalTo(database), ' ms')
      await fleet.expectSound(fault)
    },
    hangMs,
  )

  it(
    'while its clock steps by a day changes no answer and loses no news',
    async () => {
      const fault = 'clock steps by a day'
      const dayMs = 24 * 60 * 60_000
      for (const [step, ms] of [dayMs, -2 * dayMs, dayMs].entries()) {
        await fleet.first.ask({ do: 'shift', ms })
        const enabled = await fleet.first.ask({
          do: 'enable',
          flag: 'changing',
          actor: `User:own_${step}`,
          wait: false,
        })
        expect(enabled.code).toBeNull()
        await write(`User:other_${step}`)
        await fleet.equalTo(database)
      }
      await fleet.expectSound(fault)
    },
    hangMs,
  )
})

describe('SIGTERM in the middle of writes', () => {
  it('ends the process soon, and stored is exactly what it was told is written', { timeout: hangMs }, async () => {
    const fault = 'SIGTERM mid-write'
    const times = size(4, 200)
    let [slowestMs, right] = [0, 0]
    for (let time = 0; time < times; time++) {
      const from = 1 + time * 100_000
      const writer = new CheckerProcess()
      await writer.start(options())
      await writer.ask({ do: 'load', from, flags: loadFlags, spacingMs: 0 })
      await expect.poll(() => writer.acknowledged.length, { ...waiting, interval: 1 }).toBeGreaterThan(time % 7)
      const before = performance.now()
      expect(await writer.end('SIGTERM')).toBe(0)
      slowestMs = Math.max(slowestMs, performance.now() - before)
      expect(await storedFrom(from)).toEqual([...writer.acknowledged].sort((a, b) => a - b))
      right += 1
    }
    allOf(fault, 'acknowledged = stored', right, times)
    atMost(fault, 'exit', 5_000, slowestMs, ' ms')
  })

  async function storedFrom(from: number): Promise<readonly number[]> {
    const rows = await database.query(
      `select substring(value from 6)::int as number from feature_gates
      where feature_key like 'load%' and substring(value from 6)::int between $1 and $2 order by 1`,
      [from, from + 99_999],
    )
    return rows.map(({ number }) => Number(number))
  }
})

describe('kill -9 in the middle of writing the disk copy', () => {
  it('leaves a valid file at every moment', { timeout: hangMs }, async () => {
    const fault = 'kill -9 mid disk write'
    const times = size(8, 200)
    const folder = mkdtempSync(join(tmpdir(), 'sluice-disk-'))
    const path = join(folder, 'snapshot.json.gz')
    const owner = { address: 'kept', identity: null, sealer: makeSealer(null) }
    let valid = 0
    for (let time = 0; time < times; time++) {
      const writer = new CheckerProcess()
      await writer.ask({ do: 'keep', path, flags: 2_000 })
      const some = 1 + (time % 3)
      await expect.poll(() => writer.acknowledged.length, { ...waiting, interval: 1 }).toBeGreaterThanOrEqual(some)
      await pause((time % 11) * 2) // Each time at another moment of the write.
      await writer.end('SIGKILL')
      expect((await readDisk(path, owner))?.items).toHaveLength(2_000)
      valid += 1
    }
    rmSync(folder, { recursive: true, force: true })
    allOf(fault, 'file valid', valid, times)
  })
})
