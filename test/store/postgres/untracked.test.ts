// What was written past the triggers is found by the history of each row, and added to it.
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recordingLogger } from '../../support/recording-logger.js'
import { silentLogger } from '../../../lib/log.js'
import { migrate } from '../../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { revisionOf } from '../../../lib/state/revision.js'
import { changeOf } from '../../support/change.js'
import { createDatabase } from '../../support/services.js'
import { type Guarded, guardedEmbedded, guardedPostgres, tables } from '../triggers/losses.js'

const replica = 'set session_replication_role = replica;'

describe.each([
  ['Postgres', () => guardedPostgres()],
  ['an embedded Postgres', () => guardedEmbedded()],
])('what is written past the triggers of %s', (_, make) => {
  let guarded: Guarded
  // One for all: to make or to open it takes longer than each of these tests.
  beforeAll(async () => {
    guarded = await make()
  })
  beforeEach(async () => {
    await guarded.sql(
      `${replica} truncate features, feature_gates, feature_history; update feature_state set version = 0, nonce = origin`,
    )
    const { store } = guarded
    await store.apply(
      changeOf({ feature: 'a', operation: { kind: 'add', gate: 'actors', values: ['User:1', 'User:2'] } }),
    )
    await store.apply(changeOf({ feature: 'b', operation: { kind: 'enable' } }))
  })
  afterAll(() => guarded.close())

  it('is nothing where the history tells of all rows', async () => {
    const before = await guarded.store.head(null)
    expect(await guarded.store.untracked()).toEqual([])
    expect(await guarded.store.recordUntracked('a')).toBe(0)
    expect(await guarded.store.recordUntracked('no_such_flag')).toBe(0)
    expect((await guarded.store.head(null)).position).toEqual(before.position)
  })

  it('is added to the history once, by an unknown author, and moves revision and position', async () => {
    const { store } = guarded
    const before = revisionOf(await store.readFeature('a'))
    await guarded.sql(`${replica}
      delete from feature_gates where value = 'User:1';
      insert into feature_gates (feature_key, key, value) values ('a', 'actors', 'User:3'), ('a', 'groups', 'staff');
      delete from features where key = 'b'; delete from feature_gates where feature_key = 'b';
      insert into features (key) values ('c')`)
    expect(await store.untracked()).toEqual(['a', 'b', 'c'])
    expect(await store.untracked('a')).toEqual(['a'])
    const { position } = await store.head(null)
    expect(await store.recordUntracked('a')).toBe(3)
    const entries = await store.history({ feature: 'a', limit: 3 })
    expect(entries.map(({ gate, value, operation }) => [gate, value, operation])).toEqual([
      ['groups', 'staff', 'added'],
      ['actors', 'User:3', 'added'],
      ['actors', 'User:1', 'removed'],
    ])
    for (const entry of entries) {
      expect(entry).toMatchObject({ author: 'unknown', source: 'untracked', reason: null, changeId: null })
    }
    const delta = (await store.readSince(position)).delta
    expect(delta?.via).toHaveLength(1)
    expect(delta?.changed.get('a')?.gates.get('actors')).toEqual(['User:2', 'User:3'])
    const now = await store.readFeature('a')
    expect(now.newest).toEqual(delta?.position)
    expect(revisionOf(now)).not.toEqual(before)
    expect(await store.recordUntracked('a')).toBe(0)
    expect([await store.recordUntracked('b'), await store.recordUntracked('c')]).toEqual([2, 1])
    expect(await store.untracked()).toEqual([])
  })

  it('is found after a look that found nothing, whatever is recorded in between', async () => {
    const { store } = guarded
    expect(await store.untracked('a')).toEqual([])
    const ways = [
      `insert into feature_gates (feature_key, key, value) values ('a', 'actors', 'User:9')`,
      `delete from feature_gates where feature_key = 'a' and value = 'User:9'`,
      `update feature_gates set value = 'User:8' where feature_key = 'a' and value = 'User:2'`,
      `delete from features where key = 'a'`,
      `delete from feature_gates where feature_key = 'a'`,
    ]
    for (const [index, way] of ways.entries()) {
      // Rows that come, go, and come again, of which nothing is left to find.
      for (const kind of ['add', 'drop', 'add'] as const) {
        const values = ['User:1', `User:1${index}`]
        await store.apply(changeOf({ feature: 'a', operation: { kind, gate: 'actors', values } }))
        if (index % 2 === 0) expect(await store.untracked('a')).toEqual([])
      }
      expect(await store.untracked('a')).toEqual([])
      await guarded.sql(`${replica} ${way}`)
      expect(await store.untracked('a')).toEqual(['a'])
      expect(await store.untracked('a')).toEqual(['a'])
      await store.recordUntracked('a')
      expect(await store.untracked('a')).toEqual([])
    }
  })

  it('stays uncertain in the past, and later pasts agree', async () => {
    const { store } = guarded
    await guarded.sql(`${replica} delete from feature_gates where value = 'User:1';
      insert into feature_gates (feature_key, key, value) values ('a', 'actors', 'User:3')`)
    await store.recordUntracked('a')
    const at = (version: number) =>
      store.readPast({ point: { kind: 'version', version: String(version) }, feature: 'a' })
    const marks = [await at(1), await at(2), await at(3)].map(({ uncertain }) => uncertain.map(({ value }) => value))
    // The row that was never recorded may have been there at any time.
    expect(marks).toEqual([['User:3'], ['User:1', 'User:3'], []])
    expect((await at(3)).features.get('a')?.gates.get('actors')).toEqual(['User:2', 'User:3'])
  })

  it('is believed to be older than the history where its row says so', async () => {
    await guarded.sql(
      `${replica} insert into feature_gates (feature_key, key, value, created_at) values ('d', 'boolean', 'true', '2020-01-01')`,
    )
    expect(await guarded.store.untracked()).toEqual([])
    expect(await guarded.store.recordUntracked('d')).toBe(0)
  })
})

describe('the function that records it', () => {
  let guarded: Guarded
  beforeEach(async () => {
    guarded = await guardedPostgres()
  })
  afterEach(() => guarded.close())

  it('reads columns without a zone as UTC, as Rails writes them', async () => {
    await guarded.sql(`alter table feature_gates alter created_at type timestamp using created_at at time zone 'UTC';
      alter table features alter created_at type timestamp using created_at at time zone 'UTC';
      alter database ${new URL(String(guarded.connection.connectionString)).pathname.slice(1)} set timezone = 'Asia/Tokyo'`)
    const insert = (name: string, age: string) =>
      guarded.sql(`${replica} insert into feature_gates (feature_key, key, value, created_at)
        select '${name}', 'boolean', 'true', min(applied_at) at time zone 'UTC' ${age} from feature_migrations`)
    await insert('older', `- interval '1 minute'`)
    await insert('newer', `+ interval '1 minute'`)
    expect(await guarded.store.untracked()).toEqual(['newer'])
    expect([await guarded.store.recordUntracked('older'), await guarded.store.recordUntracked('newer')]).toEqual([0, 1])
  })

  it('waits for a change that is under way, and then finds nothing', async () => {
    const client = new Client(guarded.connection)
    await client.connect()
    await client.query('begin')
    await client.query(`insert into features (key) values ('e'); set constraints all immediate`)
    const recording = guarded.store.recordUntracked('e')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await client.query('commit')
    expect(await recording).toBe(0)
    await client.end()
  })

  it('does nothing for a login that may only read, and on a standby', async () => {
    const role = `reader_${process.pid}_${Date.now()}`
    await guarded.sql(`create role ${role} login; grant usage on schema public to ${role};
      grant select on all tables in schema public to ${role};
      ${replica} insert into features (key) values ('f')`)
    const url = new URL(String(guarded.connection.connectionString))
    const open = (href: string) =>
      new PostgresStore({ connection: { connectionString: href }, tables, logger: silentLogger })
    const readOnly = new URL(url)
    readOnly.searchParams.set('options', '-c default_transaction_read_only=on')
    url.username = role
    for (const store of [open(url.href), open(readOnly.href)]) {
      expect(await store.untracked()).toEqual(['f'])
      expect(await store.recordUntracked('f')).toBeNull()
      await store.close()
    }
    await guarded.sql(`drop owned by ${role}; drop role ${role}`)
    expect(await guarded.store.recordUntracked('f')).toBe(1)
  })

  it('does nothing where the migration has not run', async () => {
    const [made] = await guarded.sql(`select pg_get_functiondef('feature_record_untracked'::regproc) as sql`)
    await guarded.sql('drop function feature_record_untracked(text)')
    expect(await guarded.store.recordUntracked('a')).toBeNull()
    await guarded.sql(String(made?.['sql']))
    // A process that has run all the while finds it.
    expect(await guarded.store.recordUntracked('a')).toBe(0)
  })
})

describe('what is told of a change beside its rows', () => {
  const details = {
    undoes: 'another',
    restores: '2h',
    proposalId: '2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11',
    rolloutId: '2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d12',
    step: 2,
    approvedBy: ['ann', 'bob, "the" {builder}'],
    override: 'it burns',
    channel: '#production',
    link: 'https://chat.example.com/1',
  }

  it('is written in its transaction, only where a row changed, and not where there is nothing to tell', async () => {
    const guarded = await guardedPostgres()
    const enable = { feature: 'a', operation: { kind: 'enable' } } as const
    const told = { ...changeOf(enable), details }
    await guarded.store.apply(told)
    await guarded.store.apply({ ...changeOf(enable), details })
    await guarded.store.apply(changeOf({ feature: 'a', operation: { kind: 'disable' } }))
    const rows = await guarded.sql('select * from feature_changes')
    expect(rows).toEqual([
      {
        change_id: told.id,
        at: expect.any(Date),
        undoes: 'another',
        restores: '2h',
        proposal_id: details.proposalId,
        rollout_id: details.rolloutId,
        step: 2,
        approved_by: details.approvedBy,
        override: 'it burns',
        channel: '#production',
        link: details.link,
      },
    ])
    await guarded.close()
  })

  it('is written by a granted role, which may not read it; without the right the change is made all the same, with one warning', async () => {
    const database = await createDatabase({ migrated: false })
    const role = `teller_${process.pid}_${Date.now()}`
    await database.query(`create role ${role} login`)
    await migrate({ connection: { connectionString: database.url }, tables, grant: role })
    const url = new URL(database.url)
    url.username = role
    const logger = recordingLogger()
    const store = new PostgresStore({ connection: { connectionString: url.href }, tables, logger })
    const told = () => ({
      ...changeOf({
        feature: 'a',
        operation: { kind: 'add', gate: 'actors', values: [String(Math.round(performance.now() * 1e3))] },
      } as const),
      details,
    })
    await store.apply(told())
    const count = async () => (await database.query('select count(*)::int as count from feature_changes'))[0]?.['count']
    expect(await count()).toBe(1)
    const page = { limit: 1, features: 1, rows: 1 }
    expect((await store.changes(page)).changes).toMatchObject([{ author: 'tester', details: null }])
    await database.query(`revoke insert on feature_changes from ${role}`)
    for (let index = 0; index < 2; index++) expect(await store.apply(told())).toMatchObject({ changed: true })
    await database.query('drop table feature_changes')
    expect(await store.apply(told())).toMatchObject({ changed: true })
    const warnings = logger.lines.filter(({ level }) => level === 'warn')
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('may not add to "feature_changes"'),
    ])
    await store.close()
    await database.close()
  })
})
