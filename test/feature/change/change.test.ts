// Changes of flags, their refusals, their log and their events.
import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeature, type FeatureFlags, FeatureGate, type FeatureOptions } from '../../../lib/index.js'
import { createProject, type TestProject } from '../../support/project.js'
import { type RecordingLogger, recordingLogger } from '../../support/recording-logger.js'

class Project extends FeatureGate('Project') {}
class User extends FeatureGate('User') {}

let project: TestProject
let logger: RecordingLogger
let feature: FeatureFlags

async function start(options: FeatureOptions = {}): Promise<void> {
  logger = recordingLogger()
  feature = createFeature({ root: project.root, env: 'staging', databaseUrl: 'memory', logger, ...options })
  await feature.start()
}

beforeEach(async () => {
  project = await createProject('a_flag', 'b_flag')
  await project.define('on_by_default', { defaultEnabled: true })
  await start()
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

async function stored(): Promise<unknown> {
  return (await feature.export()).features
}

describe('enable and disable', () => {
  it('are seen by the next check', async () => {
    await feature.enable('a_flag')
    expect(feature.enabled('a_flag')).toBe(true)
    await feature.disable('a_flag')
    expect(feature.enabled('a_flag')).toBe(false)
    expect(feature.disabled('a_flag')).toBe(true)
  })

  it('of a flag whose definition is broken are refused with what is wrong in the file', async () => {
    const path = await project.define('broken_flag')
    await writeFile(path, 'name: broken_flag\ntype: [')
    await feature.stop()
    await start({ env: 'production' })
    await expect(feature.enable('broken_flag')).rejects.toMatchObject({
      code: 'unknown_flag',
      message: expect.stringMatching(/"broken_flag" cannot be used, its definition .*broken_flag\.yml:\d+ is invalid/),
    })
    expect(feature.persisted('broken_flag')).toBe(false)
  })

  it('are for one actor, several, a group, or a promise of one', async () => {
    feature.registerGroup('admins', (actor) => actor.flipperId === 'User:1')
    await feature.enable('a_flag', new Project(1))
    await feature.enable('a_flag', [new Project(2), new Project(3)])
    await feature.enable('a_flag', Promise.resolve(new Project(4)))
    await feature.enable('a_flag', feature.group('admins'))
    const on = [1, 2, 3, 4, 5].map((id) => feature.enabled('a_flag', new Project(id)))
    expect(on).toEqual([true, true, true, true, false])
    expect(feature.enabled('a_flag', new User(1))).toBe(true)
    await feature.disable('a_flag', new Project(1))
    await feature.disable('a_flag', feature.group('admins'))
    expect(feature.enabled('a_flag', new Project(1))).toBe(false)
    expect(feature.enabled('a_flag', new User(1))).toBe(false)
  })

  it('for everybody clear the other gates, opt-outs too', async () => {
    await feature.enable('a_flag', new Project(1))
    await feature.optOut('a_flag', new Project(2))
    await feature.enablePercentageOfActors('a_flag', 25)
    await feature.disable('a_flag')
    expect(await stored()).toEqual([{ key: 'a_flag', gates: {} }])
    expect(feature.optedOut('a_flag', new Project(2))).toBe(false)
  })

  it('refuse an actor that is undefined, instead of taking it for everybody', async () => {
    const nobody: Project | undefined = undefined
    await expect(feature.enable('a_flag', nobody as unknown as Project)).rejects.toThrow('was it not found?')
    await expect(feature.disable('a_flag', nobody as unknown as Project)).rejects.toMatchObject({
      code: 'invalid_arguments',
    })
    expect(await stored()).toEqual([])
  })

  it.each([
    ['null', null],
    ['a number', 42],
    ['a text', 'Project:42'],
    ['an object without an id', { id: 42 }],
    ['a list with one of these', [new Project(1), { id: 42 }]],
    ['an unsaved object', new Project()],
    ['false', false],
    ['an empty list', []],
  ])('refuse %s as the actor, and write nothing', async (_what, thing) => {
    await expect(feature.enable('a_flag', thing as never)).rejects.toMatchObject({
      code: expect.stringMatching(/^invalid_(actor|arguments)$/),
    })
    expect(await stored()).toEqual([])
  })

  it.each([
    ['enable', () => feature.enable('a_flag', new User(1e17))],
    ['enable of several', () => feature.enable('a_flag', [new User(1), new User(-1e17)])],
    ['disable', () => feature.disable('a_flag', new User(2 ** 53))],
    ['optOut', () => feature.optOut('a_flag', new User(1e21))],
    ['removeOptOut', () => feature.removeOptOut('a_flag', [new User(1e17)])],
  ])('refuse an id that was rounded, and say to send it as text: %s', async (_what, write) => {
    await expect(write()).rejects.toMatchObject({
      code: 'invalid_actor',
      message: expect.stringMatching(/rounded.*send it as text/),
    })
    expect(await stored()).toEqual([])
  })

  it('refuse an id that was rounded in production too', async () => {
    await feature.stop()
    await start({ env: 'production' })
    await expect(feature.enable('a_flag', new User(1e17))).rejects.toThrow('send it as text')
    expect(await stored()).toEqual([])
  })

  it('say what the flipperId is where it is no text', async () => {
    const numbered = { flipperId: 1e17 } as never
    await expect(feature.enable('a_flag', numbered)).rejects.toThrow('whose flipperId is "100000000000000000"')
  })

  it('keep every digit of a bigint and of a text', async () => {
    await feature.enable('a_flag', [new User(1234567890123456789n), new User('1234567890123456787')])
    expect(await stored()).toEqual([
      { key: 'a_flag', gates: { actors: ['User:1234567890123456787', 'User:1234567890123456789'] } },
    ])
  })

  it('refuse ids that cannot be stored', async () => {
    for (const flipperId of ['x'.repeat(1_001), 'é'.repeat(501), 'a\0b', 'User:1:opt_out']) {
      await expect(feature.enable('a_flag', { flipperId })).rejects.toMatchObject({ code: 'invalid_actor' })
    }
    await feature.enable('a_flag', { flipperId: 'x'.repeat(1_000) })
    expect(feature.enabled('a_flag', { flipperId: 'x'.repeat(1_000) })).toBe(true)
  })
})

describe('the options of a change', () => {
  const enable = (context: unknown) =>
    Promise.resolve(Reflect.apply(feature.enable.bind(feature), null, ['a_flag', true, context]))

  it.each([
    [{ reason: 'x'.repeat(1_001) }, 'the reason of a change has 1001 characters; give at most 1000'],
    [{ reason: 1 }, 'the option "reason" of a change is "1"; give a text'],
    [{ author: ['me'] }, 'the option "author" of a change is "object"; give a text'],
    [{ source: Symbol('ui') }, 'the option "source" of a change is "symbol"; give a text'],
    [{ force: 'yes' }, 'the option "force" of a change is "yes"; give true or false'],
    [{ wait: 1 }, 'the option "wait" of a change is "1"; give true or false'],
    [{ onConfirmed: 'log' }, 'the option "onConfirmed" of a change is "log"; give a function'],
    ['a reason', 'the options of a change are "a reason"; give an object such as { reason'],
    [null, 'the options of a change are "null"; give an object such as { reason'],
  ])('that cannot be used are refused with the option and its value: %o', async (context, says) => {
    const refused = await enable(context).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining(says) })
    expect(await stored()).toEqual([])
  })

  it('may have a reason of 1,000 characters, in every script', async () => {
    await enable({ reason: '🎉'.repeat(1_000) })
    expect(feature.enabled('a_flag')).toBe(true)
  })

  it('that are null count as left out', async () => {
    await enable({ author: null, reason: null, source: null, force: null, wait: null, onConfirmed: null })
    expect(feature.enabled('a_flag')).toBe(true)
  })
})

describe('a name without definition', () => {
  it('is refused with a suggestion, in production too, and can be forced', async () => {
    await feature.stop()
    await start({ env: 'production' })
    await expect(feature.enable('a_flagg')).rejects.toThrow('did you mean "a_flag"?')
    await expect(feature.enable('unlike_anything_else')).rejects.toMatchObject({ code: 'unknown_flag' })
    await feature.enable('unlike_anything_else', true, { force: true })
    expect(feature.enabled('unlike_anything_else')).toBe(true)
  })

  it('is shown on one line, whatever it holds', async () => {
    const error = await feature.enable('ok\n{"level":"info"}').catch((caught: unknown) => caught)
    expect(String(error)).toContain('"ok\\u{a}{"level":"info"}" has no definition')
  })

  it('can always be removed', async () => {
    await feature.enable('old_flag', true, { force: true })
    await feature.remove('old_flag')
    expect(feature.persisted('old_flag')).toBe(false)
    await feature.remove('never_stored')
  })

  it.each(['', 'x'.repeat(256), 'a\0b', '\ud800'])(
    'is refused even when forced if it cannot be stored: %j',
    async (name) => {
      await expect(feature.enable(name, true, { force: true })).rejects.toMatchObject({ code: 'invalid_name' })
    },
  )

  it.each([
    '__proto__',
    'constructor',
    'a b',
    "'; drop table features;--",
    '../../etc/passwd',
    '<img src=x>',
    'Ünï_çødé',
    '\u202e',
  ])('is stored as it is when forced: %j', async (name) => {
    await feature.enable(name, true, { force: true })
    expect(feature.persistedNames()).toEqual([name])
    expect(feature.decide(name, { type: 'undefined' }).value).toBe(true)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    await feature.remove(name)
    expect(feature.persistedNames()).toEqual([])
  })
})

describe('the default-on trap', () => {
  it('is refused for actors, groups and opt-outs on a flag that is not stored', async () => {
    const attempts = [
      feature.enable('on_by_default', new Project(1)),
      feature.disable('on_by_default', new Project(1)),
      feature.enable('on_by_default', feature.group('admins')),
      feature.optOut('on_by_default', new Project(1)),
      feature.disablePercentageOfActors('on_by_default'),
    ]
    for (const attempt of attempts) {
      await expect(attempt).rejects.toMatchObject({
        code: 'default_on_trap',
        message: expect.stringContaining('everybody else'),
      })
    }
    expect(await stored()).toEqual([])
    expect(feature.enabled('on_by_default', new Project(2))).toBe(true)
  })

  it('can be forced, and then the flag is off for the others', async () => {
    await feature.enable('on_by_default', new Project(1), { force: true })
    expect(feature.enabled('on_by_default', new Project(1))).toBe(true)
    expect(feature.enabled('on_by_default', new Project(2))).toBe(false)
  })

  it('is no trap once the flag is stored', async () => {
    await feature.enable('on_by_default')
    await feature.optOut('on_by_default', new Project(1))
    expect(feature.enabled('on_by_default', new Project(1))).toBe(false)
    expect(feature.enabled('on_by_default', new Project(2))).toBe(true)
  })

  it('does not concern a percentage, which is meant for all', async () => {
    await feature.enablePercentageOfActors('on_by_default', 25)
    expect(feature.get('on_by_default').state).toBe('conditional')
  })
})

describe('opt-outs', () => {
  it('beat every allow until they are taken back', async () => {
    await feature.enable('a_flag')
    await feature.optOut('a_flag', new Project(1))
    expect(feature.optedOut('a_flag', new Project(1))).toBe(true)
    expect(feature.enabled('a_flag', new Project(1))).toBe(false)
    expect(feature.enabled('a_flag', [new Project(1), new Project(2)])).toBe(false)
    await feature.removeOptOut('a_flag', new Project(1))
    expect(feature.enabled('a_flag', new Project(1))).toBe(true)
  })

  it('refuse an enable of the same actor', async () => {
    await feature.optOut('a_flag', new Project(1))
    await expect(feature.enable('a_flag', [new Project(2), new Project(1)])).rejects.toMatchObject({
      code: 'opted_out',
    })
    expect(feature.enabled('a_flag', new Project(2))).toBe(false)
  })

  it('that are not there can be taken back, which stores nothing, as in GitLab’s library', async () => {
    await feature.removeOptOut('b_flag', new Project(1))
    await feature.removeOptOut('on_by_default', [new Project(1), new Project(2)])
    expect([feature.persisted('b_flag'), feature.persisted('on_by_default')]).toEqual([false, false])
    expect(feature.enabled('on_by_default')).toBe(true)
    await feature.optOut('a_flag', new Project(1))
    await feature.removeOptOut('a_flag', [new Project(2), new Project(1)])
    expect(feature.get('a_flag').gates).toEqual([{ key: 'boolean', value: false }])
  })
})

describe('percentages', () => {
  it('are stored as text and keep their fraction', async () => {
    await feature.enablePercentageOfActors('a_flag', 33.333)
    await feature.enablePercentageOfTime('a_flag', 0.1)
    const gates = { percentage_of_actors: ['33.333'], percentage_of_time: ['0.1'] }
    expect(await stored()).toEqual([{ key: 'a_flag', gates }])
    await feature.disablePercentageOfActors('a_flag')
    await feature.disablePercentageOfTime('a_flag')
    expect(await stored()).toEqual([
      { key: 'a_flag', gates: { percentage_of_actors: ['0'], percentage_of_time: ['0'] } },
    ])
    expect(feature.get('a_flag')).toMatchObject({ state: 'off', gates: [{ key: 'boolean', value: false }] })
  })

  it.each([-1, 100.0001, 101, Number.NaN, Number.POSITIVE_INFINITY, '25%', null])(
    'of %s are refused, and nothing is stored',
    async (value) => {
      await expect(feature.enablePercentageOfActors('a_flag', value as number)).rejects.toMatchObject({
        code: 'invalid_percentage',
      })
      expect(await stored()).toEqual([])
    },
  )

  it('are refused on a flag that is on for everybody', async () => {
    await feature.enable('a_flag')
    await expect(feature.enablePercentageOfActors('a_flag', 25)).rejects.toMatchObject({ code: 'already_enabled' })
    await feature.enablePercentageOfTime('b_flag', 100)
    await expect(feature.enablePercentageOfTime('b_flag', 50)).rejects.toMatchObject({ code: 'already_enabled' })
    expect(feature.get('b_flag').state).toBe('on')
  })
})

describe('limits', () => {
  it('refuse more actors than one flag may have, and say which limit', async () => {
    await feature.stop()
    await start({ limits: { actorsPerFlag: 3 } })
    const actors = [1, 2, 3].map((id) => new Project(id))
    await feature.enable('a_flag', actors)
    await expect(feature.enable('a_flag', new Project(4))).rejects.toThrow('limits.actorsPerFlag')
    expect(feature.enabled('a_flag', new Project(4))).toBe(false)
  })

  it('count actors that are listed already once', async () => {
    await feature.stop()
    await start({ limits: { actorsPerFlag: 3 } })
    await feature.enable(
      'a_flag',
      [1, 2, 3].map((id) => new Project(id)),
    )
    await feature.enable(
      'a_flag',
      [1, 2, 3].map((id) => new Project(id)),
    )
    expect(feature.get('a_flag').gates).toContainEqual({
      key: 'actors',
      value: ['Project:1', 'Project:2', 'Project:3'],
    })
  })

  it('refuse to grow everything together over the limit', async () => {
    await feature.stop()
    await start({ limits: { snapshotBytes: 100 } })
    await feature.enable('a_flag', { flipperId: 'x'.repeat(60) })
    await expect(feature.enable('b_flag', { flipperId: 'y'.repeat(60) })).rejects.toThrow('limits.snapshotBytes')
  })
})

const exportOf = (...keys: readonly string[]) => ({
  format: 'sluice-export',
  version: 1,
  features: keys.map((key) => ({ key, gates: {} })),
})

/** Without the types, which refuse all of it. */
const untyped = (verb: keyof FeatureFlags, ...given: unknown[]): Promise<unknown> =>
  Promise.resolve().then(() => Reflect.apply(Reflect.get(feature, verb), feature, given))

describe('the options of a change', () => {
  class Session {
    readonly reason = 'a field of an object that is no options'
  }

  it.each<[keyof FeatureFlags, readonly unknown[]]>([
    ['enable', ['a_flag', true]],
    ['enable', ['a_flag', new Project(1)]],
    ['disable', ['a_flag', false]],
    ['enablePercentageOfActors', ['a_flag', 5]],
    ['disablePercentageOfActors', ['a_flag']],
    ['enablePercentageOfTime', ['a_flag', 5]],
    ['disablePercentageOfTime', ['a_flag']],
    ['optOut', ['a_flag', new Project(1)]],
    ['removeOptOut', ['a_flag', new Project(1)]],
    ['remove', ['a_flag']],
    ['import', [exportOf('a_flag')]],
    ['import', [exportOf()]],
  ])('are a plain object with known keys, or nothing is written: %s(%j, …)', async (verb, given) => {
    const cases: [unknown, string][] = [
      [{ reson: 'a slip' }, 'the options of a change have no key "reson"; did you mean "reason"?'],
      [{ reason: 'x', Force: true }, 'have no key "Force"; did you mean "force"?'],
      [
        { nothing_like_it: 1 },
        'have no key "nothing_like_it"; the keys are author, reason, source, force, wait, onConfirmed',
      ],
      [[], 'the options of a change are a list; give an object such as { reason'],
      [new Project(2), 'are an object of the class "Project"'],
      [new Session(), 'are an object of the class "Session"'],
      [new Map(), 'are an object of the class "Map"'],
      [null, 'are "null"'],
      [true, 'are "true"'],
      ['a reason', 'are "a reason"'],
      [() => ({}), 'are "function"'],
    ]
    for (const [options, message] of cases) {
      await expect(untyped(verb, ...given, options)).rejects.toMatchObject({
        code: 'invalid_arguments',
        message: expect.stringContaining(message),
      })
    }
    expect(await stored()).toEqual([])
    await untyped(verb, ...given, { reason: undefined, force: true })
    await untyped(verb, ...given, Object.assign(Object.create(null), { reason: 'fine', force: true }))
  })

  it.each<[keyof FeatureFlags, string]>([
    ['enable', 'write enable(name, true, { … })'],
    ['disable', 'write disable(name, false, { … })'],
    ['optOut', 'write optOut(name, the actor, { … })'],
    ['removeOptOut', 'write removeOptOut(name, the actor, { … })'],
  ])('have no place in the place of the actor: %s', async (verb, remedy) => {
    await expect(untyped(verb, 'a_flag', { reason: 'a try' })).rejects.toMatchObject({
      code: 'invalid_arguments',
      remedy,
    })
    expect(await stored()).toEqual([])
  })

  it.each<[keyof FeatureFlags, readonly unknown[], string]>([
    [
      'history',
      [{ featur: 'a_flag', limit: 1 }],
      'the options of history have no key "featur"; did you mean "feature"?',
    ],
    ['history', [{ feature: 1, limit: 1 }], 'the option "feature" of history is "1"'],
    ['history', [], 'the options of history are "undefined"'],
    ['on', ['change', 'x'], 'was given "x" as the listener'],
    ['start', ['postgres://me:hunter2@db/flags'], 'options cannot be a text; give an object of options'],
    ['start', [{ databseUrl: 'memory' }], 'did you mean "databaseUrl"?'],
  ])('and those of other calls are checked as well: %s', async (verb, given, message) => {
    await expect(untyped(verb, ...given)).rejects.toThrow(message)
  })

  it('do not excuse an id that its class does not write so, in strict mode', async () => {
    await feature.stop()
    await start({ actors: { User: { id: 'User;{id}' }, Project: {} } })
    const stray = { flipperId: 'User:5' }
    for (const write of [feature.enable('a_flag', [new Project(1), stray]), feature.optOut('a_flag', stray)]) {
      await expect(write).rejects.toMatchObject({
        code: 'invalid_actor',
        message: expect.stringContaining('"User;{id}"'),
      })
    }
    expect(await stored()).toEqual([])
    await feature.disable('a_flag', stray)
    await feature.enable('a_flag', { flipperId: 'Order:5' })
  })
})

describe('the change log', () => {
  it("has GitLab's fields, author and reason, and one line a change, whatever it is for", async () => {
    await feature.enable('a_flag', new Project(1), { author: 'cli:ada', reason: 'a try' })
    await feature.enable('a_flag', [new Project(2), new Project(3), feature.group('staff')])
    await feature.enablePercentageOfTime('b_flag', 25)
    await feature.import(exportOf('a_flag', 'b_flag'))
    const changes = logger.lines.filter(({ fields }) => 'action' in fields)
    expect(changes.map(({ fields }) => fields)).toMatchObject([
      {
        key: 'a_flag',
        action: 'enable',
        'extra.thing': 'Project:1',
        author: 'cli:ada',
        reason: 'a try',
        source: 'code',
      },
      { key: 'a_flag', action: 'enable', 'extra.things': ['Project:2', 'Project:3', 'staff'], 'extra.count': 3 },
      {
        key: 'b_flag',
        action: 'enable_percentage_of_time',
        'extra.percentage': 25,
        author: expect.stringMatching(/^code:./),
      },
      { keys: ['a_flag', 'b_flag'], flags: 2, action: 'import' },
    ])
  })

  it('names the first twenty of many actors and flags, and counts all', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => new Project(index))
    await feature.enable('a_flag', ids)
    await feature.import(exportOf(...ids.map(({ flipperId }) => flipperId)), { force: true })
    const [actors, flags] = logger.lines.map(({ fields }) => fields).filter((fields) => 'action' in fields)
    expect(actors).toMatchObject({ 'extra.count': 100 })
    expect(Reflect.get(actors ?? {}, 'extra.things')).toHaveLength(20)
    expect(flags).toMatchObject({ flags: 100 })
    expect(Reflect.get(flags ?? {}, 'keys')).toHaveLength(20)
  })

  it('stays silent about a change that was refused', async () => {
    await expect(feature.enable('nope_nope_nope')).rejects.toThrow()
    expect(logger.lines.filter(({ fields }) => 'action' in fields)).toEqual([])
  })

  it('that throws does not make a change look refused', async () => {
    logger.info = () => {
      throw new Error('disk full')
    }
    await feature.enable('a_flag')
    expect(feature.enabled('a_flag')).toBe(true)
  })
})

describe('change events', () => {
  it('tell what a flag was and is, and where the change came from', async () => {
    const events: unknown[] = []
    const end = feature.on('change', (event) => events.push(event))
    await feature.enable('a_flag', new Project(1))
    await feature.remove('a_flag')
    end()
    await feature.enable('b_flag')
    const after = {
      state: 'conditional',
      gates: [
        { key: 'boolean', value: false },
        { key: 'actors', value: ['Project:1'] },
      ],
    }
    expect(events).toMatchObject([
      { name: 'a_flag', before: null, after, origin: 'local' },
      { name: 'a_flag', before: after, after: null, origin: 'local' },
    ])
  })

  it('survive a listener that throws', async () => {
    feature.on('change', () => {
      throw new Error('listener')
    })
    await feature.enable('a_flag')
    expect(feature.enabled('a_flag')).toBe(true)
  })
})

describe('start and stop', () => {
  it('can be called twice, and after a stop again', async () => {
    await feature.start()
    await feature.stop()
    await feature.stop()
    await feature.start()
    await feature.enable('a_flag')
    expect(feature.enabled('a_flag')).toBe(true)
  })

  it('refuse other options while started', async () => {
    await expect(feature.start({ env: 'test' })).rejects.toMatchObject({ code: 'invalid_arguments' })
  })

  it('refuse writes before and after, while checks go on', async () => {
    await feature.enable('a_flag')
    await feature.stop()
    await expect(feature.enable('b_flag')).rejects.toMatchObject({ code: 'not_started' })
    expect(feature.enabled('a_flag')).toBe(true)
  })

  it('answer from the definitions before the start', () => {
    const early = createFeature({ root: project.root, env: 'staging', databaseUrl: 'memory', logger })
    expect(early.enabled('on_by_default')).toBe(true)
    expect(early.enabled('a_flag')).toBe(false)
    expect(early.status()).toMatchObject({ source: 'definitions', degraded: true })
  })

  it('keep groups and listeners that were registered before', async () => {
    const early = createFeature({ root: project.root, env: 'staging', databaseUrl: 'memory', logger })
    const names: string[] = []
    early.registerGroup('admins', () => true)
    early.on('change', ({ name }) => names.push(name))
    await early.start()
    await early.enable('a_flag', early.group('admins'))
    expect(early.enabled('a_flag', new User(1))).toBe(true)
    expect(names).toEqual(['a_flag'])
    await early.stop()
  })

  it('fail for an invalid definition where strict, and report it in production', async () => {
    await feature.stop()
    const path = await project.define('broken', { type: 'wip', defaultEnabled: true })
    await expect(start()).rejects.toThrow(path.slice(project.root.length + 1))
    await start({ env: 'production' })
    expect(logger.lines.some(({ level, message }) => level === 'error' && message.includes('broken.yml'))).toBe(true)
    expect(feature.enabled('a_flag')).toBe(false)
  })

  it('fail in production without a database, while checks answer', async () => {
    const lonely = createFeature({ root: project.root, env: 'production', logger })
    await expect(lonely.start()).rejects.toThrow('DATABASE_URL')
    expect(lonely.enabled('on_by_default')).toBe(true)
  })
})

describe('export and import', () => {
  it('give back exactly what was stored', async () => {
    await feature.enable('a_flag', [new Project(2), new Project(1)])
    await feature.optOut('a_flag', new Project(3))
    await feature.enablePercentageOfActors('b_flag', 12.5)
    const exported = JSON.parse(JSON.stringify(await feature.export()))
    await feature.remove('a_flag')
    await feature.enable('b_flag')
    expect(await feature.import(exported)).toEqual(['a_flag', 'b_flag'])
    expect(await stored()).toEqual(exported.features)
    expect(feature.enabled('a_flag', new Project(1))).toBe(true)
    expect(feature.optedOut('a_flag', new Project(3))).toBe(true)
  })

  it('keep an expression that a Rails application stored', async () => {
    const features = [{ key: 'a_flag', gates: { expression: ['{"Equal":[1,1]}'] } }]
    await feature.import(exportOf(features))
    expect(await stored()).toEqual(features)
    expect(feature.enabled('a_flag')).toBe(false)
  })

  it('bring back rows that only another writer would leave', async () => {
    const gates = { actors: ['x'.repeat(2_000)], percentage_of_time: ['10', '20'] }
    await feature.import(exportOf([{ key: 'a_flag', gates }]))
    expect(await stored()).toEqual([{ key: 'a_flag', gates }])
  })

  const good = { key: 'a_flag', gates: { boolean: ['true'] } }
  it.each([
    ['null', null],
    ['a list', []],
    ['another format', { format: 'x' }],
    ['a newer version', { format: 'sluice-export', version: 2, features: [] }],
    ['features that are no list', exportOf({})],
    ['a feature without a key', exportOf([good, { gates: {} }])],
    ['the same key twice', exportOf([good, good])],
    ['an unknown gate', exportOf([good, { key: 'b_flag', gates: { colour: ['x'] } }])],
    ['a value that is no text', exportOf([good, { key: 'b_flag', gates: { actors: [1] } }])],
    ['an undefined flag', exportOf([good, { key: 'unheard_of', gates: {} }])],
    ['an id that cannot be stored', exportOf([good, { key: 'b_flag', gates: { actors: ['x'.repeat(5_000)] } }])],
  ])('refuse %s whole', async (_what, data) => {
    await expect(feature.import(data)).rejects.toMatchObject({ name: expect.stringContaining('Error') })
    expect(await stored()).toEqual([])
  })

  function exportOf(features: unknown): unknown {
    return { format: 'sluice-export', version: 1, position: null, features }
  }
})
