// An explanation never says another answer than a check: random rows, actors, several actors, groups that fail or are not registered.
// SLUICE_EXPLAIN_RUNS=100000 plays it in full.
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Groups } from '../../../lib/actors/groups.js'
import { optOutSuffix } from '../../../lib/actors/stored-id.js'
import { Explanations } from '../../../lib/feature/explain/explanations.js'
import { type Decision, decide, decideMany } from '../../../lib/gates/decide.js'
import { compileGates } from '../../../lib/gates/compile.js'
import { MemoryStore } from '../../../lib/store/memory/store.js'
import type { StoredFeature } from '../../../lib/state/state.js'
import { questionsOf } from '../../support/group-questions.js'

const numRuns = Number(process.env['SLUICE_EXPLAIN_RUNS'] ?? 1_000)

const ids = fc.constantFrom(
  'User:1',
  'User:2',
  'Ci::Runner:3',
  'Zürich:4',
  '漢字',
  '',
  '\ufffd',
  '\ud800',
  'a\u{1f600}',
)
const percentage = fc.oneof(
  fc.constantFrom('0', '0.1', '25', '33.333', '50', '99.999', '99.99999999999999', '100', '150', '-1', '', 'many'),
  fc.float().map(String),
)
const rows = fc
  .record(
    {
      boolean: fc.constantFrom('true', 'false', '1', 'TRUE', '').map((value) => [value]),
      actors: fc.uniqueArray(
        fc.oneof(
          ids.map((id) => id.toWellFormed()),
          ids.map((id) => id.toWellFormed() + optOutSuffix),
        ),
        { minLength: 1, maxLength: 6 },
      ),
      groups: fc.subarray(['staff', 'unregistered', 'broken'], { minLength: 1 }),
      percentage_of_actors: fc.uniqueArray(percentage, { minLength: 1, maxLength: 2 }),
      percentage_of_time: percentage.map((value) => [value]),
      expression: fc.constant(['{"Equal":[1,1]}']),
    },
    { requiredKeys: [] },
  )
  .map((record) => new Map(Object.entries(record).filter(([, values]) => values !== undefined)))

const groups = new Groups(() => {})
groups.register('staff', ({ flipperId }) => flipperId === 'User:1' || flipperId === '漢字')
groups.register('broken', () => {
  throw new Error('no row')
})

function explanationsOf(stored: StoredFeature): Explanations {
  const store = new MemoryStore()
  store.readFeature = async () => ({ stored, position: null, newest: null })
  return new Explanations({
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
    groups: questionsOf(groups),
  })
}

/** What a check answers at a throw. */
function checkAt(stored: StoredFeature, asked: readonly string[], throwOf: number): Decision {
  const gates = compileGates(stored.key, stored.gates)
  const actors = asked.map((flipperId) => ({ flipperId }))
  const scope = {
    random: () => throwOf,
    inGroup: (name: string, actor: { flipperId: string }) => groups.test(name, actor),
  }
  const [id = null] = asked
  return asked.length < 2 ? decide(gates, id, actors[0] ?? null, scope) : decideMany(gates, asked, actors, scope)
}

it('says what a check answers at every throw, with one gate that decides, and none open before it', async () => {
  const name = fc.constantFrom('dark_mode', 'a', 'ä')
  const throws = fc.double({ min: 0, max: 1 - Number.EPSILON / 2, noNaN: true })
  const property = fc.asyncProperty(
    name,
    rows,
    fc.array(ids, { maxLength: 3 }),
    throws,
    async (key, gates, asked, thrown) => {
      const stored = { key, gates }
      const explained = await explanationsOf(stored).of(key, {
        ids: asked,
        actors: asked.map((flipperId) => ({ flipperId })),
      })
      const { value, reason, chance, steps } = explained
      const [lucky, middle, unlucky] = [0, thrown, 1 - Number.EPSILON / 2].map((at) => checkAt(stored, asked, at))
      if (value === null) {
        expect([lucky?.value, unlucky?.value]).toEqual([true, false])
        expect(middle?.value).toBe(thrown < chance)
        expect(reason).toBe('percentage_of_time')
      } else {
        expect([lucky?.value, middle?.value, unlucky?.value]).toEqual([value, value, value])
        expect(reason).toBe(unlucky?.reason)
        expect(chance).toBe(value ? 1 : 0)
      }
      const decider = steps.findIndex(({ decides }) => decides)
      expect(steps.filter(({ decides }) => decides)).toHaveLength(reason === 'closed' ? 0 : 1)
      const before = decider === -1 ? steps : steps.slice(0, decider)
      expect(before.filter(({ open }) => open === true)).toEqual([])
      if (decider !== -1) expect(steps[decider]?.open).toBe(value)
      const bucket = steps.find(({ detail }) => detail !== undefined)?.detail
      if (bucket !== undefined) {
        expect(bucket.checksum).toBe(crc32(Buffer.from(bucket.input, 'utf8')))
        expect(bucket.bucket).toBe(bucket.checksum % 100_000)
      }
    },
  )
  await fc.assert(property, { numRuns })
}, 600_000)
