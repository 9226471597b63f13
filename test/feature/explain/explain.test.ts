// What Feature.explain says: the gates one by one, the change that decided, the past, and what it refuses.
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FeatureFlags, FeatureGate, type FeatureOptions } from '../../../lib/index.js'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { silentLogger } from '../../../lib/log.js'
import { stubFeatureFlags } from '../../../lib/testing/index.js'
import { changeOf } from '../../support/change.js'
import { FaultyStore } from '../../support/faulty-store.js'
import { createProject, type TestProject, writeIn } from '../../support/project.js'
import { asTest } from '../../testing/as-test.js'

class User extends FeatureGate('User') {}
const [anna, ben] = [new User(1), new User(2)]

let project: TestProject
let store: FaultyStore
let instance: Instance
let feature: FeatureFlags

async function start(options: FeatureOptions = {}): Promise<void> {
  store = new FaultyStore()
  const given = {
    root: project.root,
    env: 'production',
    databaseUrl: 'memory',
    diskFile: false,
    logger: silentLogger,
    ...options,
  }
  const openStores = async () => ({ store, cache: null })
  instance = createInstance(given as FeatureOptions, { author: 'code:test', source: 'code', watch: false, openStores })
  feature = instance.feature
  await feature.start()
}

/** Untyped callers: the explanation as JavaScript asks for it. */
const explain = (...given: readonly unknown[]): Promise<unknown> => Reflect.apply(feature.explain, feature, given)

beforeEach(async () => {
  project = await createProject('dark_mode')
  await project.define('on_by_default', { defaultEnabled: true })
  await project.define('read_only', { type: 'ops' })
  await start({
    groups: {
      staff: ({ flipperId }) => flipperId === 'User:1',
      broken: () => {
        throw new Error('no row')
      },
    },
  })
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

const gatesOf = ({ steps }: Awaited<ReturnType<FeatureFlags['explain']>>) =>
  steps.map(({ gate, open, decides }) => `${decides ? '>' : ''}${gate} ${open}`)

describe('an explanation', () => {
  it('goes through the gates in the order of a check, with the numbers of the percentage', async () => {
    await feature.enablePercentageOfActors('dark_mode', 40)
    await feature.optOut('dark_mode', ben)
    const explained = await feature.explain('dark_mode', anna)
    const checksum = crc32(Buffer.from('dark_modeUser:1'))
    const bucket = checksum % 100_000
    expect(explained).toMatchObject({
      name: 'dark_mode',
      actors: ['User:1'],
      value: bucket < 40_000,
      reason: bucket < 40_000 ? 'percentage_of_actors' : 'closed',
    })
    expect(explained.steps[3]).toEqual({
      gate: 'percentage_of_actors',
      open: bucket < 40_000,
      decides: bucket < 40_000,
      why: '"User:1" stands at 14.5 %; the first 40 % have it',
      detail: { input: 'dark_modeUser:1', joinedId: 'User:1', checksum, bucket, threshold: 40_000 },
    })
    const why = async (percentage: number) => {
      await feature.enablePercentageOfActors('dark_mode', percentage)
      return (await feature.explain('dark_mode', anna)).steps[3]?.why
    }
    // Where one decimal would stand on the border, or on its other side, all of them are said.
    expect(await why(14.5)).toBe('"User:1" stands at 14.546 %; the first 14.5 % have it')
    expect(await why(14.52)).toBe('"User:1" stands at 14.546 %; the first 14.52 % have it')
    expect(await why(14.6)).toBe('"User:1" stands at 14.5 %; the first 14.6 % have it')
    const denied = await feature.explain('dark_mode', ben)
    expect(denied).toMatchObject({ value: false, reason: 'opt_out', chance: 0, approximate: [] })
    expect(denied.steps[0]).toMatchObject({
      gate: 'never',
      decides: true,
      why: '"User:2" is on the list, which beats all other gates',
    })
  })

  it('has one bucket for several actors, that of their joined ids, and none without an actor', async () => {
    await feature.enablePercentageOfActors('dark_mode', 50)
    const several = await feature.explain('dark_mode', [ben, null, anna])
    expect(several.actors).toEqual(['User:2', 'User:1'])
    expect(several.steps[3]?.detail).toMatchObject({
      joinedId: 'User:1User:2',
      checksum: crc32(Buffer.from('dark_modeUser:1User:2')),
    })
    expect(several.value).toBe(feature.enabled('dark_mode', [ben, anna]))
    const none = await feature.explain('dark_mode')
    expect(none).toMatchObject({ actors: [], value: false, reason: 'closed' })
    expect(none.steps[3]).toEqual({
      gate: 'percentage_of_actors',
      open: false,
      decides: false,
      why: '50 % of actors, and it was asked without an actor',
    })
  })

  it('says the share where chance decides, and throws no dice', async () => {
    await feature.enablePercentageOfTime('dark_mode', 30)
    expect(await feature.explain('dark_mode', anna)).toMatchObject({
      value: null,
      reason: 'percentage_of_time',
      chance: 0.3,
      approximate: ['by_chance'],
    })
    // A group that is asked after chance makes the answer certain.
    await feature.enable('dark_mode', feature.group('staff'))
    expect(await feature.explain('dark_mode', anna)).toMatchObject({
      value: true,
      reason: 'group',
      chance: 1,
      approximate: [],
    })
    await feature.enablePercentageOfTime('dark_mode', 100)
    expect(await feature.explain('dark_mode', anna)).toMatchObject({ value: true, reason: 'percentage_of_time' })
  })

  it('does not know groups that are not registered here or fail, and asks none where another gate decides', async () => {
    await feature.enable('dark_mode', [feature.group('unregistered'), feature.group('broken'), feature.group('staff')])
    const of = async (who: User) => (await feature.explain('dark_mode', who)).steps[5]
    expect(await of(anna)).toMatchObject({ gate: 'groups', open: true, decides: true, why: 'in the group "staff"' })
    expect(await of(ben)).toMatchObject({ open: null, decides: false })
    const unsure = await feature.explain('dark_mode', ben)
    expect(unsure).toMatchObject({ value: false, reason: 'closed', chance: 0 })
    expect(unsure.approximate.toSorted()).toEqual(['group:broken', 'group:unregistered'])
    expect(feature.enabled('dark_mode', ben)).toBe(false)
    await feature.enable('dark_mode', ben)
    expect(await of(ben)).toMatchObject({
      open: null,
      why: 'not asked for "broken", "staff", "unregistered": another gate decides',
    })
  })

  it('answers as a check where a predicate asks for the flag that it decides', async () => {
    feature.registerGroup('asks_again', (actor) => !feature.enabled('dark_mode', actor))
    await feature.enable('dark_mode', feature.group('asks_again'))
    const { value, reason } = await feature.explain('dark_mode', anna)
    expect({ value, reason }).toEqual(feature.decide('dark_mode', anna))
  })

  it('names the default where nothing is stored, and says that it does not count where something is', async () => {
    const byDefault = await feature.explain('on_by_default', anna)
    expect(byDefault).toMatchObject({ value: true, reason: 'default', by: null })
    const why = 'nothing is stored, and config/feature_flags/development/on_by_default.yml says default_enabled: true'
    expect(byDefault.steps).toEqual([{ gate: 'default', open: true, decides: true, why }])
    await feature.disable('on_by_default')
    expect(await feature.explain('on_by_default', anna)).toMatchObject({ value: false, reason: 'closed' })
    expect(gatesOf(await feature.explain('on_by_default', anna)).at(-1)).toBe('default false')
  })

  it('tells of names that no definition has, and of definitions with a fault', async () => {
    const unknown = await feature.explain('dark_mod', anna)
    expect(unknown).toMatchObject({ value: false, reason: 'unknown' })
    expect(unknown.steps[0]?.why).toBe('nothing is stored, and no definition has this name (did you mean "dark_mode"?)')
    expect(await explain('dark_mod', { defaultEnabledIfUndefined: true })).toMatchObject({
      value: true,
      reason: 'default',
    })
    writeIn(project.root, 'config/feature_flags/development/dark_mode.yml', 'name: [')
    instance.catalog.reload()
    const kept = await feature.explain('dark_mode')
    expect(kept.steps[0]?.why).toMatch(
      /says default_enabled: false; the file has a fault: .*\(until then the last good definition stays in use\)$/,
    )
    writeIn(project.root, 'config/feature_flags/development/newer.yml', 'name: [')
    instance.catalog.reload()
    expect((await feature.explain('newer')).steps[0]?.why).toContain(
      'its definition config/feature_flags/development/newer.yml',
    )
  })

  it('shows gates that this version does not know, and stored texts that do not mean on', async () => {
    const gates = new Map([
      ['boolean', ['TRUE']],
      ['expression', ['{}']],
    ])
    await store.apply(changeOf({ feature: 'dark_mode', operation: { kind: 'replace', gates } }))
    const { steps, value } = await feature.explain('dark_mode', anna)
    expect(value).toBe(false)
    expect(steps.map(({ gate }) => gate)).toEqual([
      'never',
      'boolean',
      'actors',
      'percentage_of_actors',
      'percentage_of_time',
      'groups',
      'expression',
      'default',
    ])
    expect(steps[1]?.why).toBe('the stored text "TRUE" does not mean on')
    expect(steps[6]).toMatchObject({
      open: false,
      why: 'this version does not know the gate, and it opens nothing here',
    })
  })

  it('says that a stub of the test stands for what is stored, and that tests turn flags on', async () => {
    await feature.enable('dark_mode')
    await asTest('a test', async () => {
      stubFeatureFlags({ dark_mode: ben })
      const stubbed = await feature.explain('dark_mode', anna)
      expect(stubbed).toMatchObject({ value: false, reason: 'closed', by: null, asOf: { from: 'stub' } })
      expect(stubbed.steps.at(-1)?.why).toContain('a stub of the test')
      const { flags } = await instance.explanations.all({ asked: { actors: [ben], ids: ['User:2'] } })
      expect(flags.map(({ name, value }) => [name, value])).toContainEqual([
        'dark_mode',
        feature.enabled('dark_mode', ben),
      ])
    })
    expect(await feature.explain('dark_mode', anna)).toMatchObject({ value: true, asOf: { from: 'store' } })
  })
})

describe('the change that decided', () => {
  it('is the newest one that added what opens the flag', async () => {
    await feature.enablePercentageOfActors('dark_mode', 100, { reason: 'first' })
    await feature.enable('dark_mode', ben, { reason: 'second' })
    const [newest] = await feature.history({ feature: 'dark_mode', limit: 1 })
    expect((await feature.explain('dark_mode', anna)).by).toMatchObject({
      author: 'code:test',
      source: 'code',
      reason: 'first',
    })
    const { by } = await feature.explain('dark_mode', [anna, ben])
    expect(by).toMatchObject({
      reason: 'second',
      changeId: newest?.changeId,
      position: newest?.position,
      at: newest?.at,
    })
  })

  it('of a closed flag is the last one that removed what would have opened it', async () => {
    await feature.enable('dark_mode', anna, { reason: 'on' })
    await feature.disable('dark_mode', anna, { reason: 'off' })
    await feature.enable('dark_mode', ben, { reason: 'another' })
    await feature.disable('dark_mode', ben, { reason: 'of another' })
    expect((await feature.explain('dark_mode', anna)).by).toMatchObject({ reason: 'off' })
    expect((await feature.explain('dark_mode', new User(3))).by).toBeNull()
    await feature.enable('dark_mode', true)
    await feature.disable('dark_mode', false, { reason: 'for all' })
    expect((await feature.explain('dark_mode', new User(3))).by).toMatchObject({ reason: 'for all' })
  })
})

describe('the past', () => {
  it('is explained at a position, a change and a time, with today’s default and groups marked', async () => {
    await feature.enable('on_by_default', feature.group('staff'), { force: true, reason: 'for staff' })
    const [first] = await feature.history({ feature: 'on_by_default', limit: 1 })
    await feature.remove('on_by_default')
    const at = (point: string | Date, who = anna) => feature.explain('on_by_default', who, { at: point })
    expect(await at('0')).toMatchObject({
      value: true,
      reason: 'default',
      approximate: ['definition'],
      asOf: { position: { version: '0' } },
    })
    expect(await at('1')).toMatchObject({
      value: true,
      reason: 'group',
      approximate: ['group:staff'],
      by: { reason: 'for staff' },
    })
    expect(await at(first?.changeId ?? '', ben)).toMatchObject({
      value: false,
      reason: 'closed',
      approximate: ['group:staff'],
    })
    expect(await at(new Date())).toMatchObject({
      reason: 'default',
      asOf: { position: { version: '2' }, from: 'store' },
    })
    expect(await explain('on_by_default', { at: '0s' })).toMatchObject({ reason: 'default' })
  })

  it('is that of all flags, beside another time and another actor', async () => {
    await feature.enable('dark_mode', anna)
    await feature.enablePercentageOfTime('read_only', 20)
    const [asked, other] = [anna, ben].map((who) => ({ actors: [who], ids: [who.flipperId] }))
    if (asked === undefined || other === undefined) throw new Error('there are two')
    const names = async (terms: Omit<Parameters<Instance['explanations']['all']>[0], 'asked'>) =>
      (await instance.explanations.all({ asked, ...terms })).flags.map(({ name }) => name)
    expect(await names({})).toEqual(['dark_mode', 'on_by_default', 'read_only'])
    expect(await names({ only: 'on', at: '1' })).toEqual(['dark_mode', 'on_by_default'])
    expect(await names({ only: 'on' })).toEqual(['dark_mode', 'on_by_default', 'read_only'])
    expect(await names({ only: 'different' })).toEqual(['dark_mode', 'read_only'])
    expect(await names({ only: 'different', than: { asked: other } })).toEqual(['dark_mode'])
    const compared = await instance.explanations.all({ asked, than: { asked, at: '1' }, only: 'different' })
    expect(compared).toMatchObject({
      asOf: { position: { version: '2' } },
      thanAsOf: { position: { version: '1' } },
      flags: [
        {
          name: 'read_only',
          value: null,
          chance: 0.2,
          default: false,
          than: { value: false, approximate: ['definition'] },
        },
      ],
    })
  })
})

describe('where the store cannot be reached', () => {
  it('says what this process holds, and nothing of the past', async () => {
    await feature.enable('dark_mode', anna)
    store.down = true
    const held = await feature.explain('dark_mode', anna)
    expect(held).toMatchObject({
      value: true,
      reason: 'actor',
      by: null,
      asOf: { position: { version: '1' }, from: 'memory' },
    })
    const { asOf, flags } = await instance.explanations.all({ asked: { actors: [anna], ids: ['User:1'] } })
    expect(asOf.from).toBe('memory')
    expect(flags.find(({ name }) => name === 'dark_mode')).toMatchObject({ value: true })
    await expect(feature.explain('dark_mode', anna, { at: '1' })).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})

describe('explain refuses', () => {
  it.each([
    ['an object without an id', { id: 1 }, undefined, 'invalid_actor'],
    ['a promise', Promise.resolve(anna), undefined, 'invalid_actor'],
    ['a number', 42, undefined, 'invalid_actor'],
    ['a list with a text in it', ['User:1'], undefined, 'invalid_actor'],
    ['an option that there is not', anna, { att: '2h' }, 'invalid_arguments'],
    ['a time that is no text', anna, { at: 12 }, 'invalid_arguments'],
    ['a type that is no text', { type: 12 }, undefined, 'invalid_arguments'],
    ['a time without an offset', anna, { at: '2026-11-20T10:00' }, 'invalid_point'],
    ['a time in the future', anna, { at: new Date(Date.now() + 3_600_000) }, 'invalid_point'],
    ['a position in the future', anna, { at: '1000' }, 'invalid_point'],
    ['a time before the history began', anna, { at: '2020-01-01T00:00Z' }, 'not_in_history'],
    ['the id of a change that there was not', anna, { at: '2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11' }, 'not_in_history'],
  ])('%s', async (_what, thing, options, code) => {
    await expect(explain('dark_mode', thing, options)).rejects.toMatchObject({ code })
  })

  it('in strict mode what a check refuses, and before the start everything', async () => {
    await feature.stop()
    await project.define('for_projects', { actor: 'project' })
    await start({ env: 'development', actors: { User: {}, Project: {} } })
    await expect(explain('dark_mod', anna)).rejects.toMatchObject({ code: 'unknown_flag' })
    await expect(explain('read_only', anna)).rejects.toMatchObject({ code: 'flag_type_mismatch' })
    await expect(explain('for_projects', anna)).rejects.toMatchObject({ code: 'actor_kind_mismatch' })
    await expect(explain('dark_mode', { flipperId: 'Usr:1' })).rejects.toMatchObject({ code: 'invalid_actor' })
    expect(await explain('read_only', anna, { type: 'ops' })).toMatchObject({ value: false })
    await feature.stop()
    await expect(explain('dark_mode', anna)).rejects.toMatchObject({ code: 'not_started' })
  })
})
