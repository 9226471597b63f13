// The actors that an application gives for previews: what is used of them, how long it is kept, and what goes wrong.
import { describe, expect, it } from 'vitest'
import type { ActorClass, SampledActors } from '../../../../lib/config/options.js'
import { ActorSamples } from '../../../../lib/feature/change/preview/actor-samples.js'
import { ManualClock, settle } from '../../../support/manual-clock.js'
import { recordingLogger } from '../../../support/recording-logger.js'

type Give = NonNullable<ActorClass['sample']>

function samplesOf(give: Give, more: Readonly<Record<string, ActorClass>> = {}, waitMs = 2_000) {
  const clock = new ManualClock()
  const logger = recordingLogger()
  const actors = new Map<string, ActorClass>([['User', { sample: give }], ...Object.entries(more)])
  return { clock, logger, samples: new ActorSamples({ actors, clock, logger, keepingStack: (run) => run(), waitMs }) }
}

function forEver(): never {
  for (;;);
}

/** What untyped code may give. */
const untyped = (value: unknown) => value as SampledActors
const ids = async (give: Give) => {
  const { sample, fault } = await samplesOf(give).samples.of('User')
  return { ids: sample?.actors.map(({ id }) => id) ?? null, total: sample?.total ?? null, fault }
}

describe('what an application gives', () => {
  it('may be ids, numbers or actors, as a list or with the whole number', async () => {
    const actor = { flipperId: 'User:3' }
    const given = ['User:1', '2', actor, 4, 5n, 'User:1']
    const all = ['User:1', 'User:2', 'User:3', 'User:4', 'User:5']
    expect(await ids(() => given)).toEqual({ ids: all, total: null, fault: null })
    expect(await ids(async () => ({ ids: new Set(given), total: 70 }))).toEqual({ ids: all, total: 70, fault: null })
    expect(await ids(() => ({ ids: given, total: 2 }))).toEqual({ ids: all, total: null, fault: null })
    const { sample } = await samplesOf(() => given).samples.of('User')
    expect(sample?.actors.map((one) => one.actor)).toEqual([null, null, actor, null, null])
  })

  it('is written as the configuration writes the ids of the class', async () => {
    const { samples } = samplesOf(() => [], { Customer: { id: 'Customer;{id}', sample: () => [7, 'Customer;8'] } })
    const { sample } = await samples.of('Customer')
    expect(sample?.actors.map(({ id }) => id)).toEqual(['Customer;7', 'Customer;8'])
  })

  it('is cut to 10,000, from all of a list that is longer, and the length is the whole number then', async () => {
    const many = Array.from({ length: 10_000_000 }, (_, index) => index)
    const { ids: used, total } = await ids(() => many)
    expect([used?.length, used?.[0], used?.at(-1), total]).toEqual([10_000, 'User:0', 'User:9999000', 10_000_000])
    function* endless(): Iterable<number> {
      for (let id = 0; ; id++) yield id
    }
    expect((await ids(endless)).ids).toHaveLength(10_000)
    const { total: told } = await ids(() => ({ ids: many, total: 20_000_000 }))
    expect(told).toBe(20_000_000)
  })

  it.each<[string, unknown]>([
    ['an object without an id', {}],
    [
      'an object whose id throws',
      {
        get flipperId() {
          throw new Error('not saved')
        },
      },
    ],
    ['null', null],
    ['a number that was rounded', 2 ** 60],
    ['an actor of another class', 'Project:5'],
    ['an actor object of another class', { flipperId: 'Project:5' }],
  ])('is used without %s, and a fault says so', async (_, item) => {
    const { ids: used, fault } = await ids(() => untyped(['User:1', item, item]))
    expect(used).toEqual(['User:1'])
    expect(fault).toMatch(/^it gave 2 of 3 that cannot be used; the first is /)
    expect((await ids(() => untyped([item]))).ids).toBeNull()
  })

  it.each<[unknown]>([
    [undefined],
    ['User:1'],
    [7],
    [{}],
    [{ ids: 'User:1' }],
    [{ ids: ['User:1'], total: '5' }],
    [{ ids: [], total: -1 }],
  ])('is not used where it is %j, and a fault says so', async (given) => {
    const { ids: used, fault } = await ids(() => untyped(given))
    expect(used).toBeNull()
    expect(fault).toMatch(/^it(?: gave|s total)/)
  })
})

describe('the time of a sample', () => {
  it('is 2 seconds, then the signal is set; what comes later is not used, and it is asked again after a minute', async () => {
    let asked = 0
    let stopped = false
    const { samples, clock, logger } = samplesOf(({ limit, signal }) => {
      asked += 1
      expect(limit).toBe(10_000)
      signal.addEventListener('abort', () => {
        stopped = true
      })
      return new Promise(() => {})
    })
    const asking = samples.of('User')
    await clock.advance(1_999)
    expect(stopped).toBe(false)
    await clock.advance(1)
    expect(await asking).toEqual({ sample: null, fault: 'it took longer than 2 seconds' })
    expect([stopped, asked]).toEqual([true, 1])
    await samples.of('User')
    expect(asked).toBe(1)
    await clock.advance(60_000)
    const again = samples.of('User')
    await clock.advance(2_000)
    await again
    expect(asked).toBe(2)
    expect(logger.lines).toHaveLength(1)
    expect(clock.waiting).toBe(0)
  })

  it.each<[string, Give]>([
    ['before it gives anything', () => forEver()],
    ['in what it gives', () => untyped({ [Symbol.iterator]: () => ({ next: forEver }) })],
    [
      'in an actor',
      () =>
        untyped([
          {
            get flipperId() {
              return forEver()
            },
          },
        ]),
    ],
  ])('has an end also where its code loops for ever %s', async (_, give) => {
    const { samples } = samplesOf(give, {}, 50)
    expect(await samples.of('User')).toEqual({ sample: null, fault: 'it took longer than 0.05 seconds' })
  })

  it('is kept for 10 minutes, and then renewed beside the preview, which does not wait', async () => {
    let round = 0
    let finish = () => {}
    const { samples, clock } = samplesOf(() => {
      round += 1
      const mine = round
      return new Promise((resolve) => {
        finish = () => resolve([`User:${mine}`])
        if (mine === 1) finish()
      })
    })
    const first = async () => (await samples.of('User')).sample?.actors[0]?.id
    // Asked by several at once, it runs once.
    expect(await Promise.all([first(), first()])).toEqual(['User:1', 'User:1'])
    await clock.advance(599_999)
    expect([await first(), round]).toEqual(['User:1', 1])
    await clock.advance(1)
    expect([await first(), await first(), round]).toEqual(['User:1', 'User:1', 2])
    finish()
    await settle()
    expect([await first(), round]).toEqual(['User:2', 2])
  })

  it('goes on with what is kept where a newer one fails, and logs each fault once until it is sound again', async () => {
    const faults: (string | null)[] = [null, 'no answer', 'no answer', null, 'no answer']
    const { samples, clock, logger } = samplesOf(() => {
      const fault = faults.shift()
      if (typeof fault === 'string') throw new Error(fault)
      return ['User:1']
    })
    const told: (string | null)[] = []
    for (const waitMs of [0, 600_000, 60_000, 60_000, 600_000]) {
      await clock.advance(waitMs)
      await samples.of('User')
      await settle()
      const { sample, fault } = await samples.of('User')
      expect(sample?.actors).toHaveLength(1)
      told.push(fault)
    }
    expect(told).toEqual([null, 'no answer', 'no answer', null, 'no answer'])
    expect(logger.lines.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringContaining('no answer')))
  })
})
