// What is said of the past is what was so then, or it is marked: over random writes, also past the triggers, TRUNCATE, a restored backup and a pruned history.
// SLUICE_PAST_POSITIONS=1000 plays it in full.
import { expect, it, onTestFinished } from 'vitest'
import { Groups } from '../../../lib/actors/groups.js'
import { Explanations } from '../../../lib/feature/explain/explanations.js'
import type { Operation } from '../../../lib/state/operations.js'
import type { StoredFeature } from '../../../lib/state/state.js'
import { compileGates } from '../../../lib/gates/compile.js'
import { decide } from '../../../lib/gates/decide.js'
import { changeOf } from '../../support/change.js'
import { questionsOf } from '../../support/group-questions.js'
import { seededRandom } from '../../support/random.js'
import { guardedPostgres } from '../../store/triggers/losses.js'

const positions = Number(process.env['SLUICE_PAST_POSITIONS'] ?? 60)
const flags = ['a', 'b'] as const
const ids = ['User:1', 'User:2', 'User:3', 'User:4', 'User:5'] as const

type Truth = ReadonlyMap<string, StoredFeature>

it('is what was stored at each position, or is marked, or is said not to be known', async () => {
  const random = seededRandom()
  const { store, sql, close } = await guardedPostgres()
  onTestFinished(close)
  const explanations = new Explanations({
    store,
    replica: {
      get snapshot(): never {
        throw new Error('the store answers')
      },
      status: () => ({ position: null, source: 'postgres', ageMs: 0, degraded: false, triggers: null, warnings: [] }),
    },
    catalog: {
      get: () => undefined,
      all: () => new Map(),
      brokenFault: () => null,
      faultsOf: () => [],
      suggest: () => null,
    },
    checker: { scopeAround: () => null, whileDeciding: (_name, work) => work() },
    groups: questionsOf(new Groups(() => {})),
  })
  /** By version: what was stored when the position was taken. */
  let truth = new Map<string, Truth>()
  let backup: { readonly truth: Map<string, Truth> } | null = null
  const counts = { same: 0, marked: 0, gone: 0, differing: 0 }

  const read = async () => {
    const { position, items } = await store.readAll()
    const version = position?.version ?? ''
    if (!truth.has(version)) truth.set(version, new Map(items.map((item) => [item.key, item])))
    return version
  }
  const record = 'feature_history_record on feature_gates'
  const [found] = await sql(`
    select pg_get_triggerdef(oid) as "trigger", pg_get_functiondef(tgfoid) as "function" from pg_trigger
    where tgname = 'feature_history_record' and tgrelid = 'feature_gates'::regclass`)
  /** Ways past the triggers, after which these are as they were. */
  const ways: readonly ((text: string) => string)[] = [
    (text) => `begin; set local session_replication_role = replica; ${text}; commit`,
    (text) =>
      `begin; alter table feature_gates disable trigger all; ${text}; alter table feature_gates enable trigger all; commit`,
    (text) =>
      `begin; alter table feature_gates disable trigger feature_history_record; ${text};
      alter table feature_gates enable trigger feature_history_record; commit`,
    (text) => `begin; drop trigger ${record}; ${text}; ${found?.['trigger']}; commit`,
    (text) =>
      `begin; create or replace function feature_gate_changed() returns trigger language plpgsql as 'begin return null; end'; commit;
      begin; ${text}; commit; ${found?.['function']}`,
  ]
  /** Past the triggers; a look follows what is added, without which it could go again without a trace. */
  const unseen = async (text: string, flag: string, looks: boolean) => {
    await sql(random.pick(ways)(text))
    if (looks || random.below(2) === 0) await store.recordUntracked(flag)
  }
  const apply = (feature: string, operation: Operation) => store.apply(changeOf({ feature, operation }))
  const tables = ['features', 'feature_gates', 'feature_history', 'feature_state']
  /** A backup is restored past the triggers, history and position with the rows. */
  const copy = (from: (table: string) => string, to: (table: string) => string) =>
    tables.map(
      (table) =>
        `delete from ${to(table)}; insert into ${to(table)} overriding system value select * from ${from(table)}`,
    )
  for (const table of tables) await sql(`create table copy_of_${table} as select * from ${table} with no data`)

  const steps: readonly (() => Promise<unknown>)[] = [
    () => apply(random.pick(flags), { kind: 'add', gate: 'actors', values: [random.pick(ids)] }),
    () => apply(random.pick(flags), { kind: 'drop', gate: 'actors', values: [random.pick(ids)] }),
    () => apply(random.pick(flags), { kind: 'set', gate: 'percentage_of_actors', value: String(random.below(100)) }),
    () => apply(random.pick(flags), { kind: random.pick(['enable', 'disable', 'remove'] as const) }),
    () =>
      sql(
        `insert into feature_gates (feature_key, key, value) values ('${random.pick(flags)}', 'actors', '${random.pick(ids)}') on conflict do nothing`,
      ),
    () =>
      sql(`delete from feature_gates where feature_key = '${random.pick(flags)}' and value = '${random.pick(ids)}'`),
    async () => {
      const [flag, id] = [random.pick(flags), random.pick(ids)]
      await unseen(
        `insert into feature_gates (feature_key, key, value) values ('${flag}', 'actors', '${id}') on conflict do nothing`,
        flag,
        true,
      )
    },
    async () => {
      const flag = random.pick(flags)
      await unseen(
        `delete from feature_gates where feature_key = '${flag}' and value = '${random.pick(ids)}'`,
        flag,
        false,
      )
    },
    async () => {
      if (random.below(8) === 0) await sql('truncate feature_gates')
    },
    async () => {
      if (random.below(6) !== 0) return
      await sql(
        copy(
          (table) => table,
          (table) => `copy_of_${table}`,
        ).join(';'),
      )
      backup = { truth: new Map(truth) }
    },
    async () => {
      if (backup === null || random.below(4) !== 0) return
      await sql(
        `begin; set local session_replication_role = replica; ${copy(
          (table) => `copy_of_${table}`,
          (table) => table,
        ).join(';')}; commit`,
      )
      truth = new Map(backup.truth)
    },
    async () => {
      if (random.below(10) !== 0) return
      // As the documentation says: of a row that was removed past the triggers nothing is left when its adding is deleted before a look.
      for (const flag of flags) await store.recordUntracked(flag)
      await sql('delete from feature_history where version < (select max(version) - 12 from feature_history)')
    },
  ]

  const isOn = (stored: StoredFeature | undefined, id: string) => {
    if (stored === undefined) return false
    const scope = { random: () => 0.5, inGroup: () => false }
    return decide(compileGates(stored.key, stored.gates), id, { flipperId: id }, scope).value
  }
  const ask = async (version: string) => {
    const [name, id] = [random.pick(flags), random.pick(ids)]
    const then = isOn(truth.get(version)?.get(name), id)
    try {
      const { value, approximate } = await explanations.of(
        name,
        { ids: [id], actors: [{ flipperId: id }] },
        { at: version },
      )
      if (value !== then)
        expect({ version, name, id, value, approximate }).toMatchObject({
          approximate: expect.arrayContaining(['untracked']),
        })
      counts[value !== then ? 'differing' : approximate.includes('untracked') ? 'marked' : 'same'] += 1
    } catch (error) {
      expect(error).toMatchObject({ code: 'not_in_history' })
      counts.gone += 1
    }
  }

  await read()
  for (let asked = 0; asked < positions; ) {
    for (let step = 0; step < 6; step++) {
      await random.pick(steps)()
      await read()
    }
    for (let question = 0; question < 10; question++, asked++) await ask(random.pick([...truth.keys()]))
  }
  // Otherwise it would have shown nothing.
  expect(counts.same).toBeGreaterThan(positions / 5)
}, 600_000)
