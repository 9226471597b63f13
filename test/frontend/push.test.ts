// What pushes tell the page of a request, and what becomes of those that cannot arrive.
import { rmSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { createFrontend, type Frontend } from '../../lib/frontend/frontend.js'
import { createFeature, type FeatureFlags, FeatureGate, type FeatureOptions } from '../../lib/index.js'
import { expectInvalidFlag } from '../../lib/testing/index.js'
import { makeFolder } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'

class User extends FeatureGate('User') {}

const define = (name: string, type = 'development') => ({
  [`config/feature_flags/${type}/${name}.yml`]: `name: ${name}\ngroup: group::test\ntype: ${type}\ndefault_enabled: false\n`,
})

const logger = recordingLogger()
let root: string
let feature: FeatureFlags
let frontend: Frontend

async function start(options: FeatureOptions = {}): Promise<void> {
  root = makeFolder({ ...define('dark_mode'), ...define('a_1'), ...define('a1'), ...define('banner', 'ops') })
  feature = createFeature({ root, databaseUrl: 'memory', env: 'test', logger, ...options })
  await feature.start()
  frontend = createFrontend(feature)
}

afterEach(async () => {
  await feature.stop()
  rmSync(root, { recursive: true })
  logger.lines.length = 0
})

/** Calls that the types would refuse: programs without types make them. */
const untyped = (given: (...values: never[]) => unknown) => given as (...values: unknown[]) => unknown
const experiment = { experiment: 'checkout', variant: 'candidate', key: 'f0c1', excluded: false }

it('pushes add up to what the page is told, by lower camel case', async () => {
  await start()
  await feature.enable('dark_mode', new User(7))
  feature.withRequest(() => {
    frontend.pushFrontendFeatureFlag('dark_mode', new User(7))
    frontend.pushFrontendFeatureFlag('banner', { type: 'ops' })
    feature.withRequest(() => frontend.pushForceFrontendFeatureFlag('split_view', true))
    frontend.pushExperiment({ ...experiment, sticky: true } as typeof experiment)
    expect(frontend.pushedFeatures()).toEqual({ darkMode: true, banner: false, splitView: true })
    expect(frontend.gonScript({ nonce: 'AAEC+/-_==' })).toBe(
      '<script nonce="AAEC+/-_==">window.gon=window.gon||{};gon.strict=true;' +
        'gon.features=Object.assign(gon.features||{},{"darkMode":true,"banner":false,"splitView":true});' +
        `gon.experiment=Object.assign(gon.experiment||{},{"checkout":${JSON.stringify(experiment)}})</script>`,
    )
    frontend.pushFrontendFeatureFlag('dark_mode', new User(8))
    expect(frontend.pushedFeatures()).toMatchObject({ darkMode: false, splitView: true })
  })
})

it('what is pushed stays with its request, also where requests overlap', async () => {
  await start()
  const turns = Array.from({ length: 100 }, (_, index) =>
    feature.withRequest(async () => {
      await new Promise(setImmediate)
      frontend.pushForceFrontendFeatureFlag(`flag_${index}`, true)
      await new Promise(setImmediate)
      return Object.keys(frontend.pushedFeatures())
    }),
  )
  expect(await Promise.all(turns)).toEqual(turns.map((_, index) => [`flag${index}`]))
})

it('a push tells the state that its request has seen, and not the newest', async () => {
  await start()
  let tell = () => {}
  const changed = new Promise<void>((resolve) => {
    tell = resolve
  })
  const request = async () => {
    await changed
    frontend.pushFrontendFeatureFlag('dark_mode')
    return frontend.pushedFeatures()
  }
  const before = feature.withRequest(request)
  await feature.enable('dark_mode')
  tell()
  expect([await before, await feature.withRequest(request)]).toEqual([{ darkMode: false }, { darkMode: true }])
})

it('a page with production flags carries no mark of strict mode, and a page without flags an empty object', async () => {
  await start({ env: 'production' })
  feature.withRequest(() => {
    expect(frontend.gonScript()).toBe(
      '<script>window.gon=window.gon||{};gon.features=Object.assign(gon.features||{},{})</script>',
    )
  })
})

const inRequest = (push: () => void) => feature.withRequest(push)
const alone = (push: () => void) => push()
const hostile = ['</script><script>alert(1)', '<!--', 'dark\u2028mode', `da"rk'mode`, 'Dark_mode', '__proto__', '']

/** What was done, with which call, where; and the beginning of the error and what the page has in production. */
const refused: readonly (readonly [string, (run: (push: () => void) => void) => void, string, object])[] = [
  ['a push outside of a request', () => alone(() => frontend.pushFrontendFeatureFlag('dark_mode')), 'invalid_push', {}],
  [
    'a forced push outside of a request',
    () => alone(() => frontend.pushForceFrontendFeatureFlag('dark_mode', true)),
    'invalid_push',
    {},
  ],
  ['an experiment outside of a request', () => alone(() => frontend.pushExperiment(experiment)), 'invalid_push', {}],
  [
    'a second flag of the same camel-case form',
    () =>
      inRequest(() => {
        frontend.pushForceFrontendFeatureFlag('a_1', true)
        pushed(() => frontend.pushForceFrontendFeatureFlag('a1', false))
      }),
    'invalid_push',
    { a1: true },
  ],
  ...hostile.map(
    (name) =>
      [
        `a forced flag named ${JSON.stringify(name)}`,
        () => inRequest(() => pushed(() => frontend.pushForceFrontendFeatureFlag(name, true))),
        'invalid_name',
        {},
      ] as const,
  ),
  ...['</script>', 1, null, Promise.resolve(true)].map(
    (value) =>
      [
        `a forced value that is ${typeof value}`,
        () => inRequest(() => pushed(() => untyped(frontend.pushForceFrontendFeatureFlag)('dark_mode', value))),
        'invalid_arguments',
        { darkMode: false },
      ] as const,
  ),
  ...[null, Promise.resolve(experiment), { experiment: 'checkout', variant: 1 }, { ...experiment, excluded: 'no' }].map(
    (value) =>
      [
        `an experiment that is ${JSON.stringify(value)}`,
        () => inRequest(() => pushed(() => untyped(frontend.pushExperiment)(value))),
        'invalid_arguments',
        {},
      ] as const,
  ),
  [
    'an experiment with a name that no flag has',
    () => inRequest(() => pushed(() => frontend.pushExperiment({ ...experiment, experiment: '__proto__' }))),
    'invalid_name',
    {},
  ],
  ...['', 'a"b', `a' onload='x`, 'a b', '<', 'a===', null, 5].map(
    (nonce) =>
      [
        `the nonce ${JSON.stringify(nonce)}`,
        () => inRequest(() => pushed(() => expect(untyped(frontend.gonScript)({ nonce })).toMatch(/^<script>/))),
        'invalid_arguments',
        {},
      ] as const,
  ),
]
let last: object = {}

/** Notes what the page has after the call. */
function pushed(call: () => unknown): void {
  try {
    call()
  } finally {
    last = frontend.pushedFeatures()
  }
}

it('in strict mode each push that cannot arrive throws, past every catch, with what to do', async () => {
  await start()
  for (const [what, call, code] of refused) {
    const error = expectInvalidFlag(() => call(inRequest))
    expect([what, error.code, error.remedy.length > 10]).toEqual([what, code, true])
  }
})

it('in production none of them throws: it is reported, and the page does without', async () => {
  await start({ env: 'production' })
  for (const [what, call, code, page] of refused) {
    await feature.stop()
    await feature.start({ root, env: 'production', databaseUrl: 'memory', logger })
    logger.lines.length = 0
    last = {}
    call(inRequest)
    const reported = logger.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields)
    expect([what, last, reported]).toEqual([what, page, [expect.objectContaining({ code })]])
  }
})

it('a flag without definition and a wrong type are refused as a check refuses them', async () => {
  await start()
  feature.withRequest(() => {
    expect(expectInvalidFlag(() => frontend.pushFrontendFeatureFlag('dark_mod')).code).toBe('unknown_flag')
    expect(expectInvalidFlag(() => frontend.pushFrontendFeatureFlag('banner')).code).toBe('flag_type_mismatch')
    expect(frontend.pushedFeatures()).toEqual({})
  })
})

it('outside of a request a page has no flags, which is reported once', async () => {
  await start()
  expect([frontend.gonScript(), frontend.gonScript(), frontend.pushedFeatures()]).toEqual([
    expect.stringContaining('{})</script>'),
    expect.stringContaining('{})</script>'),
    {},
  ])
  expect(
    logger.lines.map(({ message }) => message).filter((message) => message.includes('outside of a request')),
  ).toEqual([
    'gonScript() was called outside of a request: what it gives has no flags; call it in what handles a request',
    'pushedFeatures() was called outside of a request: what it gives has no flags; call it in what handles a request',
  ])
})

it('1,000 flags are pushed and told, and what was told does not change any more', async () => {
  await start()
  feature.withRequest(() => {
    const names = Array.from({ length: 1_000 }, (_, index) => `flag_of_a_large_page_${index}`)
    for (const [index, name] of names.entries()) frontend.pushForceFrontendFeatureFlag(name, index % 2 === 0)
    const told = frontend.pushedFeatures()
    expect(Object.keys(told)).toHaveLength(1_000)
    expect(told['flagOfALargePage998']).toBe(true)
    expect(frontend.gonScript().length).toBeLessThan(40_000)
    frontend.pushForceFrontendFeatureFlag('flag_of_a_large_page_998', false)
    expect(told['flagOfALargePage998']).toBe(true)
    expect(Object.isFrozen(told)).toBe(true)
  })
})

it('an object that is no instance of flags is refused', async () => {
  await start()
  for (const given of [{}, { enabled: () => true }]) {
    expect(() => untyped(createFrontend)(given)).toThrow('is not an instance of them; give Feature')
  }
})
