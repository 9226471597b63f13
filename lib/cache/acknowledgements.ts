// Waiting until all processes have acknowledged: asks again and again, because messages get lost, and looks ever more
// rarely who is missing, because most are quick and some are gone.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../time/clock.js'
import type { Acknowledgements } from './cache.js'

export interface Waiting {
  /** Sends the request to everybody. */
  ask(): Promise<void>
  /** Who of those alive has acknowledged, and who has not. */
  acknowledgements(): Promise<Acknowledgements>
  readonly repeatMs: number
  readonly timeoutMs: number
  readonly clock: Clock
  readonly ended: AbortSignal
}

const longestPauseMs = 250

/** The last answers: all have acknowledged, or the time is over. Throws what `ask` and `acknowledgements` throw at first, or the abort. */
export async function waitForAcknowledgements(waiting: Waiting): Promise<Acknowledgements> {
  const { clock, repeatMs, timeoutMs, ended } = waiting
  ended.throwIfAborted()
  const start = clock.now()
  await waiting.ask()
  let answers = await waiting.acknowledgements()
  let askedAtMs = clock.now()
  for (let pauseMs = 5; answers.lagging.length > 0; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const leftMs = start + timeoutMs - clock.now()
    if (leftMs <= 0) return answers
    await sleep(Math.min(pauseMs, leftMs), undefined, { signal: ended })
    if (clock.now() - askedAtMs >= repeatMs) {
      askedAtMs = clock.now()
      await waiting.ask().catch(() => {
        // Redis may be back before the time is over; who lags by then is told.
      })
    }
    answers = await waiting.acknowledgements().catch(() => answers)
  }
  return answers
}
