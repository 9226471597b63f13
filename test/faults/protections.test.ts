// The tests of the tests: each protection is taken away, and what watches over it must notice. The other two, hints and
// statements, are in model.test.ts.
import { Client, type DatabaseError } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ExpectedRevisions } from '../../lib/store/postgres/expected-revisions.js'
import type { Store } from '../../lib/store/store.js'
import { changeOf } from '../support/change.js'
import { FaultyStore } from '../support/faulty-store.js'
import { ManualClock } from '../support/manual-clock.js'
import type { TestProject } from '../support/project.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { startTwoServers, type TwoServers } from './app-at.js'
import { CheckerProcess } from './checker-process.js'
import { openStore } from './database-machine.js'
import { createFleetProject, expected, seed, waiting } from './fleet.js'
import { definedFlags, makeReplica } from '../support/replica.js'
import { hangMs } from './size.js'
import { addedByWriter, asFlipper, asPsql, heldRound, isRefused } from './two-clients.js'

/** As a design with a sequence would do it: a number that everybody draws without waiting for anybody. */
const sequenceInsteadOfStateRow = `
  create sequence feature_versions;
  alter table feature_state rename to feature_first_state;
  create view feature_state as
  select true as singleton, database_id, coalesce(last.version, first.version) as version,
    coalesce(last.nonce, first.nonce) as nonce, first.origin
  from feature_first_state first
  left join lateral (select version, nonce from feature_history order by version desc limit 1) last on true;
  create or replace function feature_next_position() returns text language plpgsql as $$
  declare
    taken text := current_setting('sluice.position', true);
  begin
    if split_part(coalesce(taken, ''), ' ', 1) = pg_current_xact_id()::text then return taken; end if;
    taken := concat_ws(' ', pg_current_xact_id()::text, nextval('public.feature_versions'), gen_random_uuid());
    perform set_config('sluice.position', taken, true);
    return taken;
  end $$`

/** Triggers that take the state's lock first, not last. */
const immediateTriggers = `
  drop trigger feature_history_record on feature_gates;
  create trigger feature_history_record after insert or update or delete on feature_gates
  for each row execute function feature_gate_changed()`

const add = (feature: string, value: string) =>
  `insert into feature_gates (feature_key, key, value) values ('${feature}', 'actors', '${value}')`

describe('the watch over the database', () => {
  let database: TestDatabase
  let clients: readonly [Client, Client]
  beforeEach(async () => {
    database = await createDatabase()
    clients = [new Client({ connectionString: database.url }), new Client({ connectionString: database.url })]
    for (const client of clients) await client.connect()
  })
  const stores: Store[] = []
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()))
    for (const client of clients) await client.end()
    await database.close()
  })

  /** Reads as a replica does: what changed since its position, or everything where that is not known without a gap. */
  async function storeReader(): Promise<() => Promise<readonly string[]>> {
    const store = openStore(database.url)
    stores.push(store)
    let { position } = await store.head(null)
    return async () => {
      const { delta } = await store.readSince(position)
      const whole = delta === null ? await store.readAll() : null
      position = delta?.position ?? whole?.position ?? position
      return whole?.items.map(({ key }) => key) ?? [...(delta?.changed.keys() ?? [])]
    }
  }

  /** Two writers, of which the one that counted first commits last; which of their changes does a reader never see? */
  async function missedByReader(): Promise<readonly string[]> {
    await database.query(add('before', '1'))
    const reader = await storeReader()
    const [first, second] = clients
    const seen = new Set<string>()
    const read = async () => {
      for (const feature of await reader()) seen.add(feature)
    }
    await first.query(`begin; ${add('early', '1')}; set constraints all immediate`)
    await second.query(`begin; ${add('late', '1')}`)
    // With the protection it waits for the first one.
    const committed = second.query('commit')
    let over = false
    const ended = committed.then(() => {
      over = true
    })
    await waitsForLock(() => over)
    await read()
    await first.query('commit')
    await ended
    await read()
    return ['early', 'late'].filter((feature) => !seen.has(feature))
  }

  /** Resolves when a writer waits, or when there is nobody left who could: nothing may ask the database after its end. */
  async function waitsForLock(isOver = () => false): Promise<void> {
    const blocked = `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    await expect.poll(async () => isOver() || (await database.query(blocked))[0]?.['count'] === 1, waiting).toBe(true)
  }

  it('sees every change in the order of their positions', async () => {
    expect(await missedByReader()).toEqual([])
  })

  it('notices that a sequence loses changes', async () => {
    await database.query(sequenceInsteadOfStateRow)
    expect(await missedByReader()).toEqual(['early'])
  })

  /** Two writers that touch rows in such an order that only the lock on the state could make them wait in a circle. */
  async function deadlocks(): Promise<number> {
    const [first, second] = clients
    await database.query(`insert into features (key) values ('shared')`)
    await second.query(`begin; select from features where key = 'shared' for update`)
    await first.query(`begin; ${add('a_flag', '1')}`)
    const waits = first.query(`select from features where key = 'shared' for update`)
    await waitsForLock()
    const ended = await Promise.allSettled([second.query(add('b_flag', '1')).then(() => second.query('commit')), waits])
    await Promise.allSettled([first.query('commit'), second.query('rollback')])
    return ended.filter((one) => one.status === 'rejected' && isDeadlock(one.reason)).length
  }

  it('sees that the triggers make no deadlock', async () => {
    expect(await deadlocks()).toBe(0)
  })

  it('notices that immediate triggers deadlock', async () => {
    await database.query(immediateTriggers)
    expect(await deadlocks()).toBe(1)
  })
})

function isDeadlock(error: unknown): error is DatabaseError {
  return error instanceof Error && 'code' in error && error.code === '40P01'
}

describe('the watch over changes at once', () => {
  let two: TwoServers
  beforeAll(async () => {
    two = await startTwoServers()
  }, hangMs)
  beforeEach(async () => {
    await two.of([0])[0]?.instance.feature.enablePercentageOfActors('my_flag', 1)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
  afterAll(() => two?.close())

  /** As a design that compares once the flag's row is locked, and not again under the lock on the state. */
  function compareEarlyOnly() {
    vi.spyOn(ExpectedRevisions.prototype, 'compareWritten').mockImplementation(() => {})
  }

  describe.each([
    ['one server', [0, 0]],
    ['two servers', [0, 1]],
  ] as const)('by two clients of %s', (_, at) => {
    it.each([
      ['Flipper', asFlipper],
      ['psql', asPsql],
    ] as const)(
      'sees that nothing is lost of what %s writes meanwhile, and notices a comparison that is made too early',
      async (_, write) => {
        const clients = two.of(at)
        const guarded = await heldRound(two.database, clients, 'my_flag', write)
        expect(guarded.answers.map(isRefused)).toEqual([true, true])
        expect(guarded.after).toEqual([guarded.before + addedByWriter])
        compareEarlyOnly()
        const unguarded = await heldRound(two.database, clients, 'my_flag', write)
        expect(unguarded.answers.map(({ status }) => status).sort()).toEqual([200, 412])
        // One client has put what it had read in the place of what was committed meanwhile, or beside it.
        expect(unguarded.after).toContain(unguarded.before + 1)
      },
    )
  })
})

describe('the watch over answers while nothing can be reached', () => {
  const tenDaysMs = 10 * 24 * 3_600_000

  /** What a process answers that has not reached the store for ten days; with the mistake, content ends with its age. */
  async function answerAfter10Days(expireAfterMs: number | null): Promise<boolean | null | undefined> {
    const [store, clock] = [new FaultyStore(), new ManualClock()]
    await store.apply(changeOf({ feature: 'stable_on', operation: { kind: 'enable' } }))
    const replica = makeReplica({
      store,
      clock,
      // So rare that ten days pass quickly here; every one of them fails, and so do the retries after it.
      pollIntervalMs: 10 * tenDaysMs,
      cache: null,
    })
    await replica.start()
    store.down = true
    await replica.refreshNow().catch(() => {}) // Fails, as meant.
    store.hold()
    await clock.advance(tenDaysMs)
    store.release()
    const { ageMs } = replica.status()
    const isExpired = expireAfterMs !== null && ageMs !== null && ageMs > expireAfterMs
    const snapshot = isExpired ? definedFlags() : replica.snapshot
    await replica.close()
    return snapshot.entries.get('stable_on')?.answer
  }

  it('sees that the last good answers stay', async () => {
    expect(await answerAfter10Days(null)).toBe(true)
  })

  it('notices that expiry changes answers', async () => {
    expect(await answerAfter10Days(3_600_000)).not.toBe(true)
  })
})

describe('the watch over processes', () => {
  let project: TestProject
  let database: TestDatabase
  let member: CheckerProcess
  beforeEach(async () => {
    project = await createFleetProject()
    database = await createDatabase()
    const store = openStore(database.url)
    await seed(store)
    await store.close()
    member = new CheckerProcess()
  })
  afterEach(async () => {
    await member.end('SIGKILL')
    await database.close()
    await project.close()
  })

  async function start(): Promise<void> {
    const options = {
      root: project.root,
      databaseUrl: database.url,
      pollIntervalMs: 200,
      listen: false,
      diskFile: false,
    } as const
    await member.startWithContent(options, expected)
  }

  /**
   * Ends the connections that a process holds idle, and returns what nobody in it has caught by then. Where a
   * query had been sent meanwhile, its connection was not idle, and the error is the query's.
   */
  async function uncaughtAfterLoss(): Promise<string> {
    const ended = () =>
      database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state = 'idle'`,
      )
    await expect.poll(ended, waiting).not.toEqual([])
    const before = (await member.look()).counts.refreshes.none
    await expect.poll(async () => (await member.look()).counts.refreshes.none, waiting).toBeGreaterThan(before + 1)
    return (await member.look()).unhandled.join()
  }

  it('sees that a lost idle connection does no harm', async () => {
    await start()
    expect(await uncaughtAfterLoss()).toBe('')
  })

  it('notices that connections without error handlers end the process', async () => {
    await member.ask({ do: 'undefend' })
    await start()
    await expect.poll(uncaughtAfterLoss, waiting).toContain('terminating connection')
  })
})
