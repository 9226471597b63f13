// Previews and the undoing of changes, over random flags in memory.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planOperations } from '../../../lib/feature/change/operations.js'
import { createFeature, type FeatureFlags, type FlagOperation, InvalidOperation } from '../../../lib/index.js'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { silentLogger } from '../../../lib/log.js'
import { createProject, type TestProject } from '../../support/project.js'

let project: TestProject
let instance: Instance
let feature: FeatureFlags

beforeEach(async () => {
  project = await createProject('a_flag', 'b_flag')
  await project.define('on_by_default', { defaultEnabled: true })
  const groups = { staff: () => false }
  const options = { root: project.root, env: 'staging', databaseUrl: 'memory', groups, logger: silentLogger }
  instance = createInstance(options, { author: 'code:test', source: 'code', watch: false })
  feature = instance.feature
  await feature.start()
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

const users = Array.from({ length: 8 }, (_, index) => `User:${index}`)
const ids = fc.uniqueArray(fc.constantFrom(...users), { minLength: 1, maxLength: 4 })
const listed = fc.record({
  op: fc.constantFrom('add' as const, 'remove' as const),
  list: fc.constantFrom('actors' as const, 'never' as const),
  ids,
})
const operation: fc.Arbitrary<FlagOperation> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.constantFrom({ op: 'enable' } as const, { op: 'disable' } as const, { op: 'delete' } as const),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('percentage_of_actors' as const), value: fc.constantFrom(0, 20, 60, 100) }),
  },
  { weight: 4, arbitrary: listed },
)
const operations = fc.array(operation, { minLength: 1, maxLength: 3 })

/** Makes the change; false where it is refused. */
async function make(name: string, list: readonly FlagOperation[]): Promise<boolean> {
  try {
    await instance.change(planOperations(name, list), { force: true })
    return true
  } catch (error) {
    // As `opted_out` and `already_enabled`: the preview must be refused, too.
    if (error instanceof InvalidOperation) return false
    throw error
  }
}

const answers = (name: string) => new Map(users.map((id) => [id, feature.enabled(name, { flipperId: id })]))

describe('a preview', () => {
  it('shows the flag that the change leaves, and exactly the known actors whose answer moves', async () => {
    const name = fc.constantFrom('a_flag', 'on_by_default')
    const property = fc.asyncProperty(name, operations, operations, async (flag, first, second) => {
      await feature.remove(flag)
      // All users are known, because a list of another flag names them.
      await feature.enable(
        'b_flag',
        users.map((flipperId) => ({ flipperId })),
      )
      await make(flag, first)
      const before = answers(flag)
      const preview = await feature.preview(flag, second, { force: true }).catch(() => null)
      const isMade = await make(flag, second)
      expect(isMade).toBe(preview !== null)
      if (preview === null) return
      const now = await feature.preview(flag, [{ op: 'delete' }])
      expect(now.before).toEqual(preview.after)
      if (preview.effect.known === null) return
      const after = answers(flag)
      const moved = (to: boolean) => users.filter((id) => before.get(id) !== to && after.get(id) === to)
      expect(preview.effect).toMatchObject({
        known: users.length,
        gainFirst: moved(true),
        loseFirst: moved(false),
        unknown: 0,
      })
    })
    await fc.assert(property, { numRuns: 60 })
  })

  it('counts those apart of whom it depends on a group', async () => {
    await feature.enable('a_flag', { flipperId: 'User:1' })
    const { effect } = await feature.preview('a_flag', [
      { op: 'disable' },
      { op: 'add', list: 'groups', ids: ['staff'] },
    ])
    expect(effect).toMatchObject({ known: 1, gain: 0, lose: 0, unknown: 1 })
  })

  it('asks for more care the more people gain', async () => {
    const levels = async (env: string) => {
      const flags = createFeature({ root: project.root, env, databaseUrl: 'memory', logger: silentLogger })
      await flags.start()
      const level = async (value: number) =>
        (await flags.preview('a_flag', [{ op: 'percentage_of_actors', value }])).level
      const shown = [await level(5), await level(50), (await flags.preview('a_flag', [{ op: 'enable' }])).level]
      await flags.stop()
      return shown
    }
    expect(await levels('staging')).toEqual([0, 0, 0])
    expect(await levels('production')).toEqual([1, 2, 2])
  })
})

describe('undo', () => {
  const newest = async () => {
    const [entry] = await feature.history({ limit: 1 })
    if (entry?.changeId == null) throw new Error('the history is empty')
    return entry.changeId
  }
  const stored = async () => (await feature.export()).features

  it('leaves the rows as they were before the change', async () => {
    const property = fc.asyncProperty(operations, operation, async (first, last) => {
      await feature.remove('a_flag')
      await make('a_flag', first)
      const before = await stored()
      const { position } = feature.status()
      const isMade = await make('a_flag', [last])
      if (!isMade || feature.status().position?.version === position?.version) return
      const names = await feature.undo(await newest())
      expect(names).toEqual(['a_flag'])
      expect(await stored()).toEqual(before)
      // Undoing the undoing makes the change again.
      await feature.undo(await newest())
      await feature.undo(await newest())
      expect(await stored()).toEqual(before)
    })
    await fc.assert(property, { numRuns: 40 })
  })

  it('leaves a later change to another gate alone, and the flag that was made for it stored', async () => {
    await feature.enablePercentageOfActors('a_flag', 25)
    const change = await newest()
    await feature.enable('a_flag', { flipperId: 'User:1' })
    await feature.undo(change)
    expect(await stored()).toEqual([{ key: 'a_flag', gates: { actors: ['User:1'] } }])
  })

  it('leaves a flag away that the change had both made and deleted', async () => {
    const { id } = await instance.change(
      planOperations('a_flag', [{ op: 'percentage_of_actors', value: 5 }, { op: 'delete' }]),
    )
    await feature.undo(id)
    expect(await stored()).toEqual([])
  })

  it('takes a change of several flags back on all of them', async () => {
    await feature.enable('a_flag')
    const exported = await feature.export()
    const gates = { percentage_of_actors: ['5'] }
    const features = ['a_flag', 'b_flag'].map((key) => ({ key, gates }))
    await feature.import({ ...exported, features })
    expect((await feature.undo(await newest())).toSorted()).toEqual(['a_flag', 'b_flag'])
    expect(await stored()).toEqual(exported.features)
  })

  it.each<[string, (flags: FeatureFlags) => Promise<unknown>]>([
    ['one gate of one flag', (flags) => flags.enablePercentageOfActors('a_flag', 30)],
    ['one of two actors', (flags) => flags.disable('b_flag', { flipperId: 'User:2' })],
    ['one of two flags', (flags) => flags.remove('b_flag')],
  ])('is refused where half of what the change did was changed again, and writes nothing: %s', async (_, overwrite) => {
    const features = [
      { key: 'a_flag', gates: { percentage_of_actors: ['25'], groups: ['staff'] } },
      { key: 'b_flag', gates: { actors: ['User:1', 'User:2'] } },
    ]
    await feature.import({ ...(await feature.export()), features })
    const change = await newest()
    await overwrite(feature)
    const before = await stored()
    await expect(feature.undo(change)).rejects.toMatchObject({ code: 'not_restorable' })
    expect(await stored()).toEqual(before)
  })

  it('is refused where what the change did was changed again, also by deleting the flag, and writes nothing', async () => {
    await feature.enablePercentageOfActors('a_flag', 25)
    const change = await newest()
    await feature.enablePercentageOfActors('a_flag', 30)
    await expect(feature.undo(change)).rejects.toMatchObject({ code: 'not_restorable' })
    expect(await stored()).toEqual([{ key: 'a_flag', gates: { percentage_of_actors: ['30'] } }])
    await feature.remove('a_flag')
    await expect(feature.undo(change)).rejects.toMatchObject({ code: 'not_restorable' })
    await expect(feature.undo('of no change')).rejects.toMatchObject({ code: 'not_found' })
  })
})
