// Postgres killed, restored and failed over while processes check and write.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeOf } from '../support/change.js'
import type { TestProject } from '../support/project.js'
import { DatabaseMachine } from './database-machine.js'
import { atMost } from './figures.js'
import { createFleetProject, Fleet, loadFlags, seed, waiting } from './fleet.js'
import { type Link, openLink } from './link.js'
import type { Loaded } from './process/messages.js'
import { hangMs, size } from './size.js'

const pollIntervalMs = size(250, 10_000)

let project: TestProject
let database: DatabaseMachine
let link: Link
let fleet: Fleet

beforeAll(async () => {
  project = await createFleetProject()
  database = await DatabaseMachine.start()
  link = await openLink(database.port)
  await seed(database.store)
  fleet = await Fleet.start(size(2, 4), (index) => ({
    root: project.root,
    databaseUrl: database.url(link.port),
    pollIntervalMs,
    diskFile: `snapshot-${index}.json.gz`,
  }))
}, hangMs)
afterAll(async () => {
  await fleet?.end()
  await link?.close()
  await database?.stop()
  await project?.close()
})

describe('Postgres killed mid-run', () => {
  it('loses no acknowledged write and no row of history, and keeps no refused one', { timeout: hangMs }, async () => {
    const fault = 'Postgres killed mid-run'
    const kills = size(2, 200)
    await fleet.first.ask({ do: 'load', from: 1, flags: loadFlags, spacingMs: 2 })
    for (let kill = 0; kill < kills; kill++) {
      const known = fleet.first.acknowledged.length
      await expect.poll(() => fleet.first.acknowledged.length, waiting).toBeGreaterThan(known + (kill % 5))
      await database.crash()
      await database.restart()
    }
    const loaded = await fleet.first.ask({ do: 'unload' })
    await fleet.equalTo(database)

    const kept = await accountOf(loaded)
    expect(kept).toMatchObject({ lost: [], withoutHistory: [], refusedButStored: [] })
    expect(loaded.refused.filter(({ code }) => !typedCodes.has(code))).toEqual([])
    atMost(fault, `acknowledged writes lost (of ${loaded.acknowledged.length}, ${kills} kills)`, 0, kept.lost.length)
    atMost(fault, 'history rows missing', 0, kept.withoutHistory.length)
    atMost(fault, 'slowest refusal of a write', 2_000, loaded.slowestRefusalMs, ' ms')
    await fleet.expectSound(fault)
  })
})

describe('Postgres restored from a backup', () => {
  it('is believed, also when it has counted past what the processes had seen', { timeout: hangMs }, async () => {
    const fault = 'Postgres restored from a backup'
    await database.crash()
    const backup = database.backUp()
    await database.restart()
    await enableEventually('User:lost')
    await fleet.equalTo(database)

    await database.crash()
    database.restore(backup)
    await database.restart()
    const lowerMs = await fleet.equalTo(database)
    expect(await answersTo('User:lost')).toEqual([false])
    expect((await fleet.looks()).every(({ warned }) => warned.some((line) => line.includes('at an older state')))).toBe(
      true,
    )

    await enableEventually('User:lost_too')
    await fleet.equalTo(database)
    await database.crash()
    database.restore(backup)
    link.mode = 'refuse'
    await database.restart()
    await writeDirectly(5)
    link.mode = 'pass'
    const higherMs = await fleet.equalTo(database)
    expect(await answersTo('User:lost_too')).toEqual([false])
    atMost(fault, 'all equal, its number being lower', 15_000, lowerMs, ' ms')
    atMost(fault, 'all equal, its number being higher', 15_000, higherMs, ' ms')
    await fleet.expectSound(fault)
  })
})

describe('a failover that loses the tail', () => {
  it('is believed, and reported', { timeout: hangMs }, async () => {
    const fault = 'Postgres fails over and loses its tail'
    const standby = await DatabaseMachine.start({ migrated: false })
    try {
      await standby.crash()
      await database.crash()
      standby.restore(database.backUp())
      standby.follow(database)
      await database.restart()
      await standby.restart()
      await standby.crash()
      await enableEventually('User:tail')
      await fleet.equalTo(database)
      await database.crash()
      await standby.restart()
      await standby.query('select pg_promote()')
      link.target = standby.port
      const equalMs = await fleet.equalTo(standby)
      expect(await answersTo('User:tail')).toEqual([false])
      await enableEventually('User:after')
      await fleet.equalTo(standby)
      expect(await answersTo('User:after')).toEqual([true])
      atMost(fault, 'all equal', 15_000, equalMs, ' ms')
      await fleet.expectSound(fault)
    } finally {
      await standby.stop()
    }
  })
})

/** What every process answers, each answer once. */
async function answersTo(actor: string): Promise<readonly boolean[]> {
  const answers = await Promise.all(fleet.members.map((member) => member.ask({ do: 'ask', flag: 'changing', actor })))
  return [...new Set(answers.flat())]
}

/** The first write after a crash may meet a connection that is not known to be lost yet. */
async function enableEventually(actor: string): Promise<void> {
  const enable = async () => (await fleet.first.ask({ do: 'enable', flag: 'changing', actor, wait: false })).code
  await expect.poll(enable, waiting).toBeNull()
}

async function writeDirectly(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const values = [`User:direct_${n}`]
    await database.store.apply(changeOf({ feature: 'changing', operation: { kind: 'add', gate: 'actors', values } }))
  }
}

const typedCodes: ReadonlySet<string> = new Set(['store_unavailable', 'outcome_unknown', 'store_conflict'])

/** Compares what the writer was told with what is stored. */
async function accountOf({ acknowledged, refused }: Loaded) {
  const rows = await database.query(
    `select substring(value from 6)::int as number,
      exists (
        select from feature_history history
        where history.feature_key = gate.feature_key and history.value = gate.value and history.operation = 'added'
      ) as recorded
    from feature_gates gate
    where feature_key like 'load%'`,
  )
  const stored = new Map(rows.map(({ number, recorded }) => [Number(number), recorded === true]))
  const undone = refused.filter(({ code }) => code !== 'outcome_unknown')
  return {
    lost: acknowledged.filter((number) => !stored.has(number)),
    withoutHistory: [...stored].filter(([, recorded]) => !recorded),
    refusedButStored: undone.filter(({ number }) => stored.has(number)),
  }
}
