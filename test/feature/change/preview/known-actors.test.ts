// Which actors a preview counts, and what it says of them: those of the application, those of lists, samples, groups.
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ActorClass, FeatureOptions } from '../../../../lib/config/options.js'
import { createInstance } from '../../../../lib/instance/create.js'
import { createProject } from '../../../support/project.js'
import { recordingLogger } from '../../../support/recording-logger.js'

async function start(actors: Readonly<Record<string, ActorClass>>, options: FeatureOptions = {}) {
  const project = await createProject('a_flag', 'b_flag')
  await project.define('for_projects', { actor: 'project' })
  const logger = recordingLogger()
  const memory = { root: project.root, env: 'staging', databaseUrl: 'memory', diskFile: false, logger } as const
  const instance = createInstance({ ...memory, actors, ...options }, { author: 'test', source: 'code', watch: false })
  await instance.feature.start()
  onTestFinished(async () => {
    await instance.feature.stop()
    await project.close()
  })
  return { instance, feature: instance.feature, logger }
}

const users = (count: number) => Array.from({ length: count }, (_, index) => `User:${index}`)
const flipper = (...ids: readonly string[]) => ids.map((flipperId) => ({ flipperId }))
const half = [{ op: 'percentage_of_actors', value: 50 }] as const

describe('the known actors', () => {
  it('are all that the application gives, where it gives all, and what the lists of the flag name besides', async () => {
    const { feature } = await start({ User: { sample: () => users(1_000) } })
    await feature.enable('a_flag', flipper('User:1', 'User:gone'))
    const { effect } = await feature.preview('a_flag', [{ op: 'enable' }])
    expect(effect).toMatchObject({
      actorClass: 'User',
      known: 1_001,
      sample: 1_001,
      of: 'application',
      margin: 0,
      gain: 999,
    })
  })

  it('are a part of all, where the application says how many there are: then the numbers are estimates', async () => {
    const { feature } = await start({ User: { sample: () => ({ ids: users(1_000), total: 100_000 }) } })
    const { effect } = await feature.preview('a_flag', half)
    expect(effect).toMatchObject({ known: 100_000, sample: 1_000, of: 'application', lose: 0 })
    expect(Math.abs(effect.gain - 50_000)).toBeLessThan(2 * effect.margin)
    expect([effect.gain % 100, effect.gainFirst.length]).toEqual([0, 10])
  })

  it('have those counted one by one that the flag names itself, also beside a part of all', async () => {
    const { feature } = await start({ User: { sample: () => ({ ids: users(100), total: 100_000 }) } })
    await feature.enablePercentageOfActors('a_flag', 10)
    const ids = ['User:1', 'User:70001', 'User:70002']
    const { effect, level } = await feature.preview('a_flag', [{ op: 'add', list: 'actors', ids }])
    const gained = ids.filter((id) => !feature.enabled('a_flag', { flipperId: id }))
    expect(effect).toMatchObject({ known: 100_000, sample: 102, gain: gained.length, gainFirst: gained, lose: 0 })
    expect(level).toBe(0)
  })

  it('are of the class that the flag names most often, otherwise of its definition, otherwise of the first sample', async () => {
    const actors = { User: { sample: () => users(3) }, Project: { sample: () => [1, 2] }, Team: {} }
    const { feature } = await start(actors)
    const classOf = async (name: string) => (await feature.preview(name, half)).effect.actorClass
    expect([await classOf('a_flag'), await classOf('for_projects')]).toEqual(['User', 'Project'])
    await feature.enable('a_flag', flipper('Team:1', 'Team:2', 'User:3'))
    const { effect } = await feature.preview('a_flag', half)
    // The class has no sample, so lists have to do.
    expect(effect).toMatchObject({ actorClass: 'Team', known: 2, of: 'lists' })
  })

  it('are of the class that a person chose, which makes the change no smaller', async () => {
    const actors = { User: { sample: () => users(1_000) }, Project: { sample: () => [1] } }
    const { feature, instance } = await start(actors, { env: 'production' })
    await feature.enable('a_flag', flipper('User:1'))
    const shown = (actorClass?: string) =>
      instance.preview('a_flag', [{ op: 'percentage_of_actors', value: 30 }], { actorClass })
    const [usual, chosen, none] = [await shown(), await shown('Project'), await shown('Team')]
    expect([usual.effect.actorClass, usual.level]).toEqual(['User', 2])
    expect(chosen.effect).toMatchObject({ actorClass: 'Project', known: 1, gain: 0 })
    expect(none.effect).toMatchObject({ actorClass: 'Team', known: null, of: null })
    expect([chosen.level, none.level]).toEqual([2, 2])
  })

  it('are asked for their groups where the application gives objects; otherwise, and where a predicate fails, they are counted apart', async () => {
    const groups = {
      staff: ({ flipperId }: { flipperId: string }) => flipperId === 'User:1',
      broken: () => {
        throw new Error('no answer')
      },
    }
    const operations = (...ids: readonly string[]) => [{ op: 'add', list: 'groups', ids } as const]
    const objects = await start({ User: { sample: () => flipper('User:1', 'User:2') } }, { groups })
    const { effect } = await objects.feature.preview('a_flag', operations('staff'))
    expect(effect).toMatchObject({ gain: 1, gainFirst: ['User:1'], unknown: 0 })
    for (const group of ['broken', 'not_registered_here']) {
      expect((await objects.feature.preview('a_flag', operations(group))).effect).toMatchObject({ gain: 0, unknown: 2 })
    }
    const ids = await start({ User: { sample: () => users(2) } }, { groups })
    expect((await ids.feature.preview('a_flag', operations('staff'))).effect).toMatchObject({ gain: 0, unknown: 2 })
  })

  it('are those of lists where the sample fails, and a warning names it', async () => {
    const { feature, logger } = await start({ User: { sample: () => Promise.reject(new Error('no answer')) } })
    const bare = await feature.preview('a_flag', half)
    expect(bare.effect).toMatchObject({ actorClass: null, known: null, of: null, sample: 0, gain: 0 })
    await feature.enable('b_flag', flipper('User:1'))
    const { effect, warnings } = await feature.preview('a_flag', half)
    expect(effect).toMatchObject({ known: 1, of: 'lists' })
    expect(warnings).toEqual([
      { code: 'sample_failed', message: expect.stringContaining('no answer'), safer: [], cli: null },
    ])
    expect(logger.lines.filter(({ message }) => message.includes('actors.User.sample'))).toHaveLength(1)
  })
})

describe('who has a flag now', () => {
  it('is counted, and at each percentage of actors too', async () => {
    const ids = users(400)
    const { instance, feature } = await start({ User: { sample: () => ids } })
    await feature.enablePercentageOfActors('a_flag', 30)
    await feature.enable('a_flag', flipper('User:1', 'User:2'))
    await feature.optOut('a_flag', { flipperId: 'User:3' })
    const stored = {
      key: 'a_flag',
      gates: new Map([
        ['actors', ['User:1', 'User:2', 'User:3:opt_out']],
        ['percentage_of_actors', ['30']],
      ]),
    }
    const present = await instance.presentEffect('a_flag', { stored })
    const having = ids.filter((id) => feature.enabled('a_flag', { flipperId: id })).length
    expect(present).toMatchObject({
      actorClass: 'User',
      known: 400,
      sample: 400,
      of: 'application',
      on: having,
      margin: 0,
    })
    expect(present.byPercent).toHaveLength(101)
    expect([present.byPercent[30], present.byPercent[100]]).toEqual([having, 399])
    const { effect } = await feature.preview('a_flag', [{ op: 'percentage_of_actors', value: 60 }])
    expect(effect.gain).toBe((present.byPercent[60] ?? 0) - having)
  })

  it('is estimated from a part of all', async () => {
    const { instance } = await start({ User: { sample: () => ({ ids: users(500), total: 50_000 }) } })
    const gates = new Map([['percentage_of_actors', ['20']]])
    const { known, on, margin, byPercent } = await instance.presentEffect('a_flag', {
      stored: { key: 'a_flag', gates },
    })
    expect([known, on, byPercent[100], byPercent[0]]).toEqual([50_000, byPercent[20], 50_000, 0])
    expect(Math.abs(on - 10_000)).toBeLessThan(2 * margin)
  })
})
