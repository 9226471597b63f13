// What holds of previews, restoring and undoing for random flags in every store. The size is small here; the full one is
// SLUICE_CHANGE_RUNS=1000.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planOperations } from '../../../lib/feature/change/operations.js'
import { compileGates } from '../../../lib/gates/compile.js'
import { decide } from '../../../lib/gates/decide.js'
import { type FeatureFlags, type FlagOperation, InvalidOperation } from '../../../lib/index.js'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { silentLogger } from '../../../lib/log.js'
import { revisionOf, revisionText } from '../../../lib/state/revision.js'
import { copyMadeDatabase } from '../../support/made-database.js'
import { createProject, type TestProject } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

const full = process.env['SLUICE_CHANGE_RUNS']
const hangMs = full === undefined ? 120_000 : 1_800_000

const users = Array.from({ length: 8 }, (_, index) => ({ flipperId: `User:${index}` }))
const isStaff = (id: string) => /[0246]$/.test(id)
const groups = {
  staff: ({ flipperId }: { readonly flipperId: string }) => isStaff(flipperId),
  broken: () => {
    throw new Error('no row')
  },
}

const ids = fc.uniqueArray(fc.constantFrom(...users.map(({ flipperId }) => flipperId)), { minLength: 1, maxLength: 4 })
const names = fc.uniqueArray(fc.constantFrom('staff', 'broken', 'unregistered'), { minLength: 1, maxLength: 2 })
const addOrRemove = fc.constantFrom('add' as const, 'remove' as const)
/** These stand alone, as for callers of the API. */
const alone = fc.constantFrom({ op: 'enable' } as const, { op: 'disable' } as const, { op: 'delete' } as const)
const operation: fc.Arbitrary<FlagOperation> = fc.oneof(
  fc.record({
    op: fc.constantFrom('percentage_of_actors' as const, 'percentage_of_time' as const),
    value: fc.constantFrom(0, 20, 60, 100),
  }),
  fc.record({ op: addOrRemove, list: fc.constantFrom('actors' as const, 'never' as const), ids }),
  fc.record({ op: addOrRemove, list: fc.constant('groups' as const), ids: names }),
)
const operations: fc.Arbitrary<readonly FlagOperation[]> = fc.oneof(
  fc.tuple(alone),
  fc.array(operation, { minLength: 1, maxLength: 3 }),
)

/** In tenths, by the very function that checks call, at ten throws; null where it depends on a group of which nothing is known. */
function chanceOf(
  rows: StoredRows | null,
  isOnByDefault: boolean,
  actor: { readonly flipperId: string },
): number | null {
  if (rows === null) return isOnByDefault ? 10 : 0
  const gates = compileGates(rows.key, new Map(Object.entries(rows.gates)))
  const tenths = (unknown: boolean) =>
    Array.from({ length: 10 }, (_, index) => (index + 0.5) / 10).filter(
      (random) =>
        decide(gates, actor.flipperId, actor, {
          random: () => random,
          inGroup: (group) => (group === 'staff' ? isStaff(actor.flipperId) : unknown),
        }).value,
    ).length
  const [without, withThem] = [tenths(false), tenths(true)]
  return without === withThem ? without : null
}

interface StoredRows {
  readonly key: string
  readonly gates: Readonly<Record<string, readonly string[]>>
}

describe.each<[string, number, (root: string) => Promise<{ url: string; database?: TestDatabase }>]>([
  ['memory', 40, async () => ({ url: 'memory' })],
  [
    'the embedded Postgres',
    5,
    async (root) => {
      await copyMadeDatabase(root)
      return { url: 'embedded' }
    },
  ],
  [
    'Postgres',
    5,
    async () => {
      const database = await createDatabase()
      return { url: database.url, database }
    },
  ],
])('in %s', (_, few, open) => {
  const numRuns = Number(full ?? few)
  let project: TestProject
  let instance: Instance
  let feature: FeatureFlags
  let database: TestDatabase | undefined
  beforeAll(async () => {
    project = await createProject('a_flag', 'b_flag')
    await project.define('on_by_default', { defaultEnabled: true })
    const opened = await open(project.root)
    database = opened.database
    instance = createInstance(
      {
        ...{ root: project.root, env: 'staging', databaseUrl: opened.url, diskFile: false, logger: silentLogger },
        groups,
        actors: { User: { sample: () => users } },
      },
      { author: 'code:test', source: 'code', watch: false },
    )
    feature = instance.feature
    await feature.start()
  }, hangMs)
  afterAll(async () => {
    await feature?.stop()
    await database?.close()
    await project?.close()
  }, hangMs)

  /** Rows and revision of one flag, by one statement: a thousand runs are as many reads as changes, and more. */
  async function look(name: string): Promise<{ readonly rows: StoredRows | null; readonly revision: string }> {
    const now = await instance.stored(name)
    const revision = revisionText(revisionOf(now))
    if (now.stored === null) return { rows: null, revision }
    return { rows: { key: now.stored.key, gates: Object.fromEntries(now.stored.gates) }, revision }
  }
  const rowsOf = async (name: string) => (await look(name)).rows
  /** Gives the id of the change that undid the other one. */
  const undo = async (id: string) => (await instance.undo.apply(id)).written.id

  /** The id of the change; null where it is refused, or changes nothing. */
  async function make(name: string, list: readonly FlagOperation[]): Promise<string | null> {
    try {
      const { changed, id } = await instance.change(planOperations(name, list), { force: true })
      return changed ? id : null
    } catch (error) {
      // As `opted_out` and `already_enabled`: the preview is refused, too.
      if (error instanceof InvalidOperation) return null
      throw error
    }
  }

  it('a preview shows the rows that the change leaves, and exactly the known actors whose chance moves', {
    timeout: hangMs,
  }, async () => {
    const name = fc.constantFrom('a_flag', 'on_by_default')
    const property = fc.asyncProperty(name, operations, operations, async (flag, first, second) => {
      await feature.remove(flag)
      await make(flag, first)
      const before = await rowsOf(flag)
      const preview = await feature.preview(flag, second, { force: true }).catch(() => null)
      const id = await make(flag, second)
      const { rows: after, revision } = await look(flag)
      if (preview === null || !preview.changed) {
        expect([after, id]).toEqual([before, null])
        return
      }
      expect(id).not.toBeNull()
      const now = await feature.preview(flag, [{ op: 'delete' }], { force: true })
      expect([now.before, now.revision]).toEqual([preview.after, revision])
      const isOnByDefault = flag === 'on_by_default'
      const moved = (isMoved: (was: number | null, is: number | null) => boolean) =>
        users
          .filter((user) => isMoved(chanceOf(before, isOnByDefault, user), chanceOf(after, isOnByDefault, user)))
          .map(({ flipperId }) => flipperId)
      const unknown = moved((was, is) => was === null || is === null)
      const [gain, lose] = [
        moved((was, is) => was !== null && is !== null && is > was),
        moved((was, is) => was !== null && is !== null && is < was),
      ]
      expect(preview.effect).toMatchObject({
        ...{ known: users.length, sample: users.length, margin: 0, unknown: unknown.length },
        ...{ gain: gain.length, lose: lose.length },
      })
      expect(preview.effect.gainFirst.toSorted()).toEqual(gain)
      expect(preview.effect.loseFirst.toSorted()).toEqual(lose)
    })
    await fc.assert(property, { numRuns })
  })

  it('restoring leaves the rows of then, and undoing those before the change, in whatever order both come', {
    timeout: hangMs,
  }, async () => {
    const property = fc.asyncProperty(
      fc.array(operations, { minLength: 2, maxLength: 4 }),
      fc.nat(),
      fc.nat(),
      async (all, pick, undone) => {
        await feature.remove('a_flag')
        const states = [await look('a_flag')]
        for (const [index, list] of all.entries()) {
          const before = states.at(-1)?.rows
          const id = await make('a_flag', list)
          let now = await look('a_flag')
          if (id !== null && index === undone % all.length) {
            const { rows } = now
            const undoing = await undo(id)
            expect(await rowsOf('a_flag')).toEqual(before)
            await undo(undoing)
            now = await look('a_flag')
            expect(now.rows).toEqual(rows)
          }
          states.push(now)
        }
        const [to, last] = [states[pick % states.length], states.at(-1)]
        if (to === undefined || last === undefined) return
        const { written } = await instance.restore.apply('a_flag', to.revision)
        expect(await rowsOf('a_flag')).toEqual(to.rows)
        if (!written.changed) return
        const undoing = await undo(written.id)
        expect(await rowsOf('a_flag')).toEqual(last.rows)
        await undo(undoing)
        expect(await rowsOf('a_flag')).toEqual(to.rows)
      },
    )
    await fc.assert(property, { numRuns })
  })

  it('undoing leaves later changes to other gates alone', { timeout: hangMs }, async () => {
    const share = fc.record({ op: fc.constant('percentage_of_actors' as const), value: fc.constantFrom(20, 60) })
    const list = fc.record({ op: addOrRemove, list: fc.constantFrom('actors' as const, 'groups' as const), ids: names })
    const later = fc.oneof(
      list.map((one): FlagOperation => (one.list === 'actors' ? { ...one, ids: ['User:1', 'User:3'] } : one)),
      fc.record({ op: fc.constant('percentage_of_time' as const), value: fc.constantFrom(0, 20) }),
    )
    const property = fc.asyncProperty(share, fc.array(later, { minLength: 1, maxLength: 3 }), async (first, others) => {
      await feature.remove('b_flag')
      const id = await make('b_flag', [first])
      for (const other of others) await make('b_flag', [other])
      const { percentage_of_actors: _, ...kept } = (await rowsOf('b_flag'))?.gates ?? {}
      await undo(id ?? '')
      // A flag that no other change has stored goes with the change that stored it.
      expect((await rowsOf('b_flag'))?.gates ?? {}).toEqual(kept)
    })
    await fc.assert(property, { numRuns })
  })
})
