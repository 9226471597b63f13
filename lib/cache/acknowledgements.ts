// Waits until all processes have acknowledged. It repeats the request, because messages get lost. It checks for missing
// processes less and less often, because most are quick and some are gone.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../time/clock.js'
import type { Acknowledgements } from './cache.js'

export interface Waiting {
  /** Sends the request to all processes. */
  ask(): Promise<void>
  /** The processes alive that have acknowledged, and those that have not. */
  acknowledgements(): Promise<Acknowledgements>
  readonly repeatMs: number
  readonly timeoutMs: number
  readonly clock: Clock
  readonly ended: AbortSignal
}

const longestPauseMs = 250

/**
 * The last answers: all have acknowledged, or the time is over. Throws the error of a first `ask` or `acknowledgements`, or the
 * abort.
 */
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
        // Redis may be back before the time is over; a process that still lags then is named in the answer.
      })
    }
    answers = await waiting.acknowledgements().catch(() => answers)
  }
  return answers
}
