// Writers that get in each other's way, writers that die, and writers that know nothing of Sluice.
import { execFileSync } from 'node:child_process'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { FeatureError } from '../../lib/errors.js'
import { systemClock } from '../../lib/time/clock.js'
import { changeOf } from '../support/change.js'
import { serverBinary } from '../support/binaries.js'
import type { TestProject } from '../support/project.js'
import { seededRandom } from '../support/random.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { CheckerProcess } from './checker-process.js'
import { allOf, atMost } from './figures.js'
import { openStore } from './database-machine.js'
import { createFleetProject, Fleet, seed, waiting } from './fleet.js'
import { type Link, openLink } from './link.js'
import { hangMs, size } from './size.js'
import { makeReplica } from '../support/replica.js'

let database: TestDatabase
beforeEach(async () => {
  database = await createDatabase()
})
afterEach(() => database.close())

describe('16 concurrent writers with random delays', () => {
  it('are serialised, and no reader misses a change', { timeout: hangMs }, async () => {
    const fault = '16 concurrent writers, random delays'
    const changes = size(800, 100_000)
    const passed = new Set<string>()
    const readers = [200, 5].map((pollIntervalMs) => follow(pollIntervalMs, pollIntervalMs === 5 ? passed : null))
    await Promise.all(readers.map(({ replica }) => replica.start()))

    // One connection after the other: sixteen at once may take longer on a busy machine than a store waits for one.
    const writers: (() => Promise<void>)[] = []
    for (let writer = 0; writer < 16; writer++) {
      writers.push(await (writer % 2 === 0 ? writerBySql : writerByStore)(writer, changes / 16))
    }
    await Promise.all(writers.map((write) => write()))

    const [{ version } = {}] = await database.query('select version::int as version from feature_state')
    expect(version).toBe(changes)
    const store = openStore(database.url)
    const { position } = await store.head(null)
    await vi.waitFor(() => {
      for (const { replica } of readers) expect(replica.snapshot.position).toEqual(position)
    }, waiting)
    const [{ nonces } = {}] = await database.query(`select json_agg(distinct nonce) as nonces from feature_history`)
    const missed = Array.isArray(nonces) ? nonces.filter((nonce) => !passed.has(String(nonce))) : ['none']
    expect(missed).toEqual([])
    const state = await store.readAll()
    for (const { replica } of readers) {
      const mine = [...replica.snapshot.entries.values()].map(({ stored }) => stored)
      expect(bySorted(mine)).toEqual(bySorted(state.items))
    }
    atMost(fault, `changes missed (of ${changes.toLocaleString('en')})`, 0, missed.length)
    await Promise.all(readers.map((reader) => reader.close()))
    await store.close()
  })

  function follow(pollIntervalMs: number, passed: Set<string> | null) {
    const store = openStore(database.url)
    const replica = makeReplica({
      store,
      clock: systemClock,
      pollIntervalMs,
      listen: true,
    })
    replica.current.subscribe(({ via }) => {
      for (const { nonce } of via) passed?.add(nonce)
    })
    const close = async () => {
      await replica.close()
      await store.close()
    }
    return { replica, close }
  }

  /** Its transactions stay open for a while, as another application's would. */
  async function writerBySql(writer: number, count: number): Promise<() => Promise<void>> {
    const random = seededRandom(writer)
    const client = new Client({ connectionString: database.url })
    await client.connect()
    return async () => {
      for (let n = 0; n < count; n++) {
        await client.query('begin')
        await client.query(`insert into feature_gates (feature_key, key, value) values ($1, 'actors', $2)`, [
          `flag_${n % 7}`,
          `Writer:${writer}_${n}`,
        ])
        await new Promise((resume) => setTimeout(resume, random.next() * 3))
        await client.query('commit')
      }
      await client.end()
    }
  }

  async function writerByStore(writer: number, count: number): Promise<() => Promise<void>> {
    const store = openStore(database.url)
    await store.head(null)
    return async () => {
      for (let n = 0; n < count; n++) {
        const values = [`Writer:${writer}_${n}`]
        const change = changeOf({ feature: `flag_${n % 7}`, operation: { kind: 'add', gate: 'actors', values } })
        await untilWritten(() => store.apply(change))
      }
      await store.close()
    }
  }

  /** On a busy machine the fifteen others may keep one away for longer than it waits: then nothing is written, and it is to try again. */
  async function untilWritten(write: () => Promise<unknown>): Promise<void> {
    for (let isWritten = false; !isWritten; ) {
      try {
        await write()
        isWritten = true
      } catch (error) {
        if (!(error instanceof FeatureError) || error.code !== 'store_conflict') throw error
      }
    }
  }

  function bySorted(features: readonly unknown[]): unknown {
    return features.map((feature) => JSON.stringify(feature, (_, value) => plain(value))).sort()
  }

  function plain(value: unknown): unknown {
    if (value instanceof Map) return [...value].sort()
    return Array.isArray(value) ? [...value].sort() : value
  }
})

describe('processes that follow', () => {
  let project: TestProject
  let link: Link
  let polling: Fleet
  let listening: Fleet
  const pollIntervalMs = size(300, 1_000)
  beforeAll(async () => {
    project = await createFleetProject()
  })
  afterAll(() => project?.close())
  beforeEach(async () => {
    const store = openStore(database.url)
    await seed(store)
    await store.close()
    link = await openLink(Number(new URL(database.url).port))
    const options = { root: project.root, databaseUrl: database.url, diskFile: false } as const
    polling = await Fleet.start(1, () => ({ ...options, pollIntervalMs, listen: false }))
    listening = await Fleet.start(1, () => ({ ...options, pollIntervalMs: 600_000, listen: true }))
  })
  afterEach(async () => {
    await polling.end()
    await listening.end()
    await link.close()
  })

  it('notice the change of a writer that was killed between COMMIT and telling others', {
    timeout: hangMs,
  }, async () => {
    const fault = 'writer killed between COMMIT and announcing'
    const kills = size(3, 200)
    const [polledMs, heardMs]: [number[], number[]] = [[], []]
    for (let kill = 0; kill < kills; kill++) {
      const writer = new CheckerProcess()
      const url = new URL(database.url)
      url.port = String(link.port)
      await writer.start({ root: project.root, databaseUrl: url.href, listen: false, diskFile: false })
      const committed = new Promise<void>((done) => {
        link.onRequest = (data) => {
          if (!/\bcommit\b/.test(data.toString('latin1'))) return
          link.onRequest = null
          done()
        }
      })
      const actor = `User:kill_${kill}`
      writer.ask({ do: 'enable', flag: 'changing', actor, wait: false }).catch(() => {}) // Killed before it can answer.
      await committed
      // The COMMIT is on its way; its answer will find nobody.
      await writer.end('SIGKILL')
      const before = performance.now()
      await Promise.all([
        sees(polling, actor).then(() => polledMs.push(performance.now() - before)),
        sees(listening, actor).then(() => heardMs.push(performance.now() - before)),
      ])
    }
    allOf(fault, 'noticed by others', polledMs.length, kills)
    atMost(fault, 'visible by the poll', pollIntervalMs * 1.2 + 100, Math.max(...polledMs), ' ms')
    atMost(fault, 'visible with LISTEN', 150, Math.max(...heardMs), ' ms')
    for (const fleet of [polling, listening]) await fleet.expectSound(fault)
  })

  it('see what psql, COPY, Rails and TRUNCATE write', { timeout: hangMs }, async () => {
    const fault = 'psql, COPY, Rails, TRUNCATE'
    const psql = (input: string) =>
      execFileSync(serverBinary('psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', database.url], { input })
    const gate = `feature_gates (feature_key, key, value, created_at, updated_at)`
    const writes: readonly (readonly [string, () => unknown])[] = [
      ['psql', () => psql(`insert into ${gate} values ('changing', 'actors', 'psql', now(), now());`)],
      ['COPY', () => psql(`copy feature_gates (feature_key, key, value) from stdin;\nchanging\tactors\tCOPY\n\\.\n`)],
      ['Rails', () => writeAsRails()],
    ]
    let slowestMs = 0
    for (const [actor, write] of writes) {
      const before = performance.now()
      await write()
      await Promise.all([sees(polling, actor), sees(listening, actor)])
      slowestMs = Math.max(slowestMs, performance.now() - before)
    }
    psql('truncate features, feature_gates')
    const store = openStore(database.url)
    for (const fleet of [polling, listening]) await fleet.equalTo(store)
    await store.close()
    const answer = await listening.first.ask({ do: 'ask', flag: 'stable_off', actor: null })
    expect(answer).toEqual([true])
    atMost(fault, 'seen by the poll', pollIntervalMs * 1.2 + 100, slowestMs, ' ms')
  })

  /** As Flipper's ActiveRecord adapter does: rows by statements with parameters, in one transaction. */
  async function writeAsRails(): Promise<void> {
    const client = new Client({ connectionString: database.url })
    await client.connect()
    await client.query('BEGIN')
    await client.query(
      'INSERT INTO "feature_gates" ("feature_key", "key", "value", "created_at", "updated_at") VALUES ($1, $2, $3, $4, $5) RETURNING "id"',
      ['changing', 'actors', 'Rails', new Date(), new Date()],
    )
    await client.query('COMMIT')
    await client.end()
  }
})

/** Waits until the fleet's first process answers true for the actor. */
async function sees(fleet: Fleet, actor: string): Promise<void> {
  const answer = () => fleet.first.ask({ do: 'ask', flag: 'changing', actor })
  await expect.poll(answer, { ...waiting, interval: 5 }).toEqual([true])
}
