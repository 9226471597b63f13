// Experiments as an application asks for them, on a store in memory.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FeatureOptions } from '../../../lib/config/options.js'
import type { Exposure } from '../../../lib/feature/experiment/experiment-call.js'
import { signExperimentOverride } from '../../../lib/experiments/override.js'
import { createFeature, FeatureGate, type FeatureFlags } from '../../../lib/index.js'
import { createProject, type TestProject } from '../../support/project.js'
import { type RecordingLogger, recordingLogger } from '../../support/recording-logger.js'

class User extends FeatureGate('User') {}
const user = new User(1)
const secret = 'a secret of more than thirty-two characters'

let project: TestProject
let logger: RecordingLogger
let feature: FeatureFlags

beforeEach(async () => {
  project = await createProject()
  await project.define('one_click', { type: 'experiment', actor: 'User' })
  await project.define('colours', { type: 'experiment' })
  await project.define('all_experiments', { type: 'ops' })
  await project.define('plain')
  logger = recordingLogger()
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

async function start(options: FeatureOptions = {}): Promise<void> {
  feature = createFeature({ root: project.root, env: 'staging', databaseUrl: 'memory', logger, ...options })
  await feature.start()
}

/** As callers without types may call it. */
function ask(name: unknown, options: unknown): Promise<{ variant: string }> {
  return Reflect.apply(feature.experiment, feature, [name, options])
}

/** Whether a count is that share of all, within four standard errors. */
function isShare(count: number, all: number, percentage: number): boolean {
  const share = percentage / 100
  return Math.abs(count - all * share) <= 4 * Math.sqrt(all * share * (1 - share))
}

const warnings = () => logger.lines.filter(({ level }) => level === 'warn' || level === 'error')

describe('an experiment', () => {
  it('gives the candidate to those whom the flag lets in, keeps it, and tells of it once', async () => {
    await start()
    await feature.enable('one_click', user)
    const told: Exposure[] = []
    const onExposure = (exposure: Exposure) => told.push(exposure)
    const result = await feature.experiment('one_click', { actor: user, onExposure })
    expect(result).toEqual({
      experiment: 'one_click',
      variant: 'candidate',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      excluded: false,
      sticky: true,
    })
    await feature.disable('one_click', user)
    await feature.enable('one_click', new User(2))
    expect(await feature.experiment('one_click', { actor: user, onExposure })).toEqual(result)
    expect(told).toEqual([result])
  })

  it('gives control to the others, tells of that too, and lets them in when the rollout grows', async () => {
    await start()
    await feature.enable('one_click', new User(2))
    const told: Exposure[] = []
    const onExposure = (exposure: Exposure) => told.push(exposure)
    expect(await feature.experiment('one_click', { actor: user, onExposure })).toMatchObject({
      variant: 'control',
      sticky: false,
    })
    expect(told).toMatchObject([{ variant: 'control', sticky: false }])
    await feature.enable('one_click')
    expect(await feature.experiment('one_click', { actor: user })).toMatchObject({ variant: 'candidate', sticky: true })
  })

  it('gives control while the flag is off, tells nothing, and goes on afterwards with the rows', async () => {
    await start()
    await feature.enable('colours')
    const call = { actor: user, variants: { control: 0, red: 100 } } as const
    expect(await feature.experiment('colours', call)).toMatchObject({ variant: 'red' })
    await feature.disable('colours')
    const told: unknown[] = []
    const off = await feature.experiment('colours', { ...call, onExposure: (exposure) => told.push(exposure) })
    expect(off).toMatchObject({ variant: 'control', excluded: false, sticky: false })
    await feature.enable('colours', new User(2))
    expect(await feature.experiment('colours', call)).toMatchObject({ variant: 'red', sticky: true })
    expect(told).toEqual([])
  })

  it('gives control while the flag of all experiments is off', async () => {
    await start({ experiments: { flag: 'all_experiments' } })
    await feature.enable('one_click')
    expect(await feature.experiment('one_click', { actor: user })).toMatchObject({ variant: 'control', sticky: false })
    await feature.enable('all_experiments')
    expect(await feature.experiment('one_click', { actor: user })).toMatchObject({ variant: 'candidate', sticky: true })
  })

  it('gives control to the excluded, assigned before or not, and tells nothing', async () => {
    await start()
    await feature.enable('one_click')
    await feature.experiment('one_click', { actor: user })
    const told: unknown[] = []
    const onExposure = (exposure: unknown) => told.push(exposure)
    const wanted = { variant: 'control', excluded: true, sticky: false }
    for (const exclude of [true, () => true, async () => true, ({ flipperId }: User) => flipperId === 'User:1']) {
      expect(await feature.experiment('one_click', { actor: user, exclude, onExposure })).toMatchObject(wanted)
    }
    expect(told).toEqual([])
    expect(await feature.experiment('one_click', { actor: user, exclude: () => false })).toMatchObject({
      variant: 'candidate',
    })
  })

  it('gives the variant of the first segment that names one', async () => {
    await start()
    await feature.enable('colours', new User(9))
    const segments = [() => null, async () => 'blue' as const, () => 'red' as const]
    const call = { actor: user, variants: ['red', 'blue'], segments } as const
    expect(await feature.experiment('colours', call)).toMatchObject({ variant: 'blue', sticky: true })
    expect(await feature.experiment('colours', { ...call, segments: () => 'red' })).toMatchObject({ variant: 'blue' })
  })

  it('moves no assigned actor when the weights change, nor when the rollout shrinks', async () => {
    await start()
    await feature.enablePercentageOfActors('colours', 50)
    const users = Array.from({ length: 60 }, (_, index) => new User(index))
    const first = new Map<string, string>()
    for (const actor of users) {
      const result = await feature.experiment('colours', { actor, variants: { control: 50, red: 50 } })
      if (result.sticky) first.set(actor.flipperId, result.variant)
    }
    expect(first.size).toBeGreaterThan(10)
    await feature.enablePercentageOfActors('colours', 1)
    for (const actor of users) {
      const { variant } = await feature.experiment('colours', { actor, variants: { control: 0, red: 0, blue: 100 } })
      if (first.has(actor.flipperId)) expect(['red', 'control']).toContain(variant)
      if (first.get(actor.flipperId) === 'control') expect(variant).toBe('control')
    }
  })

  it.each([
    { variants: { control: 50, red: 50 }, red: 50 },
    { variants: { control: 1, red: 99 }, red: 99 },
    { variants: ['control', 'red'], red: 100 },
  ] as const)(
    'moves none of 6,000 actors from 10 to 50 %, where new ones join: $variants',
    async ({ variants, red }) => {
      await start()
      const crowd = Array.from({ length: 6_000 }, (_, index) => new User(index))
      const assigned = async (percentage: number) => {
        await feature.enablePercentageOfActors('colours', percentage)
        const kept = new Map<string | null, string>()
        // One after the other: of many at once some would not wait for their rows.
        for (const actor of crowd) {
          const { key, variant, sticky } = await feature.experiment('colours', { actor, variants })
          if (sticky) kept.set(key, variant)
        }
        return kept
      }
      const atTen = await assigned(10)
      const atFifty = await assigned(50)
      for (const [key, variant] of atTen) expect(atFifty.get(key)).toBe(variant)
      expect(isShare(atTen.size, crowd.length, 10)).toBe(true)
      expect(isShare(atFifty.size, crowd.length, 50)).toBe(true)
      const joined = [...atFifty].filter(([key]) => !atTen.has(key))
      for (const some of [[...atTen], joined]) {
        expect(isShare(some.filter(([, variant]) => variant === 'red').length, some.length, red)).toBe(true)
      }
    },
  )

  it('asks the store once an actor and request, and answers the same within it', async () => {
    await start()
    await feature.enable('colours')
    const variants = await feature.withRequest(async () => [
      await feature.experiment('colours', { actor: user, variants: { control: 0, red: 100 } }),
      await feature.experiment('colours', { actor: user, variants: { control: 100, red: 0 } }),
    ])
    expect(variants.map(({ variant, sticky }) => [variant, sticky])).toEqual([
      ['red', true],
      ['red', true],
    ])
  })

  it('keeps nothing and computes nothing without an actor', async () => {
    await start()
    await feature.enable('one_click')
    for (const actor of [null, undefined]) {
      const result = await feature.experiment('one_click', { actor, onExposure: () => expect.unreachable() })
      expect(result).toEqual({ experiment: 'one_click', variant: 'control', key: null, excluded: false, sticky: false })
    }
  })

  it('takes an id of 1 MB, and shows nothing of it', async () => {
    await start()
    await feature.enable('colours')
    const actor = { flipperId: `User:${'x'.repeat(1_000_000)}` }
    const result = await feature.experiment('colours', { actor })
    expect(result).toMatchObject({ variant: 'candidate', sticky: true })
    expect(JSON.stringify(result)).toHaveLength(JSON.stringify({ ...result, key: 'x'.repeat(64) }).length)
  })

  it('takes special actors, and keeps nothing of a request, which does not come back', async () => {
    await start()
    await feature.enable('colours')
    expect(await feature.experiment('colours', { actor: 'instance' })).toMatchObject({
      variant: 'candidate',
      sticky: true,
    })
    expect(await feature.experiment('colours', { actor: 'request' })).toMatchObject({
      variant: 'candidate',
      sticky: false,
    })
  })

  it('answers before start and after stop', async () => {
    feature = createFeature({ root: project.root, env: 'production', databaseUrl: 'memory', logger })
    expect(await feature.experiment('one_click', { actor: user })).toMatchObject({ variant: 'control', sticky: false })
    await feature.start()
    await feature.enable('one_click')
    await feature.stop()
    expect(await feature.experiment('one_click', { actor: user })).toMatchObject({
      variant: 'candidate',
      sticky: false,
    })
  })

  it('loses its rows when the flag is deleted, so that it begins anew', async () => {
    await start()
    await feature.enable('colours')
    await feature.experiment('colours', { actor: user, variants: { control: 0, red: 100 } })
    await feature.remove('colours')
    await feature.enable('colours')
    expect(await feature.experiment('colours', { actor: user, variants: { control: 100, red: 0 } })).toMatchObject({
      variant: 'control',
      sticky: true,
    })
  })

  it('computes anew where its row names a variant that is gone, and reports that once', async () => {
    await start()
    await feature.enable('colours')
    await feature.experiment('colours', { actor: user, variants: { control: 0, red: 100 } })
    for (let time = 0; time < 3; time++) {
      const result = await feature.experiment('colours', { actor: user, variants: { control: 0, blue: 100 } })
      expect(result).toMatchObject({ variant: 'blue', sticky: false })
    }
    expect(warnings().map(({ fields }) => fields)).toEqual([{ code: 'unknown_variant', flag: 'colours' }])
    expect(await feature.experiment('colours', { actor: user, variants: ['red'] })).toMatchObject({
      variant: 'red',
      sticky: true,
    })
  })
})

describe('a function that an experiment was given', () => {
  it.each<[string, object, object]>([
    ['onExposure that throws', { onExposure: fail }, { variant: 'candidate', sticky: true }],
    ['onExposure that rejects', { onExposure: async () => fail() }, { variant: 'candidate', sticky: true }],
    ['segment that throws', { segments: fail }, { variant: 'candidate', sticky: true }],
    [
      'segment that rejects',
      { segments: [async () => fail(), async () => fail()] },
      { variant: 'candidate', sticky: true },
    ],
    ['exclude that throws, and then excludes', { exclude: fail }, { variant: 'control', excluded: true }],
    [
      'exclude that rejects, and then excludes',
      { exclude: async () => fail() },
      { variant: 'control', excluded: true },
    ],
  ])('never reaches the caller with its error, and is reported once: %s', async (_, given, wanted) => {
    await start()
    await feature.enable('one_click')
    for (const id of [1, 2]) expect(await ask('one_click', { actor: new User(id), ...given })).toMatchObject(wanted)
    await new Promise((resolve) => setImmediate(resolve))
    expect(warnings().map(({ fields }) => fields)).toEqual([{ code: 'callback_failed', flag: 'one_click' }])
  })

  function fail(): never {
    throw new Error('it failed')
  }
})

describe('a wrong use of an experiment', () => {
  const cases: readonly [string, unknown, unknown, string, string][] = [
    ['a name without a definition', 'one_clik', { actor: user }, 'unknown_flag', 'did you mean "one_click"?'],
    ['a name that is no text', undefined, { actor: user }, 'unknown_flag', 'has no definition'],
    ['a flag of another type', 'plain', { actor: user }, 'flag_type_mismatch', '"development"'],
    ['no options', 'one_click', undefined, 'invalid_arguments', 'its options are missing'],
    ['an actor in the place of the options', 'one_click', user, 'invalid_arguments', 'in the place of its options'],
    ['a wrong key', 'one_click', { actor: user, variant: ['a'] }, 'invalid_arguments', 'did you mean "variants"?'],
    ['an actor without an id', 'one_click', { actor: {} }, 'invalid_actor', 'without a flipperId'],
    ['several actors', 'one_click', { actor: [user] }, 'invalid_actor', 'a list of actors'],
    ['a promise of an actor', 'one_click', { actor: Promise.resolve(user) }, 'invalid_actor', 'a Promise'],
    ['no variants', 'one_click', { actor: user, variants: [] }, 'invalid_arguments', 'no variant beside "control"'],
    [
      'weights that do not add up',
      'one_click',
      { actor: user, variants: { control: 1, a: 1 } },
      'invalid_arguments',
      'add up to 2',
    ],
    [
      'control twice',
      'one_click',
      { actor: user, variants: ['control', 'control', 'a'] },
      'invalid_arguments',
      'there twice',
    ],
    [
      'an exclusion that is none',
      'one_click',
      { actor: user, exclude: 'yes' },
      'invalid_arguments',
      'option "exclude"',
    ],
    [
      'segments that are none',
      'one_click',
      { actor: user, segments: ['candidate'] },
      'invalid_arguments',
      'option "segments"',
    ],
    [
      'a segment with another variant',
      'one_click',
      { actor: user, segments: () => 'red' },
      'invalid_arguments',
      'no variant of it',
    ],
    [
      'an exposure that is no function',
      'one_click',
      { actor: user, onExposure: true },
      'invalid_arguments',
      'option "onExposure"',
    ],
  ]

  it.each(cases)('is refused in strict mode: %s', async (_, name, options, code, text) => {
    await start()
    await feature.enable('one_click')
    await expect(ask(name, options)).rejects.toMatchObject({ code, message: expect.stringContaining(text) })
  })

  it.each(cases)('is reported once in production, and never rejects: %s', async (_, name, options, code) => {
    await start({ env: 'production', strict: false })
    await feature.enable('one_click', new User(5))
    for (let time = 0; time < 3; time++) expect(await ask(name, options)).toMatchObject({ variant: 'control' })
    expect(warnings().filter(({ fields }) => 'code' in fields && fields.code === code)).toHaveLength(1)
  })

  it('is refused in strict mode for an actor of another kind', async () => {
    await start()
    await expect(ask('one_click', { actor: { flipperId: 'Project:1' } })).rejects.toMatchObject({
      code: 'actor_kind_mismatch',
    })
  })
})

describe('a tester', () => {
  const text = () =>
    signExperimentOverride({
      experiment: 'one_click',
      variant: 'candidate',
      expiresAt: new Date(Date.now() + 60_000),
      secret,
    })

  it('sees the variant that was asked for outside production, also while the flag is off, and is not counted', async () => {
    await start()
    const onExposure = () => expect.unreachable()
    const call = { actor: user, override: 'one_click:candidate', onExposure } as const
    expect(await feature.experiment('one_click', call)).toMatchObject({ variant: 'candidate', sticky: false })
    expect(await feature.experiment('one_click', { ...call, override: 'one_click:red' })).toMatchObject({
      variant: 'control',
    })
  })

  it('sees it in production with the signature of the application alone', async () => {
    await start({ env: 'production', experiments: { secret } })
    const asked = (override: string) => feature.experiment('one_click', { actor: user, override })
    expect(await asked('one_click:candidate')).toMatchObject({ variant: 'control' })
    expect(await asked(text())).toMatchObject({ variant: 'candidate', sticky: false })
    expect(await asked(`${text()}x`)).toMatchObject({ variant: 'control' })
  })

  it('sees nothing of it in production without a secret, nor in an environment whose name is like it', async () => {
    await start({ env: 'production-eu' })
    for (const override of ['one_click:candidate', text()]) {
      expect(await feature.experiment('one_click', { actor: user, override })).toMatchObject({ variant: 'control' })
    }
  })
})
