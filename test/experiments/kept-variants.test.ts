// Reading and keeping variants: few statements, no long waits, one warning.
import { describe, expect, it } from 'vitest'
import { FeatureError, StoreUnavailable } from '../../lib/errors.js'
import { KeptVariants } from '../../lib/experiments/kept-variants.js'
import { memoryAssignments } from '../../lib/store/memory/assignments.js'
import type { AssignmentStore } from '../../lib/store/store.js'
import { ManualClock, settle } from '../support/manual-clock.js'
import { recordingLogger } from '../support/recording-logger.js'

const actor = (letter: string) => letter.repeat(32)

/** A store whose statements are counted, and can be held back or fail. */
class WatchedStore implements AssignmentStore {
  readonly inner = memoryAssignments(() => true)
  readonly statements: string[] = []
  fault: Error | null = null
  #held: Promise<void> | null = null
  #release = () => {}

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve
    })
  }

  release(): void {
    this.#held = null
    this.#release()
  }

  async #run<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.statements.push(name)
    await this.#held
    if (this.fault !== null) throw this.fault
    return work()
  }

  find: AssignmentStore['find'] = (actors) => this.#run(`find ${actors.length}`, () => this.inner.find(actors))
  keep: AssignmentStore['keep'] = (given) => this.#run(`keep ${given.length}`, () => this.inner.keep(given))
  remove: AssignmentStore['remove'] = (experiment, most) => this.inner.remove(experiment, most)
  count: AssignmentStore['count'] = (experiment) => this.inner.count(experiment)
}

function make() {
  const [store, clock, logger] = [new WatchedStore(), new ManualClock(), recordingLogger()]
  return { store, clock, logger, kept: new KeptVariants({ store, clock, logger }) }
}

/** The promise's value now; `waiting` where there is none yet. */
async function now<T>(promise: Promise<T>): Promise<T | 'waiting'> {
  await settle()
  return Promise.race([promise, Promise.resolve('waiting' as const)])
}

describe('variants in the store', () => {
  it('are read and kept by one statement for all that is asked at once', async () => {
    const { store, kept } = make()
    const letters = ['a', 'b', 'c', 'a']
    await Promise.all(letters.map((letter) => kept.find(actor(letter), null)))
    const keep = (variant: string) => kept.keep({ actor: actor('a'), experiment: 'one', variant })
    expect(await Promise.all([keep('red'), keep('blue')])).toEqual(['red', 'red'])
    expect(store.statements).toEqual(['find 3', 'keep 1'])
  })

  it('are asked for together while a statement is under way', async () => {
    const { store, kept } = make()
    store.hold()
    const first = kept.find(actor('a'), null)
    await settle()
    const others = ['b', 'c', 'd'].map((letter) => kept.find(actor(letter), null))
    await settle()
    expect(store.statements).toEqual(['find 1'])
    store.release()
    await Promise.all([first, ...others])
    expect(store.statements).toEqual(['find 1', 'find 3'])
  })

  it('are read once an actor and request, and what is kept meanwhile is known there', async () => {
    const { store, kept } = make()
    const request = {}
    const found = await kept.find(actor('a'), request)
    expect(await kept.find(actor('a'), request)).toBe(found)
    await kept.find(actor('a'), {})
    expect(store.statements).toEqual(['find 1', 'find 1'])
  })

  it('are given up after 50 ms, and not waited for again until the answer is there', async () => {
    const { store, clock, logger, kept } = make()
    store.hold()
    const first = kept.find(actor('a'), null)
    await clock.advance(49)
    expect(await now(first)).toBe('waiting')
    await clock.advance(1)
    expect(await now(first)).toBeNull()
    await clock.advance(1)
    expect(await now(kept.find(actor('b'), null))).toBeNull()
    store.release()
    await settle()
    expect(await now(kept.find(actor('b'), null))).toEqual(new Map())
    expect(store.statements).toEqual(['find 1', 'find 1'])
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'feature flags: the database answers late, so variants of experiments are computed, but not kept',
    ])
  })

  it('are asked for again a second after the database was away, with one warning', async () => {
    const { store, clock, logger, kept } = make()
    store.fault = new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })
    for (let second = 0; second < 3; second++) {
      expect(await kept.find(actor('a'), null)).toBeNull()
      expect(await kept.keep({ actor: actor('a'), experiment: 'one', variant: 'red' })).toBeNull()
      await clock.advance(1_000)
    }
    expect(store.statements).toEqual(['find 1', 'find 1', 'find 1'])
    expect(logger.lines).toHaveLength(1)
    store.fault = null
    expect(await kept.find(actor('a'), null)).toEqual(new Map())
    store.fault = new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })
    await kept.find(actor('a'), null)
    expect(logger.lines).toHaveLength(2)
  })

  it.each([
    new StoreUnavailable('not_migrated', { problem: 'there is no table', remedy: 'migrate' }),
    new FeatureError('store_rejected', { problem: 'there is no right', remedy: 'grant it' }),
  ])('are asked for every half minute where $message', async (fault) => {
    const { store, clock, logger, kept } = make()
    store.fault = fault
    for (let step = 0; step < 7; step++) {
      expect(await kept.find(actor('a'), null)).toBeNull()
      await clock.advance(10_000)
    }
    expect(store.statements).toHaveLength(3)
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'feature flags: variants of experiments are computed, but not kept'],
    ])
    expect(JSON.stringify(logger.lines[0]?.fields)).toContain(fault.remedy)
  })

  it('are told of once where they can be read and not written', async () => {
    const { store, clock, logger, kept } = make()
    store.keep = () => Promise.reject(new FeatureError('store_rejected', { problem: 'no right', remedy: 'grant it' }))
    for (let step = 0; step < 4; step++) {
      expect(await kept.find(actor('a'), null)).toEqual(new Map())
      expect(await kept.keep({ actor: actor('a'), experiment: 'one', variant: 'red' })).toBeNull()
      await clock.advance(30_000)
    }
    expect(logger.lines).toHaveLength(1)
  })

  it('are not asked for after the end', async () => {
    const { store, kept } = make()
    kept.close()
    expect(await kept.find(actor('a'), null)).toBeNull()
    expect(store.statements).toEqual([])
  })
})
