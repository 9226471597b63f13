// Wakes the replica when the store says that something changed. A hint may be lost: the poll is what is relied on.
import type { Store } from '../store/store.js'

export interface Listener {
  /** What `status()` says while hints are not heard; null while they are. */
  warning(): string | null
  close(): Promise<void>
}

/** Starts to listen; null where the store has no hints to give. */
export function listenForHints(store: Store, onHint: () => void): Listener | null {
  let working: boolean | null = null
  const listening = store.listen({
    hint: onHint,
    heard: (heard) => {
      working = heard
    },
  })
  if (listening === null) return null
  return {
    warning: () =>
      working === false
        ? 'hints are not heard (LISTEN gets no echo, as behind a pooler): changes come by the poll alone'
        : null,
    close: () => listening.close(),
  }
}
