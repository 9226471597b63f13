// The limits of what is stored: refused when writing, tolerated when reading, never in the way of taking something away.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Stores } from '../../../lib/instance/stores.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { application, createInstance } from '../../../lib/instance/create.js'
import { planDisable, planEnable, planOptOut, planRemove } from '../../../lib/feature/change/plan.js'
import { type FeatureFlags, FeatureGate, type FeatureOptions } from '../../../lib/index.js'
import { MemoryStore } from '../../../lib/store/memory/store.js'
import { createProject, type TestProject } from '../../support/project.js'
import { type RecordingLogger, recordingLogger } from '../../support/recording-logger.js'

class User extends FeatureGate('User') {}

let project: TestProject
let logger: RecordingLogger
let instance: Instance
let feature: FeatureFlags
/** Outlives restarts with other limits. */
let stores: Stores

beforeEach(async () => {
  project = await createProject('a_flag', 'b_flag', 'c_flag')
  await project.define('on_by_default', { defaultEnabled: true })
  stores = { store: new MemoryStore(), cache: null }
  logger = recordingLogger()
  await start()
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

async function start(limits: FeatureOptions['limits'] = {}): Promise<void> {
  const options = { root: project.root, env: 'production', databaseUrl: 'memory', logger, limits }
  instance = createInstance(options, { ...application, openStores: async () => stores })
  feature = instance.feature
  await feature.start()
}

/** Restarts with limits that what is stored may be over. */
async function limitTo(limits: NonNullable<FeatureOptions['limits']>): Promise<void> {
  await feature.stop()
  await start(limits)
}

const users = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => new User(from + index))

function exportOf(gates: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>): unknown {
  const features = Object.entries(gates).map(([key, one]) => ({ key, gates: one }))
  return { format: 'sluice-export', version: 1, position: null, features }
}

const ids = (count: number, suffix = '') => Array.from({ length: count }, (_, index) => `User:${index + 1}${suffix}`)

async function actorsOf(name: string): Promise<number> {
  const { features } = await feature.export()
  return features.find(({ key }) => key === name)?.gates['actors']?.length ?? 0
}

const overActors = { code: 'limit_exceeded', message: expect.stringContaining('limits.actorsPerFlag') }
const overOptOuts = { code: 'limit_exceeded', message: expect.stringContaining('limits.optOutsPerFlag') }
const overBytes = { code: 'limit_exceeded', message: expect.stringContaining('limits.snapshotBytes') }

describe('opt-outs and actors', () => {
  it('have limits of their own: an opt-out is stored on a flag with as many actors as it may have', async () => {
    await limitTo({ actorsPerFlag: 3, optOutsPerFlag: 2 })
    await feature.enable('a_flag', users(1, 3))
    await feature.optOut('a_flag', users(2, 3))
    expect(feature.optedOut('a_flag', new User(2))).toBe(true)
    await expect(feature.optOut('a_flag', new User(1))).rejects.toMatchObject(overOptOuts)
    await expect(feature.enable('a_flag', new User(4))).rejects.toMatchObject(overActors)
    expect(await actorsOf('a_flag')).toBe(5)
  })

  it('are counted apart the other way round: an actor is added to a flag with as many opt-outs as it may have', async () => {
    await limitTo({ actorsPerFlag: 2, optOutsPerFlag: 1 })
    await feature.enable('a_flag', new User(1))
    await feature.optOut('a_flag', new User(9))
    await feature.enable('a_flag', new User(2))
    expect(await actorsOf('a_flag')).toBe(3)
  })

  it('have a limit of 10,000 each where none is configured', async () => {
    await feature.import(exportOf({ a_flag: { actors: [...ids(10_000), ...ids(10_000, ':opt_out')] } }))
    await expect(feature.enable('a_flag', new User(10_001))).rejects.toMatchObject(overActors)
    await expect(feature.optOut('a_flag', new User(10_001))).rejects.toMatchObject(overOptOuts)
  })

  it('that are stored already do not count twice', async () => {
    await limitTo({ actorsPerFlag: 2, optOutsPerFlag: 2 })
    for (let time = 0; time < 2; time++) {
      await feature.enable('a_flag', users(1, 2))
      await feature.optOut('a_flag', users(8, 9))
    }
    expect(await actorsOf('a_flag')).toBe(4)
  })

  it('are warned of from a tenth of their limit on', async () => {
    await limitTo({ actorsPerFlag: 10, optOutsPerFlag: 20 })
    await feature.enable('a_flag', users(1, 2))
    await feature.optOut('b_flag', users(1, 3))
    const warned = logger.lines.filter(({ level, fields }) => level === 'warn' && 'flag' in fields)
    expect(warned.map(({ fields }) => fields)).toMatchObject([
      { flag: 'a_flag', count: 2, limit: 10 },
      { flag: 'b_flag', count: 3, limit: 20 },
    ])
  })
})

describe('an import', () => {
  it.each([
    ['more actors than a flag may have', { actors: ids(4) }, overActors],
    ['more opt-outs than a flag may have', { actors: ids(3, ':opt_out') }, overOptOuts],
    ['more of everything than all flags may take', { groups: ['x'.repeat(2_000)] }, overBytes],
    ['more in a gate that is not read', { expression: ['x'.repeat(2_000)] }, overBytes],
  ])('is refused whole where it holds %s, also when forced', async (_what, gates, refusal) => {
    await limitTo({ actorsPerFlag: 3, optOutsPerFlag: 2, snapshotBytes: 1_000 })
    const data = exportOf({ a_flag: gates, b_flag: { boolean: ['true'] } })
    await expect(feature.import(data)).rejects.toMatchObject(refusal)
    await expect(feature.import(data, { force: true })).rejects.toMatchObject(refusal)
    expect(feature.persistedNames()).toEqual([])
  })

  it('is refused where its flags are small and all of them together are not', async () => {
    await limitTo({ snapshotBytes: 1_000 })
    const flag = { actors: ['x'.repeat(400)] }
    await expect(feature.import(exportOf({ a_flag: flag, b_flag: flag, c_flag: flag }))).rejects.toMatchObject(
      overBytes,
    )
    await feature.import(exportOf({ a_flag: flag, b_flag: flag }))
    await expect(feature.import(exportOf({ c_flag: flag }))).rejects.toMatchObject(overBytes)
  })

  it('may be at the limit', async () => {
    await limitTo({ actorsPerFlag: 3, optOutsPerFlag: 2 })
    await feature.import(exportOf({ a_flag: { actors: [...ids(3), ...ids(2, ':opt_out')] } }))
    expect(await actorsOf('a_flag')).toBe(5)
  })

  it('counts what it stores in place of the old, not beside it', async () => {
    await limitTo({ snapshotBytes: 1_000 })
    await feature.import(exportOf({ a_flag: { actors: ['x'.repeat(900)] } }))
    await feature.import(exportOf({ a_flag: { actors: ['y'.repeat(900)] } }))
    expect(await actorsOf('a_flag')).toBe(1)
  })

  it('is taken back where what is stored is over the limits, as is one that makes it less', async () => {
    await feature.enable('a_flag', users(1, 9))
    await feature.optOut('a_flag', users(11, 19))
    const whole = await feature.export()
    await limitTo({ actorsPerFlag: 3, optOutsPerFlag: 3, snapshotBytes: 20 })
    await feature.import(whole)
    await feature.import(exportOf({ a_flag: { actors: ids(8) } }))
    expect(await actorsOf('a_flag')).toBe(8)
    await expect(feature.import(whole)).rejects.toMatchObject({ code: 'limit_exceeded' })
  })
})

describe('a change that takes away', () => {
  beforeEach(async () => {
    await feature.enable('a_flag', users(1, 9))
    await feature.optOut('a_flag', users(11, 19))
    await feature.enable('a_flag', feature.group('staff'))
    await feature.enablePercentageOfActors('a_flag', 25)
    await limitTo({ actorsPerFlag: 1, optOutsPerFlag: 1, snapshotBytes: 1 })
  })

  it.each([
    ['disable', () => feature.disable('a_flag')],
    ['disable of an actor', () => feature.disable('a_flag', new User(1))],
    ['disable of a group', () => feature.disable('a_flag', feature.group('staff'))],
    ['removeOptOut', () => feature.removeOptOut('a_flag', new User(11))],
    ['disablePercentageOfActors', () => feature.disablePercentageOfActors('a_flag')],
    ['disablePercentageOfTime', () => feature.disablePercentageOfTime('a_flag')],
    ['remove', () => feature.remove('a_flag')],
    ['enable for everybody, which clears the lists', () => feature.enable('a_flag')],
    ['disable of a flag of which nothing is stored', () => feature.disable('on_by_default')],
    [
      'an actor added and two taken off in one change',
      () =>
        instance.change([
          ...planEnable('a_flag', [new User(20)]),
          ...planDisable('a_flag', [new User(1), new User(2)]),
        ]),
    ],
    [
      'a flag removed and a smaller one added in one change',
      () => instance.change([...planEnable('b_flag', 'everybody'), ...planRemove('a_flag')]),
    ],
  ])('is not refused, however far what is stored is over the limits: %s', async (_what, write) => {
    await write()
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  it.each([
    ['an actor', () => feature.enable('a_flag', new User(30)), overActors],
    ['an opt-out', () => feature.optOut('a_flag', new User(30)), overOptOuts],
    ['a group', () => feature.enable('a_flag', feature.group('others')), overBytes],
    ['a percentage', () => feature.enablePercentageOfTime('a_flag', 5), overBytes],
    ['another flag', () => feature.enable('b_flag'), overBytes],
  ])('is refused where it adds %s', async (_what, write, refusal) => {
    const before = await feature.export()
    await expect(write()).rejects.toMatchObject({ code: 'limit_exceeded' })
    if (refusal === overBytes) await expect(write()).rejects.toMatchObject(refusal)
    expect((await feature.export()).features).toEqual(before.features)
  })
})

describe('several steps in one change', () => {
  it('are counted together where they are of one flag', async () => {
    await limitTo({ actorsPerFlag: 3 })
    const steps = [...planEnable('a_flag', users(1, 2)), ...planEnable('a_flag', users(3, 4))]
    await expect(instance.change(steps)).rejects.toMatchObject(overActors)
    expect(feature.persisted('a_flag')).toBe(false)
    await instance.change([...planEnable('a_flag', users(1, 2)), ...planEnable('a_flag', users(2, 3))])
    expect(await actorsOf('a_flag')).toBe(3)
  })

  it('are counted flag by flag where they are of several', async () => {
    await limitTo({ actorsPerFlag: 2, optOutsPerFlag: 2 })
    await instance.change([
      ...planEnable('a_flag', users(1, 2)),
      ...planEnable('b_flag', users(1, 2)),
      ...planOptOut('a_flag', users(3, 4)),
    ])
    const steps = [...planEnable('c_flag', users(1, 2)), ...planOptOut('b_flag', users(3, 5))]
    await expect(instance.change(steps)).rejects.toMatchObject(overOptOuts)
    expect(feature.persisted('c_flag')).toBe(false)
  })

  it('count together for the limit of everything', async () => {
    await limitTo({ snapshotBytes: 1_000 })
    const large = (name: string, letter: string) => planEnable(name, [{ flipperId: letter.repeat(600) }])
    await expect(instance.change([...large('a_flag', 'x'), ...large('b_flag', 'y')])).rejects.toMatchObject(overBytes)
    await expect(instance.change([...large('a_flag', 'x'), ...large('a_flag', 'y')])).rejects.toMatchObject(overBytes)
    await instance.change([...large('a_flag', 'x'), ...large('a_flag', 'x')])
    expect(await actorsOf('a_flag')).toBe(1)
  })
})
