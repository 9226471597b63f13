// Wakes the replica on a hint of the store. A hint may be lost: only the poll is reliable.
import type { StoreReader } from '../store/store.js'
import type { Clock, Timer } from '../time/clock.js'
import type { PollSignal } from './poll-signal.js'

export interface Listener {
  /** The number of hints heard. */
  count(): number
  /** The warning for `status()` while hints are not heard; null while they are. */
  warning(): string | null
  close(): Promise<void>
}

/** A hint reaches every process at once; this spreads their questions to the store. */
const spreadMs = 40
const noEcho = 'LISTEN notifications do not arrive (is there a connection pooler?): changes are found by polling only'

/** Starts to listen and gives the signal soon after a hint, once for many; null if the store has no hints to give. */
export function listenForHints(
  store: Pick<StoreReader<unknown>, 'listen'>,
  clock: Clock,
  pollSignal: PollSignal,
): Listener | null {
  let working: boolean | null = null
  let count = 0
  let timer: Timer | null = null
  const lookSoon = () => {
    timer ??= clock.after(clock.random() * spreadMs, () => {
      timer = null
      pollSignal.give()
    })
  }
  const listening = store.listen({
    hint: () => {
      count += 1
      lookSoon()
    },
    heard: (heard) => {
      working = heard
    },
  })
  if (listening === null) return null
  return {
    count: () => count,
    warning: () => (working === false ? noEcho : null),
    close: () => {
      timer?.cancel()
      return listening.close()
    },
  }
}
