// Boots while the database cannot be reached, in each of the ways in which it can be out of reach.
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { createFleetProject, expected, seed, waiting } from './fleet.js'
import { type Link, openLink } from './link.js'
import type { Expected, SentOptions } from './process/messages.js'
import { hangMs, size } from './size.js'

const boots = size(3, 100)
const atOnce = size(3, 5)
/** Long enough that being fresh again comes from the retries, not from a poll. */
const pollIntervalMs = 10_000
const defaults: readonly Expected[] = [
  { flag: 'stable_off', actor: null, answer: true },
  { flag: 'stable_on', actor: null, answer: false },
]

let project: TestProject
let database: DatabaseMachine
let link: Link

beforeAll(async () => {
  project = await createFleetProject()
  database = await DatabaseMachine.start()
  link = await openLink(database.port)
  await seed(database.store)
  const first = new CheckerProcess()
  await first.start(options('good.json.gz'))
  await first.end('SIGTERM')
}, hangMs)
afterAll(async () => {
  await link?.close()
  await database?.stop()
  await project?.close()
})

function options(diskFile: string): SentOptions {
  return { root: project.root, databaseUrl: database.url(link.port), pollIntervalMs, diskFile }
}

describe('processes that boot while Postgres is down', () => {
  const ways = [
    ['refused', 'refuse'],
    ['silent', 'swallow'],
    ['reset at the first byte', 'reset'],
  ] as const

  it.each(ways)(
    'start from the disk, and are fresh soon after Postgres is back (%s)',
    async (_, mode) => {
      await bootAll(`Postgres down at boot (${mode})`, mode, 'disk', expected)
    },
    hangMs,
  )

  it(
    'start from the definitions without a file on disk',
    async () => {
      await bootAll('Postgres down at boot, no file on disk', 'refuse', 'definitions', defaults)
    },
    hangMs,
  )

  it(
    'start from the disk where the database stands still',
    async () => {
      database.freeze()
      await bootAll('Postgres frozen at boot', 'pass', 'disk', expected, () => database.thaw())
    },
    hangMs,
  )
})

async function bootAll(
  fault: string,
  mode: Link['mode'],
  source: 'disk' | 'definitions',
  answers: readonly Expected[],
  heal: () => void = () => {
    link.mode = 'pass'
  },
): Promise<void> {
  link.mode = mode
  let [slowestMs, slowestFreshMs, started] = [0, 0, 0]
  for (let done = 0; done < boots; done += atOnce) {
    const wave = await bootWave(source, answers)
    slowestMs = Math.max(slowestMs, ...wave.readyMs)
    started += wave.members.length
    if (done + atOnce >= boots) {
      heal()
      slowestFreshMs = await freshAgain(wave.members)
    }
    await Promise.all(wave.members.map((member) => member.end('SIGKILL')))
  }
  allOf(fault, `boots from ${source}`, started, boots)
  atMost(fault, 'slowest boot', 2_000, slowestMs, ' ms')
  atMost(fault, 'fresh after it is back', 5_000, slowestFreshMs, ' ms')
}

async function bootWave(source: string, answers: readonly Expected[]) {
  const members = Array.from({ length: atOnce }, () => new CheckerProcess())
  const readyMs = await Promise.all(
    members.map((member, index) => {
      const file = `wave-${index}.json.gz`
      const path = join(project.root, file)
      if (source === 'disk') copyFileSync(join(project.root, 'good.json.gz'), path)
      else rmSync(path, { force: true })
      return member.start(options(file), answers)
    }),
  )
  for (const look of await Promise.all(members.map((member) => member.look()))) {
    expect(look.statuses).toMatchObject([{ source, degraded: true }])
    expect(look).toMatchObject({ threw: 0, wrong: 0, unhandled: [] })
  }
  return { members, readyMs }
}

/** Waits until all are confirmed by the database, and resolves with how long that took. */
async function freshAgain(members: readonly CheckerProcess[]): Promise<number> {
  const before = performance.now()
  const fresh = async () => {
    const looks = await Promise.all(members.map((member) => member.look()))
    return looks.every(({ statuses }) => statuses.every((status) => status.source === 'postgres' && !status.degraded))
  }
  await expect.poll(fresh, waiting).toBe(true)
  return performance.now() - before
}
