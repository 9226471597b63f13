// When a process that has booted from the cache asks the store whether the cache was right.
import { describe, expect, it } from 'vitest'
import { FleetSize } from '../../../lib/replica/fleet-size.js'
import { BootConfirmation } from '../../../lib/replica/peers/boot-confirmation.js'
import { ManualClock, settle } from '../../support/manual-clock.js'

const pollIntervalMs = 10_000

/** A fleet that tells these counts in turn, and then the last of them for ever. */
async function boot(counts: readonly [number, ...number[]], chance = 0.5, answered = Promise.resolve()) {
  const clock = new ManualClock()
  clock.chance = chance
  const fleet = new FleetSize(pollIntervalMs)
  const told = [...counts]
  const calls: number[] = []
  const compared: string[] = []
  const peers = { countFleet: async () => fleet.note(told.shift() ?? fleet.count) }
  const comparison = {
    now: () => void compared.push('now'),
    soon: (since: number) => void compared.push(`since ${since}`),
  }
  const polling = {
    refreshQuietly: async () => {
      calls.push(clock.now())
      await answered
    },
  }
  let readyAt: number | null = null
  const confirmation = new BootConfirmation({ clock, fleet, peers, comparison, polling, pollIntervalMs })
  void confirmation.confirm().then(() => {
    readyAt = clock.now()
  })
  await settle()
  return { clock, calls, compared, confirmation, ready: () => readyAt }
}

describe('a process that has booted from the cache', () => {
  it('asks within some milliseconds where it is alone', async () => {
    const { clock, calls } = await boot([1])
    await clock.advance(10)
    expect(calls).toHaveLength(1)
  })

  it('asks at a moment of its own within the time that the fleet spreads its questions over', async () => {
    for (const [chance, at] of [
      [0, 200],
      [0.5, 600],
      [0.999, 999.2],
    ] as const) {
      const { clock, calls } = await boot([100], chance)
      await clock.advance(pollIntervalMs)
      expect(calls).toEqual([expect.closeTo(at)])
    }
  })

  it('waits for as long as the fleet grows', async () => {
    const { clock, calls } = await boot([100, 200, 300, 330])
    await clock.advance(600 + 1_200 + 1_700)
    expect(calls).toEqual([])
    await clock.advance(200)
    expect(calls).toHaveLength(1)
  })

  it('asks after two polls at the latest, however much the fleet grows', async () => {
    const { clock, calls } = await boot([1, ...Array.from({ length: 50 }, (_, index) => 2 ** (index + 1))])
    await clock.advance(2 * pollIntervalMs - 1)
    expect(calls).toEqual([])
    await clock.advance(1)
    expect(calls).toEqual([2 * pollIntervalMs])
  })

  it('compares the content with that question where the fleet is small, and in turn since the boot where it is large', async () => {
    const small = await boot([20])
    await small.clock.advance(pollIntervalMs)
    const large = await boot([21])
    await large.clock.advance(pollIntervalMs)
    expect([small.compared, large.compared]).toEqual([['now'], ['since 0']])
  })

  it('does not ask when it was closed before its turn', async () => {
    const { clock, calls, confirmation } = await boot([100])
    confirmation.close()
    await clock.advance(2 * pollIntervalMs)
    expect([calls.length, clock.waiting]).toEqual([0, 0])
  })

  it('asks once', async () => {
    const { clock, calls } = await boot([3])
    await clock.advance(10 * pollIntervalMs)
    expect([calls.length, clock.waiting]).toEqual([1, 0])
  })

  it('is ready when the store has confirmed what the cache held', async () => {
    let answer = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    const { clock, ready } = await boot([1], 0.5, answered)
    await clock.advance(100)
    expect(ready()).toBeNull()
    answer()
    await settle()
    expect(ready()).toBe(100)
  })

  it('is ready after a moment where the store is slow, and at once where its turn comes later', async () => {
    const never = new Promise<void>(() => {})
    const slow = await boot([1], 0.5, never)
    await slow.clock.advance(249)
    expect(slow.ready()).toBeNull()
    await slow.clock.advance(1)
    expect(slow.ready()).toBe(250)
    const large = await boot([100], 0.5, never)
    expect(large.ready()).toBe(0)
  })
})
