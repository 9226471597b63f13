// Writes that no trigger saw: found by comparing the whole content, and in a fleet with Redis known to all that start later.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../lib/time/clock.js'
import type { PostgresStore } from '../../lib/store/postgres/store.js'
import { changeOf } from '../support/change.js'
import { recordingLogger } from '../support/recording-logger.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { run } from '../cli/run.js'
import type { TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { allOf, atMost } from './figures.js'
import { openStore } from './database-machine.js'
import { createFleetProject, expected, Fleet, seed, waiting } from './fleet.js'
import type { SentOptions } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, isFull, size } from './size.js'
import { makeReplica } from '../support/replica.js'
import type { FlagReplica } from '../../lib/replica/flag-content.js'

const compareIntervalMs = 200

describe('a write that passed the triggers by', () => {
  let database: TestDatabase
  let store: PostgresStore
  let replica: FlagReplica
  beforeEach(async () => {
    database = await createDatabase()
    store = openStore(database.url)
    await seed(store)
    replica = makeReplica({
      store,
      clock: systemClock,
      logger: recordingLogger(),
      pollIntervalMs: 50,
      cache: null,
      compareIntervalMs,
      contentIntervalMs: compareIntervalMs,
    })
    await replica.start()
  })
  afterEach(async () => {
    await replica.close()
    await store.close()
    await database.close()
  })

  const deletion = `delete from feature_gates where feature_key = 'stable_on'`
  const unseen = 'flags were written with the triggers off or missing'
  it.each([
    ['replica role', unseen, `begin; set local session_replication_role = replica; ${deletion}; commit`],
    [
      'triggers disabled',
      unseen,
      `alter table feature_gates disable trigger all; ${deletion}; alter table feature_gates enable trigger all`,
    ],
    [
      'triggers missing',
      'changes leave no history',
      `drop trigger feature_history_record on feature_gates; ${deletion}`,
    ],
  ])('(%s) is found, and told by status()', async (how, told, sql) => {
    expect(replica.snapshot.entries.get('stable_on')?.answer).toBe(true)
    await database.query(sql)
    const before = performance.now()
    await vi.waitFor(() => expect(replica.snapshot.entries.get('stable_on')?.answer).toBe(false), waiting)
    const foundMs = performance.now() - before
    // The look at the triggers and the comparison of the content are two questions, and either may be answered first.
    await vi.waitFor(() => expect(replica.status().warnings.join()).toContain(told), waiting)
    // The interval is 30 min in production: what is measured is how many of them it takes.
    atMost(`triggers: ${how}`, 'found within intervals of the comparison', 2, foundMs / compareIntervalMs)
    // What is still missing is told of for as long.
    if (told === unseen) await vi.waitFor(() => expect(replica.status().warnings).toEqual([]), waiting)
  })

  it('is found by the first comparison, while four changes a second let the position never rest', async () => {
    await database.query(`begin; set local session_replication_role = replica; ${deletion}; commit`)
    const before = performance.now()
    let busy = true
    const changing = (async () => {
      for (let on = true; busy; on = !on) {
        await store.apply(changeOf({ feature: 'load_a', operation: { kind: on ? 'enable' : 'disable' } }))
        await new Promise((resume) => setTimeout(resume, 250))
      }
    })()
    try {
      await vi.waitFor(() => expect(replica.snapshot.entries.get('stable_on')?.answer).toBe(false), waiting)
    } finally {
      busy = false
      await changing
    }
    const foundMs = performance.now() - before
    atMost('triggers: four changes a second', 'found within intervals', 2, foundMs / compareIntervalMs)
  })
})

describe('a write in the role of a replica, with Redis', { timeout: hangMs }, () => {
  let project: TestProject
  let database: TestDatabase
  let redis: RedisMachine
  let store: PostgresStore
  let fleet: Fleet
  const pollMs = size(300, 2_000)
  const options = (): SentOptions => ({
    root: project.root,
    databaseUrl: database.url,
    redisUrl: redis.url(),
    pollIntervalMs: pollMs,
    diskFile: false,
  })
  beforeEach(async () => {
    project = await createFleetProject()
    database = await createDatabase()
    redis = await RedisMachine.start()
    store = openStore(database.url)
    await seed(store)
    fleet = await Fleet.start(1, options)
    await fleet.equalTo(store)
    await vi.waitFor(async () => expect(await redis.keys('*:pointer')).toHaveLength(1), waiting)
  }, hangMs)
  afterEach(async () => {
    await fleet?.end()
    await store?.close()
    await redis?.stop()
    await database?.close()
    await project?.close()
  })

  it('is what processes that start and the command line answer, and gets into the blob', async () => {
    const fault = 'triggers: replica role, with Redis'
    const insert = `insert into feature_gates (feature_key, key, value) values ('by_actor', 'actors', 'User:2')`
    const [pointer] = await redis.keys('*:pointer')
    const before = await redis.bytes(pointer ?? '')
    await database.query(`begin; set local session_replication_role = replica; ${insert}; commit`)
    const { root, databaseUrl, redisUrl } = options()
    const shown = await run(['get', 'by_actor', '--json'], { root, options: { databaseUrl, redisUrl: redisUrl ?? '' } })
    expect(shown.stdout).toContain('User:2')
    const starts = size(2, 10)
    let right = 0
    for (let started = 0; started < starts; started++) {
      const late = new CheckerProcess()
      await late.start(options())
      const answers = async () => await late.ask({ do: 'ask', flag: 'by_actor', actor: 'User:2' })
      if ((await answers())[0] === true) right += 1
      await vi.waitFor(async () => expect(await answers()).toEqual([true]), waiting)
      await late.end('SIGKILL')
    }
    allOf(fault, 'new processes right when start() resolves', right, starts)
    expect(expected.find(({ actor }) => actor === 'User:2')?.answer).toBe(false)
    await vi.waitFor(async () => {
      expect(await fleet.first.ask({ do: 'ask', flag: 'by_actor', actor: 'User:2' })).toEqual([true])
    }, waiting)
    // Content is compared once a minute at most, so the blob is waited for at full size alone.
    if (isFull) await vi.waitFor(async () => expect(await redis.bytes(pointer ?? '')).not.toEqual(before), waiting)
  })

  it('by this library itself, in a database that is set so, is not in the history, and says so', async () => {
    await database.query(
      `do $$ begin execute format('alter database %I set session_replication_role = replica', current_database()); end $$`,
    )
    const writer = new CheckerProcess()
    await writer.start(options())
    const { code } = await writer.ask({ do: 'enable', flag: 'by_actor', actor: 'User:9', wait: false })
    expect(code).toBe(null)
    expect(await writer.ask({ do: 'ask', flag: 'by_actor', actor: 'User:9' })).toEqual([true])
    expect((await writer.look()).warned).toContainEqual(expect.stringContaining('not in the history'))
    expect((await writer.look()).statuses).toMatchObject([{ triggers: { state: 'broken' } }])
    const wroteAt = performance.now()
    await vi.waitFor(async () => {
      expect(await fleet.first.ask({ do: 'ask', flag: 'by_actor', actor: 'User:9' })).toEqual([true])
    }, waiting)
    const goalMs = 1.2 * pollMs + 1_000
    atMost(
      'triggers: replica role of a database',
      'until the other process has it',
      goalMs,
      performance.now() - wroteAt,
      ' ms',
    )
    await writer.end('SIGKILL')
  })
})
