// Checks: their arguments, answers, reasons and reports.
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FeatureFlags, FeatureGate, type FeatureOptions, InvalidFeatureFlagError } from '../../../lib/index.js'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { createProject, type TestProject } from '../../support/project.js'
import { type RecordingLogger, recordingLogger } from '../../support/recording-logger.js'

class Project extends FeatureGate('Project') {}

let project: TestProject
let logger: RecordingLogger
let instance: Instance
let feature: FeatureFlags

async function start(options: FeatureOptions): Promise<void> {
  logger = recordingLogger()
  instance = createInstance({ root: project.root, databaseUrl: 'memory', logger, ...options })
  feature = instance.feature
  await feature.start()
}

/** Untyped callers: the check as JavaScript sees it. */
function check(...given: readonly unknown[]): unknown {
  return Reflect.apply(feature.enabled, feature, given)
}

/** The code and text of what a strict check throws. */
function refused(...given: readonly unknown[]): InvalidFeatureFlagError {
  try {
    check(...given)
  } catch (error) {
    if (error instanceof InvalidFeatureFlagError) return error
    throw error
  }
  throw new Error('the check was not refused')
}

function reports(): unknown[] {
  return logger.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields)
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const throwing = {
  get flipperId(): string {
    throw new Error('no row')
  },
}
const trapped = new Proxy(
  {},
  {
    get() {
      throw new Error('trap')
    },
    ownKeys() {
      throw new Error('trap')
    },
  },
)
/** Row 7 of what goes wrong in practice: what may stand in the actor's place and is none. */
const noActors: readonly (readonly [string, unknown])[] = [
  ['an object without an id', { id: 1 }],
  ['an id that is null', { flipperId: null }],
  ['an id that is undefined', { flipperId: undefined }],
  ['an id that is a number', { flipperId: 42 }],
  ['a number', 42],
  ['a text', 'Project:1'],
  ['an empty text', ''],
  ['true', true],
  ['false', false],
  ['a symbol', Symbol('actor')],
  ['a bigint', 1n],
  ['a function', () => 'Project:1'],
  ['a date', new Date(0)],
  ['a Map', new Map()],
  ['a Promise', Promise.resolve(new Project(1))],
  // biome-ignore lint/suspicious/noThenProperty: query builders have one
  ['a thenable', { then: () => {} }],
  ['an id that throws', throwing],
  ['an object that is not saved yet', new Project()],
  ['a revoked proxy of an object', revoked({})],
  ['a revoked proxy of an array', revoked([])],
  ['a proxy whose traps throw', trapped],
  ['an object without a prototype', Object.assign(Object.create(null), { id: 1 })],
  ['an unknown special actor', 'pods'],
  ['options with a typing error', { typ: 'ops' }],
  ['a list in a list', [[new Project(1)]]],
  ['an id that was rounded', new Project(1234567890123456800)],
]

beforeEach(async () => {
  project = await createProject('a_flag', 'b_flag')
  await project.define('on_by_default', { defaultEnabled: true })
  await project.define('ops_flag', { type: 'ops' })
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

describe.each(['production', 'development'])('a check in %s', (env) => {
  beforeEach(() => start({ env }))

  it('takes a name alone, with an actor, with options, and with both', async () => {
    await feature.enable('a_flag', new Project(1))
    await feature.enable('ops_flag', new Project(1))
    expect(feature.enabled('a_flag')).toBe(false)
    expect(feature.enabled('a_flag', new Project(1))).toBe(true)
    expect(feature.enabled('a_flag', new Project(2))).toBe(false)
    expect(feature.enabled('ops_flag', { type: 'ops' })).toBe(false)
    expect(feature.enabled('ops_flag', new Project(1), { type: 'ops' })).toBe(true)
    expect(feature.enabled('ops_flag', undefined, { type: 'ops' })).toBe(false)
    expect(feature.enabled('ops_flag', null, { type: 'ops' })).toBe(false)
    expect(feature.enabled('a_flag', {})).toBe(false)
    expect(feature.enabled('a_flag', new Project(1), { type: undefined })).toBe(true)
    expect(check('a_flag', new Project(1), null)).toBe(true)
    expect(reports()).toEqual([])
  })

  it('says the opposite when asked for the opposite', async () => {
    await feature.enable('a_flag', new Project(1))
    expect(feature.disabled('a_flag')).toBe(true)
    expect(feature.disabled('a_flag', new Project(1))).toBe(false)
    expect(feature.disabled('ops_flag', { type: 'ops' })).toBe(true)
  })

  it('knows options and lists that were made in another realm, as the lines of the console are', async () => {
    await feature.enable('a_flag', new Project(1))
    await feature.enable('ops_flag')
    expect(check('ops_flag', runInNewContext(`({ type: 'ops' })`))).toBe(true)
    expect(check('a_flag', runInNewContext(`[{ flipperId: 'Project:1' }]`))).toBe(true)
    expect(check('a_flag', runInNewContext(`({ flipperId: 'Project:1' })`))).toBe(true)
    expect(reports()).toEqual([])
  })

  it('gives the reason, the same for the same answer, and does not make it anew', async () => {
    await feature.enable('a_flag', new Project(1))
    await feature.optOut('a_flag', new Project(2))
    await feature.enable('b_flag')
    const reason = (name: string, project?: Project) => feature.decide(name, project).reason
    expect(reason('a_flag', new Project(1))).toBe('actor')
    expect(reason('a_flag', new Project(2))).toBe('opt_out')
    expect(reason('a_flag', new Project(3))).toBe('closed')
    expect(reason('b_flag')).toBe('boolean')
    expect(feature.decide('on_by_default')).toEqual({ value: true, reason: 'default' })
    expect(feature.decide('ops_flag', { type: 'ops' })).toEqual({ value: false, reason: 'default' })
    expect(feature.decide('a_flag', new Project(1))).toBe(feature.decide('a_flag', new Project(1)))
    expect(Object.isFrozen(feature.decide('a_flag'))).toBe(true)
  })

  it('takes an actor of any class, any id and any length', async () => {
    const ids = ['', 'x', 'Project:1', 'User;1', 'a:b:c', '漢字:1', '🙂', 'lone\ud800', 'x'.repeat(1_000_000)]
    await feature.enablePercentageOfActors('a_flag', 50)
    for (const flipperId of ids) expect(typeof feature.enabled('a_flag', { flipperId })).toBe('boolean')
    await feature.enable('b_flag', { flipperId: '' })
    expect(feature.enabled('b_flag', { flipperId: '' })).toBe(true)
    await feature.enable('b_flag', { flipperId: 'lone\ud800' })
    expect(feature.enabled('b_flag', { flipperId: 'lone\ud800' })).toBe(true)
    expect(feature.enabled('b_flag', { flipperId: 'lone\ufffd' })).toBe(true)
    await feature.optOut('b_flag', { flipperId: 'other\ud800' })
    expect(feature.optedOut('b_flag', { flipperId: 'other\ud800' })).toBe(true)
    expect(reports()).toEqual([])
  })

  it('of several actors is open if any of them opens it, absent ones aside, and closed if one has opted out', async () => {
    const [one, two, three] = [new Project(1), new Project(2), new Project(3)]
    await feature.enable('a_flag', one)
    expect(feature.enabled('a_flag', [three, one])).toBe(true)
    expect(feature.enabled('a_flag', [two, three])).toBe(false)
    expect(feature.enabled('a_flag', [null, undefined, one])).toBe(true)
    expect(feature.enabled('a_flag', [])).toBe(false)
    expect(feature.enabled('a_flag', [null])).toBe(false)
    await feature.optOut('a_flag', two)
    expect(feature.decide('a_flag', [one, two])).toEqual({ value: false, reason: 'opt_out' })
    await feature.disable('b_flag')
    await feature.enable('b_flag', feature.group('twos'))
    feature.registerGroup('twos', ({ flipperId }) => flipperId === 'Project:2')
    expect(feature.enabled('b_flag', [one, two])).toBe(true)
    expect(feature.enabled('b_flag', [one, three])).toBe(false)
    expect(feature.enabled('on_by_default', [one])).toBe(true)
    expect(reports()).toEqual([])
  })

  it('knows the special actors by their names', async () => {
    const { hostname } = await import('node:os')
    await feature.enable('a_flag', { flipperId: `FlipperPod:${hostname()}` })
    await feature.enable('b_flag', 'instance')
    expect(feature.enabled('a_flag', 'pod')).toBe(true)
    expect(feature.enabled('a_flag', 'instance')).toBe(false)
    expect(feature.enabled('b_flag', 'instance')).toBe(true)
    expect(feature.enabled('b_flag', ['request', 'instance'])).toBe(true)
    await feature.disable('b_flag')
    await feature.enablePercentageOfActors('b_flag', 50)
    const answers = new Set(Array.from({ length: 200 }, () => feature.enabled('b_flag', 'request')))
    expect(answers).toEqual(new Set([true, false]))
  })
})

describe('a check in strict mode', () => {
  beforeEach(() => start({ env: 'development' }))

  it.each(noActors)('refuses %s as the actor', (_what, thing) => {
    for (const name of ['a_flag', 'on_by_default']) {
      expect(refused(name, thing).code).toBe('invalid_actor')
      expect(refused(name, thing).message).toMatch(/^feature flag "\w+": .+ was given as the actor/)
    }
    expect(refused('a_flag', [new Project(1), thing]).code).toBe('invalid_actor')
  })

  it('says what was wrong with the actor and what to do next', () => {
    expect(refused('a_flag', Promise.resolve()).message).toBe(
      'feature flag "a_flag": a Promise was given as the actor; await it first',
    )
    expect(refused('a_flag', 'Project:1').message).toBe(
      'feature flag "a_flag": "Project:1" without a flipperId was given as the actor; give an object whose flipperId is a text like "Project:42", or nothing',
    )
    expect(refused('a_flag', { flipperId: 42 }).message).toContain('an object whose flipperId is "42"')
    expect(refused('a_flag', new Project()).message).toContain('this Project has no id yet; save it')
    expect(refused('a_flag', new Project(1e17)).message).toContain('send it as text')
    expect(refused('a_flag', [new Project(-1e17)]).message).toContain('send it as text')
    expect(refused('a_flag', `${'x'.repeat(1_000_000)}\n`).message.length).toBeLessThan(300)
  })

  it.each([
    ['a text', 'ops'],
    ['a number', 1],
    ['true', true],
    ['unknown keys', { type: 'development', default: true }],
    ['an actor', new Project(1)],
    ['a list', []],
    ['a revoked proxy', revoked({})],
  ])('refuses %s as the options', (_what, options) => {
    expect(refused('a_flag', new Project(1), options)).toMatchObject({
      code: 'invalid_arguments',
      message: expect.stringMatching(/was given as the options|the options have no key/),
    })
  })

  it('refuses a flag without definition, and suggests the one that was meant', () => {
    expect(refused('a_flga')).toMatchObject({
      code: 'unknown_flag',
      message: expect.stringContaining('did you mean "a_flag"'),
    })
    expect(refused('a_flga', new Project(1)).code).toBe('unknown_flag')
    expect(refused('a_flga')).not.toBe(refused('a_flga'))
  })

  it('refuses a flag without definition that is stored, too', async () => {
    await feature.enable('stored_only', true, { force: true })
    expect(refused('stored_only').code).toBe('unknown_flag')
    expect(feature.enabled('stored_only', { type: 'experiment' })).toBe(true)
  })

  it('refuses another type than the definition’s, and the default type where the definition has another', () => {
    expect(refused('a_flag', { type: 'ops' }).code).toBe('flag_type_mismatch')
    expect(refused('a_flag', new Project(1), { type: 'ops' }).code).toBe('flag_type_mismatch')
    expect(refused('ops_flag').code).toBe('flag_type_mismatch')
    expect(refused('ops_flag', new Project(1)).code).toBe('flag_type_mismatch')
    expect(refused('ops_flag', { type: 'opps' }).code).toBe('invalid_arguments')
  })

  it('lets a type whose definition is optional go without one, if the call names it', () => {
    expect(feature.enabled('anything', { type: 'experiment' })).toBe(false)
    expect(feature.enabled('anything', new Project(1), { type: 'worker' })).toBe(false)
    expect(feature.enabled('anything', { type: 'undefined', defaultEnabledIfUndefined: true })).toBe(true)
    expect(refused('anything').code).toBe('unknown_flag')
  })

  it.each(
    [undefined, null, 42, '', ' ', 'x'.repeat(256), 'x'.repeat(1_000_000), '__proto__', 'constructor', 'a\0b'].map(
      (name) => [inspect(name).slice(0, 300), name] as const,
    ),
  )('refuses %s as the name', (_, name) => {
    expect(refused(name).code).toBe('unknown_flag')
    expect(refused(name, new Project(1)).message.length).toBeLessThan(600)
  })

  it('can be turned off outside production', async () => {
    await feature.stop()
    await start({ env: 'staging', strict: false })
    expect(check('unknown_one')).toBe(false)
    expect(check('a_flag', 42)).toBe(false)
    expect(reports()).toHaveLength(1)
  })
})

it('opens for the actors of a Rails application for whom the gem opens', async () => {
  class User extends FeatureGate('User', { id: 'User;{id}' }) {}
  // Answers of the gem (flipper 0.25.4) for a flag of this name with 25 % of actors and User;7, User;1 to User;200.
  const open = [
    7, 13, 17, 19, 20, 21, 22, 23, 25, 27, 30, 31, 32, 33, 40, 45, 49, 50, 59, 64, 69, 70, 79, 83, 90, 94, 95, 97, 106,
    116, 117, 121, 122, 130, 133, 136, 138, 141, 143, 146, 151, 154, 155, 158, 161, 165, 166, 168, 172, 173, 174, 176,
    177, 182, 183, 189, 190, 192, 193, 200,
  ]
  await project.define('dark_mode')
  await feature.stop()
  await start({ env: 'development', actors: { User: { id: 'User;{id}' } } })
  await feature.enablePercentageOfActors('dark_mode', 25)
  await feature.enable('dark_mode', new User(7))
  const ids = Array.from({ length: 200 }, (_, index) => index + 1)
  expect(ids.filter((id) => feature.enabled('dark_mode', new User(id)))).toEqual(open)
})

describe('where classes of actors are registered', () => {
  beforeEach(() => start({ env: 'development', actors: { Project: {}, 'Ci::Runner': {} } }))

  it.each(['Project:1', 'Ci::Runner:5', 'Project:a:b', 'FlipperRequest:1', 'plain', 'Experiment;1', ''])(
    'strict mode takes the id %j',
    (flipperId) => {
      expect(feature.enabled('a_flag', { flipperId })).toBe(false)
      expect(feature.enabled('a_flag', [{ flipperId }])).toBe(false)
    },
  )

  it.each([
    ['User:1', 'User'],
    ['Ci:1', 'Ci'],
    ['Ci::Build:5', 'Ci::Build'],
    ['Project::Thing:1', 'Project::Thing'],
    ['project:1', 'project'],
    ['ProjectX:1', 'ProjectX'],
  ])('strict mode refuses the id %j', (flipperId, className) => {
    const error = refused('a_flag', { flipperId })
    expect(error.code).toBe('invalid_actor')
    expect(error.message).toContain(`of the class "${className}", which is not registered`)
    expect(refused('on_by_default', [new Project(1), { flipperId }]).code).toBe('invalid_actor')
  })

  it.each([
    ['User:5', null],
    ['gid://shop/User/5', null],
    ['Project;5', null],
    ['u-5', FeatureGate('User', { id: 'u-{id}' })],
  ])('strict mode refuses the id %s, which its class does not write so', async (flipperId, Made) => {
    await feature.stop()
    await start({ env: 'development', actors: { User: { id: 'User;{id}' }, Project: {} } })
    const actor = Made === null ? { flipperId } : new Made(5)
    for (const given of [actor, [actor]]) {
      expect(refused('a_flag', given)).toMatchObject({
        code: 'invalid_actor',
        problem: expect.stringMatching(/is of the class "\w+", whose ids are written "\w+[:;]\{id\}"$/),
        remedy: expect.stringContaining('the same `id`'),
      })
    }
    expect(feature.enabled('a_flag', { flipperId: 'User;5' })).toBe(false)
    expect(feature.enabled('a_flag', new (FeatureGate('User', { id: 'User;{id}' }))(5))).toBe(false)
    expect(feature.enabled('a_flag', { flipperId: 'u-5' })).toBe(false)
  })

  it('strict mode takes the special actors', () => {
    for (const special of ['request', 'pod', 'instance'] as const)
      expect(feature.enabled('a_flag', special)).toBe(false)
  })

  it('production takes every id', async () => {
    await feature.stop()
    await start({ env: 'production', actors: { Project: {} } })
    await feature.enable('a_flag', { flipperId: 'User:1' })
    expect(feature.enabled('a_flag', { flipperId: 'User:1' })).toBe(true)
    expect(reports()).toEqual([])
  })
})

describe('a check in production', () => {
  beforeEach(() => start({ env: 'production' }))

  it.each(noActors)('counts %s as no actor, and reports it once for each flag', async (_what, thing) => {
    await feature.enable('a_flag', new Project(1))
    await feature.enable('b_flag', new Project(1))
    await feature.enablePercentageOfActors('b_flag', 100)
    for (let time = 0; time < 3; time++) {
      expect(check('a_flag', thing)).toBe(false)
      expect(check('b_flag', thing)).toBe(false)
      expect(check('on_by_default', thing)).toBe(true)
      expect(check('a_flag', thing, { type: 'development' })).toBe(false)
      expect(check('a_flag', [new Project(1), thing])).toBe(true)
    }
    expect(reports()).toEqual([
      { code: 'invalid_actor', flag: 'a_flag' },
      { code: 'invalid_actor', flag: 'b_flag' },
    ])
  })

  it('ignores options that cannot be read', async () => {
    await feature.enable('a_flag', new Project(1))
    expect(check('a_flag', new Project(1), revoked({}))).toBe(true)
    expect(check('unknown_one', new Project(1), revoked({}))).toBe(false)
    expect(check('unknown_one', undefined, trapped)).toBe(false)
    expect(check('a_flag', undefined, 'ops')).toBe(false)
  })

  it('answers false for an unknown flag, and reports it once', () => {
    for (let time = 0; time < 3; time++) {
      expect(feature.enabled('a_flga')).toBe(false)
      expect(feature.enabled('a_flga', new Project(1))).toBe(false)
    }
    expect(feature.decide('a_flga')).toEqual({ value: false, reason: 'unknown' })
    expect(reports()).toEqual([{ code: 'unknown_flag', flag: 'a_flga' }])
    expect(logger.lines.at(-1)?.message).toContain('did you mean "a_flag"')
  })

  it('answers what the caller says of an unknown flag', () => {
    expect(feature.enabled('unknown_one', { defaultEnabledIfUndefined: true })).toBe(true)
    expect(feature.enabled('unknown_one', new Project(1), { defaultEnabledIfUndefined: true })).toBe(true)
    expect(feature.enabled('unknown_one')).toBe(false)
    expect(feature.enabled('unknown_one', { defaultEnabledIfUndefined: true })).toBe(true)
    expect(feature.enabled('a_flag', { defaultEnabledIfUndefined: true })).toBe(false)
  })

  it('answers what the gates say of a flag that is stored and not defined, and reports it once', async () => {
    await feature.enable('stored_only', new Project(1), { force: true })
    expect(feature.enabled('stored_only', new Project(1))).toBe(true)
    expect(feature.enabled('stored_only', new Project(2), { defaultEnabledIfUndefined: true })).toBe(false)
    await feature.enable('stored_only', true, { force: true })
    expect(feature.enabled('stored_only')).toBe(true)
    await feature.disable('stored_only', false, { force: true })
    expect(feature.enabled('stored_only')).toBe(false)
    expect(reports()).toEqual([{ code: 'unknown_flag', flag: 'stored_only' }])
  })

  it('reports a stored flag without a definition also after it has been looked at', async () => {
    await feature.enable('stored_only', new Project(1), { force: true })
    expect(feature.get('stored_only').state).toBe('conditional')
    expect(feature.enabled('stored_only', new Project(1))).toBe(true)
    expect(reports()).toEqual([{ code: 'unknown_flag', flag: 'stored_only' }])
  })

  it('looks into an unknown flag once, leaves the snapshot as it is, and answers otherwise when the flag is stored', async () => {
    const { entries } = instance.snapshot
    const names = [...entries.keys()]
    const looked = vi.spyOn(instance.catalog, 'usageFault')
    for (let time = 0; time < 3; time++) expect(feature.enabled('stored_only')).toBe(false)
    expect(feature.enabled('stored_only', new Project(1))).toBe(false)
    expect(feature.enabled('stored_only', new Project(1), { defaultEnabledIfUndefined: true })).toBe(true)
    expect(looked).toHaveBeenCalledOnce()
    expect([instance.snapshot.entries, [...entries.keys()]]).toEqual([entries, names])
    expect(entries.get('stored_only')).toBeUndefined()
    expect(feature.all()).toEqual([])
    await feature.enable('stored_only', new Project(1), { force: true })
    expect(feature.enabled('stored_only', new Project(1))).toBe(true)
    expect(feature.enabled('stored_only')).toBe(false)
    await feature.remove('stored_only')
    for (let time = 0; time < 3; time++) expect(feature.enabled('stored_only', new Project(1))).toBe(false)
  })

  it.each(noActors)('reports %s as the actor of an unknown flag also after the flag was reported', (_what, thing) => {
    for (let time = 0; time < 3; time++) expect(feature.enabled('a_flga')).toBe(false)
    for (let time = 0; time < 2; time++) expect(check('a_flga', thing)).toBe(false)
    expect(reports()).toEqual([
      { code: 'unknown_flag', flag: 'a_flga' },
      { code: 'invalid_actor', flag: 'a_flga' },
    ])
  })

  it('does not report a flag whose type may go without a definition, until a call leaves the type out', () => {
    for (let time = 0; time < 2; time++) expect(feature.enabled('anything', { type: 'experiment' })).toBe(false)
    expect(feature.enabled('anything', { type: 'worker' })).toBe(false)
    expect(reports()).toEqual([])
    expect(feature.enabled('anything')).toBe(false)
    expect(reports()).toEqual([{ code: 'unknown_flag', flag: 'anything' }])
  })

  it('ignores a wrong type', async () => {
    await feature.enable('a_flag', new Project(1))
    expect(feature.enabled('a_flag', new Project(1), { type: 'ops' })).toBe(true)
    expect(feature.enabled('a_flag', { type: 'nonsense' })).toBe(false)
    expect(feature.enabled('ops_flag')).toBe(false)
    expect(reports()).toEqual([])
  })

  it('answers false for any value as the name', () => {
    const names = [undefined, null, 42, true, Symbol('x'), {}, [], Object.create(null), revoked({}), () => {}]
    const texts = ['', ' ', 'x'.repeat(1_000_000), '__proto__', 'constructor', 'toString', 'a\nb', '\ud800', '%00']
    for (const name of [...names, ...texts]) {
      expect(check(name)).toBe(false)
      expect(check(name, new Project(1))).toBe(false)
      expect(check(name, 42)).toBe(false)
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(feature.enabled('on_by_default')).toBe(true)
  })

  it('stops reporting and remembering after 10,000 different names', () => {
    for (let index = 0; index < 10_500; index++) expect(feature.enabled(`made_up_${index}`)).toBe(false)
    expect(reports()).toHaveLength(10_000)
    expect(feature.enabled('on_by_default')).toBe(true)
  })

  it('does not fail when the logger does, nor when the logger asks for flags', async () => {
    await feature.stop()
    logger = recordingLogger()
    const failing = {
      ...logger,
      error: () => {
        expect(feature.enabled('unknown_one')).toBe(false)
        throw new Error('disk full')
      },
    }
    instance = createInstance({ root: project.root, env: 'production', databaseUrl: 'memory', logger: failing })
    feature = instance.feature
    await feature.start()
    expect(feature.enabled('unknown_one')).toBe(false)
    expect(feature.enabled('a_flag', { flipperId: 'Project:1' })).toBe(false)
  })
})

describe('recursion', () => {
  beforeEach(() => start({ env: 'production' }))

  it('answers the default of the flag that is being decided, and reports it once', async () => {
    feature.registerGroup('askers', (actor) => feature.enabled('a_flag', actor))
    await feature.enable('a_flag', feature.group('askers'))
    for (let time = 0; time < 3; time++) {
      expect(feature.enabled('a_flag', new Project(1))).toBe(false)
      expect(feature.enabled('a_flag', [new Project(1), new Project(2)])).toBe(false)
    }
    expect(reports()).toEqual([{ code: 'recursion', flag: 'a_flag' }])
    expect(logger.lines.at(-1)?.message).toContain('a_flag → a_flag')
  })

  it('answers a default that is on', async () => {
    let inner: unknown
    feature.registerGroup('askers', (actor) => {
      inner = feature.decide('on_by_default', actor)
      return false
    })
    await feature.enable('on_by_default', feature.group('askers'), { force: true })
    expect(feature.enabled('on_by_default', new Project(1))).toBe(false)
    expect(inner).toEqual({ value: true, reason: 'recursion' })
  })

  it('is found over several flags', async () => {
    feature.registerGroup('ask_b', (actor) => feature.enabled('b_flag', actor))
    feature.registerGroup('ask_a', (actor) => feature.enabled('a_flag', actor))
    await feature.enable('a_flag', feature.group('ask_b'))
    await feature.enable('b_flag', feature.group('ask_a'))
    expect(feature.enabled('a_flag', new Project(1))).toBe(false)
    expect(logger.lines.at(-1)?.message).toContain('a_flag → b_flag → a_flag')
  })

  it('is not what a flag without groups does inside a predicate, nor another actor’s check afterwards', async () => {
    feature.registerGroup('staff', (actor) => feature.enabled('b_flag', actor))
    await feature.enable('a_flag', feature.group('staff'))
    await feature.enable('b_flag', new Project(1))
    expect(feature.enabled('a_flag', new Project(1))).toBe(true)
    expect(feature.enabled('a_flag', new Project(2))).toBe(false)
    expect(feature.enabled('a_flag', [new Project(2), new Project(1)])).toBe(true)
    expect(reports()).toEqual([])
  })

  it('is assumed where more than ten flags wait for each other', async () => {
    const names = Array.from({ length: 14 }, (_, index) => `level_${index}`)
    let reached = 0
    for (const [index, name] of names.entries()) {
      feature.registerGroup(name, (actor) => {
        reached = Math.max(reached, index)
        return feature.enabled(`level_${index + 1}`, actor)
      })
      await feature.enable(name, feature.group(name), { force: true })
    }
    expect(feature.enabled('level_0', new Project(1))).toBe(false)
    expect(reached).toBe(10)
    expect(reports()).toContainEqual({ code: 'recursion', flag: 'level_11' })
    expect(feature.enabled('level_5', new Project(1))).toBe(false)
  })

  it('leaves nothing behind when a predicate throws, answers with a promise or changes flags', async () => {
    feature.registerGroup('throwing', () => {
      throw new Error('no connection')
    })
    Reflect.apply(feature.registerGroup, feature, ['asynchronous', async () => true])
    feature.registerGroup('changing', () => {
      void feature.disable('b_flag')
      return true
    })
    await feature.enable('a_flag', feature.group('throwing'))
    await feature.enable('a_flag', feature.group('asynchronous'))
    for (let time = 0; time < 20; time++) expect(feature.enabled('a_flag', new Project(1))).toBe(false)
    expect(reports()).toHaveLength(2)
    await feature.enable('b_flag', feature.group('changing'))
    expect(feature.enabled('b_flag', new Project(1))).toBe(true)
    expect(feature.enabled('a_flag', new Project(1))).toBe(false)
    await feature.disable('b_flag')
  })

  it('is no crash where an actor’s own id asks for the flag', async () => {
    await feature.enable('a_flag', new Project(1))
    const asking: object = {
      get flipperId(): string {
        return check('a_flag', asking) === true ? 'Project:1' : 'Project:2'
      },
    }
    expect(typeof check('a_flag', asking)).toBe('boolean')
    expect(feature.enabled('a_flag', new Project(1))).toBe(true)
  })
})

describe('before start', () => {
  it('a check answers from the definitions, and strict mode is as strict', async () => {
    instance = createInstance({ root: project.root, env: 'development', databaseUrl: 'memory' })
    feature = instance.feature
    expect(feature.enabled('on_by_default')).toBe(true)
    expect(feature.enabled('a_flag', new Project(1))).toBe(false)
    expect(refused('unknown_one').code).toBe('unknown_flag')
  })
})
