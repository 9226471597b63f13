// Previews and the undoing of changes, in memory. Random flags in every store are in change-properties.test.ts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planOperations } from '../../../lib/feature/change/operations.js'
import { inverseOf } from '../../../lib/feature/change/restore/undo.js'
import { createFeature, type FeatureFlags } from '../../../lib/index.js'
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

describe('a preview', () => {
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

  it('leaves a later change to another gate alone, and the flag that was made for it stored', async () => {
    await feature.enablePercentageOfActors('a_flag', 25)
    const change = await newest()
    await feature.enable('a_flag', { flipperId: 'User:1' })
    await feature.undo(change)
    expect(await stored()).toEqual([{ key: 'a_flag', gates: { actors: ['User:1'] } }])
  })

  it('has nothing to take back where the change made a flag and deleted it', async () => {
    const operations = [{ op: 'percentage_of_actors', value: 5 }, { op: 'delete' }] as const
    expect(await feature.preview('a_flag', operations)).toMatchObject({ changed: false, gates: [] })
    const before = await instance.revision('a_flag')
    const { id, changed, position } = await instance.change(planOperations('a_flag', operations))
    expect([changed, position, await instance.revision('a_flag')]).toEqual([false, null, before])
    await expect(feature.undo(id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('leaves a flag away that another program had made and deleted in one transaction', () => {
    const entry = {
      at: new Date(0),
      position: { version: '1', nonce: '' },
      author: 'db:rails',
      source: 'sql',
      reason: null,
      changeId: 'a',
    }
    const row = { ...entry, feature: 'a_flag', gate: null, value: null }
    const planned = inverseOf(
      'a_flag',
      [
        { ...row, operation: 'added' },
        { ...row, operation: 'removed' },
      ],
      null,
    )
    expect(planned.step.operation).toEqual({ kind: 'remove' })
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
