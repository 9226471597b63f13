// Sign-ins, codes and keys that have ended are deleted, a bounded number at a time.
import { describe, expect, it } from 'vitest'
import { newSecret } from '../../../lib/server/sign-in/sign-ins.js'
import { Pruning } from '../../../lib/server/sign-in/pruning.js'
import { MemoryStore } from '../../../lib/store/memory/store.js'
import { ManualClock } from '../../support/manual-clock.js'
import { recordingLogger } from '../../support/recording-logger.js'

const hourMs = 3_600_000

function start(store: { prune(): Promise<number> }) {
  const [clock, logger] = [new ManualClock(), recordingLogger()]
  const pruning = new Pruning({ store, logger, clock })
  /** Moves the clock, and lets what began then end. */
  const pass = async (ms: number) => {
    await clock.advance(ms)
    for (let turn = 0; turn < 20; turn += 1) await clock.nextTurn()
  }
  return { clock, pruning, pass, log: logger.lines }
}

describe('what has ended', () => {
  it('is deleted within an hour of the start, and each hour again, all of it, in statements of a thousand', async () => {
    const now = { ms: 0 }
    const { signIns } = new MemoryStore({ now: () => new Date(now.ms) })
    const codes = 2_500
    for (let count = 0; count < codes; count += 1)
      await signIns.create({ kind: 'code', idHash: newSecret().idHash, tokenId: null, person: 'cli:ann', scopes: [] })
    now.ms = 11 * 60_000
    const pruned: number[] = []
    const { pass, pruning } = start({
      prune: async () => {
        const count = await signIns.prune()
        pruned.push(count)
        return count
      },
    })
    await pass(59_000)
    expect(pruned).toEqual([])
    await pass(hourMs)
    expect(pruned).toEqual([1_000, 1_000, 500])
    await pass(hourMs)
    expect(pruned).toEqual([1_000, 1_000, 500, 0])
    await pruning.close()
    await pass(3 * hourMs)
    expect(pruned).toHaveLength(4)
  })

  it('waits for the next hour where it cannot be deleted, or where there is too much', async () => {
    let [asked, isDown] = [0, true]
    const { pass, pruning, log } = start({
      prune: async () => {
        asked += 1
        if (isDown) throw new Error('no rights')
        return 1_000
      },
    })
    await pass(hourMs)
    expect([asked, log.map(({ level, message }) => [level, message])]).toEqual([
      1,
      [['debug', 'http: old sign-ins could not be deleted, and are next hour']],
    ])
    isDown = false
    await pass(hourMs)
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve()
    expect(asked).toBe(101)
    await pruning.close()
  })
})
