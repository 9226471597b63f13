// Waiting until all processes have acknowledged: asks again and again, because messages get lost, and looks ever more
// rarely who is missing, because most are quick and some are gone.
import { setTimeout as sleep } from 'node:timers/promises'

export interface Waiting {
  /** Sends the request to everybody. */
  ask(): Promise<void>
  /** Who is alive and has not acknowledged. */
  lagging(): Promise<readonly string[]>
  readonly repeatMs: number
  readonly timeoutMs: number
  readonly now: () => number
  readonly ended: AbortSignal
}

const longestPauseMs = 250

/** The names of those that have not acknowledged in time. Throws what `ask` and `lagging` throw at first, or the abort. */
export async function waitForAcknowledgements(waiting: Waiting): Promise<readonly string[]> {
  const { now, repeatMs, timeoutMs, ended } = waiting
  ended.throwIfAborted()
  const start = now()
  await waiting.ask()
  let lagging = await waiting.lagging()
  let askedAtMs = now()
  for (let pauseMs = 5; lagging.length > 0; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const leftMs = start + timeoutMs - now()
    if (leftMs <= 0) return lagging
    await sleep(Math.min(pauseMs, leftMs), undefined, { signal: ended })
    if (now() - askedAtMs >= repeatMs) {
      askedAtMs = now()
      await waiting.ask().catch(() => {
        // Redis may be back before the time is over; who lags by then is told.
      })
    }
    lagging = await waiting.lagging().catch(() => lagging)
  }
  return []
}
