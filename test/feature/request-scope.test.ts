// Checks of one request, which share an id and a snapshot.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Requests } from '../../lib/feature/request-scope.js'
import { createFeature, type FeatureFlags } from '../../lib/index.js'
import { ManualClock, settle } from '../support/manual-clock.js'
import { createProject, type TestProject } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'
import { definedFlags } from '../support/replica.js'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const snapshot = () => definedFlags()

describe('a request', () => {
  let clock: ManualClock
  let requests: Requests
  beforeEach(() => {
    clock = new ManualClock()
    requests = new Requests(clock)
  })

  it('has one id, other requests have others, and outside each call has its own', () => {
    const [one, again] = requests.run(snapshot(), () => [requests.id(), requests.id()])
    const other = requests.run(snapshot(), () => requests.id())
    expect(one).toMatch(uuid)
    expect(again).toBe(one)
    expect(other).not.toBe(one)
    expect(requests.id()).not.toBe(requests.id())
  })

  it('keeps id and snapshot over what is awaited, beside other requests', async () => {
    const [first, second] = [snapshot(), snapshot()]
    const inside = async () => {
      const before = [requests.id(), requests.pinned()]
      await settle()
      expect([requests.id(), requests.pinned()]).toEqual(before)
      return requests.pinned()
    }
    const pinned = await Promise.all([requests.run(first, inside), requests.run(second, inside)])
    expect(pinned[0]).toBe(first)
    expect(pinned[1]).toBe(second)
    expect(requests.pinned()).toBeNull()
  })

  it('inside another is part of that one', () => {
    const outer = snapshot()
    requests.run(outer, () => {
      const id = requests.id()
      requests.run(snapshot(), () => {
        expect(requests.id()).toBe(id)
        expect(requests.pinned()).toBe(outer)
      })
    })
  })

  it('returns what the function returns, and throws what it throws', async () => {
    expect(requests.run(snapshot(), () => 42)).toBe(42)
    const error = new Error('no')
    const failing = () => {
      throw error
    }
    expect(() => requests.run(snapshot(), failing)).toThrow(error)
    await expect(requests.run(snapshot(), async () => failing())).rejects.toBe(error)
    await settle()
    expect(clock.waiting).toBe(0)
  })

  it('begins what begins when it is awaited once, inside of it, and lasts as long', async () => {
    const ids: string[] = []
    const query = (fails: boolean) => ({
      // biome-ignore lint/suspicious/noThenProperty: a query of Drizzle is of this kind
      then(...both: Parameters<Promise<string>['then']>) {
        ids.push(requests.id())
        const rows = settle().then(() => (fails ? Promise.reject(new Error('away')) : requests.id()))
        return rows.then(...both)
      },
    })
    const running = requests.run(snapshot(), () => query(false))
    expect([ids.length, clock.waiting]).toEqual([1, 1])
    expect([await running]).toEqual(ids)
    await expect(requests.run(snapshot(), async () => query(true))).rejects.toThrow('away')
    await expect(requests.run(snapshot(), () => query(true))).rejects.toThrow('away')
    await settle()
    expect([ids.length, new Set(ids).size, clock.waiting]).toEqual([3, 3, 0])
  })

  it('lets go of a snapshot older than 60 seconds, and keeps its id', async () => {
    await requests.run(snapshot(), async () => {
      const id = requests.id()
      await clock.advance(59_999)
      expect(requests.pinned()).not.toBeNull()
      await clock.advance(1)
      expect(requests.pinned()).toBeNull()
      requests.repin(snapshot())
      expect(requests.pinned()).toBeNull()
      expect(requests.id()).toBe(id)
    })
  })

  it.each([
    ['has returned at once', (fn: () => void) => fn()],
    ['has resolved', async (fn: () => void) => fn()],
  ])('lets go of it too where work goes on after the function %s', async (_what, run) => {
    const work: { go: () => void } = { go: () => {} }
    const started = new Promise<void>((resolve) => {
      work.go = resolve
    })
    const seen: boolean[] = []
    const isPinned = () => seen.push(requests.pinned() !== null)
    await requests.run(snapshot(), () =>
      run(
        () =>
          void started
            .then(isPinned)
            .then(() => clock.advance(1))
            .then(isPinned),
      ),
    )
    await settle()
    expect(clock.waiting).toBe(0)
    await clock.advance(59_999)
    work.go()
    await vi.waitFor(() => expect(seen).toEqual([true, false]))
  })

  it('leaves no timer behind when it ends', async () => {
    requests.run(snapshot(), () => {})
    expect(clock.waiting).toBe(0)
    const running = requests.run(snapshot(), () => settle())
    expect(clock.waiting).toBe(1)
    await running
    await settle()
    expect(clock.waiting).toBe(0)
  })

  it('can be given a newer snapshot, for itself alone', async () => {
    const [old, newer] = [snapshot(), snapshot()]
    const beside = requests.run(old, async () => {
      await settle()
      return requests.pinned()
    })
    requests.run(old, () => {
      requests.repin(newer)
      expect(requests.pinned()).toBe(newer)
    })
    requests.repin(newer)
    expect(await beside).toBe(old)
  })

  it('is what first touches AsyncLocalStorage', async () => {
    vi.resetModules()
    const fresh = await import('../../lib/feature/request-scope.js')
    const first = new fresh.Requests(clock)
    expect(fresh.asyncContext.used).toBe(false)
    first.id()
    first.pinned()
    first.repin(snapshot())
    expect(fresh.asyncContext.used).toBe(false)
    first.run(snapshot(), () => {})
    expect(fresh.asyncContext.used).toBe(true)
  })
})

describe('withRequest', () => {
  let project: TestProject
  let feature: FeatureFlags
  beforeEach(async () => {
    project = await createProject('a_flag', 'b_flag')
    feature = createFeature({ root: project.root, env: 'production', databaseUrl: 'memory', logger: recordingLogger() })
    await feature.start()
  })
  afterEach(async () => {
    await feature.stop()
    await project.close()
  })

  it('gives all checks of a request the same answer for the request as the actor', async () => {
    await feature.enablePercentageOfActors('a_flag', 50)
    const perRequest = Array.from({ length: 100 }, () =>
      feature.withRequest(() => new Set(Array.from({ length: 20 }, () => feature.enabled('a_flag', 'request')))),
    )
    expect(perRequest.every(({ size }) => size === 1)).toBe(true)
    expect(new Set(perRequest.flatMap((answers) => [...answers]))).toEqual(new Set([true, false]))
  })

  it('keeps the flags as they were when it began, while checks outside see a change at once', async () => {
    let changed = (): void => {}
    const change = new Promise<void>((resolve) => {
      changed = resolve
    })
    const inside = feature.withRequest(async () => {
      const before = feature.enabled('a_flag')
      await change
      return [before, feature.enabled('a_flag'), feature.get('a_flag').state]
    })
    await feature.enable('a_flag')
    expect(feature.enabled('a_flag')).toBe(true)
    changed()
    expect(await inside).toEqual([false, false, 'off'])
  })

  it('sees its own writes', async () => {
    await feature.withRequest(async () => {
      expect(feature.enabled('a_flag')).toBe(false)
      await feature.enable('a_flag')
      expect(feature.enabled('a_flag')).toBe(true)
      await feature.disable('a_flag')
      expect(feature.enabled('a_flag')).toBe(false)
    })
  })

  it('answers before start', async () => {
    await project.define('on_by_default', { defaultEnabled: true })
    const other = createFeature({ root: project.root, env: 'production', databaseUrl: 'memory' })
    expect(other.withRequest(() => other.enabled('on_by_default', 'request'))).toBe(true)
  })
})
