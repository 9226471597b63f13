// One stream for all tabs: a browser allows six connections to a server over HTTP/1.1, and seven tabs would wait for each other. The tab
// that holds the lock has the stream, and tells the others what it hears. Without locks (no secure context) each tab has its own.
import type { LiveEvent } from './events.js'
import { openStream, type Stream, type StreamState } from './stream.js'

export interface SharedStreamOptions {
  readonly url: string
  readonly makeSource: (url: string) => EventSource
  readonly onEvent: (event: LiveEvent) => void
  readonly onState: (state: StreamState) => void
  /** Other people on the same browser have another stream: their name is part of the lock's. */
  readonly owner: string
}

type Told =
  | { readonly kind: 'event'; readonly event: LiveEvent }
  | { readonly kind: 'state'; readonly state: StreamState }
  | { readonly kind: 'new tab' }

export function openSharedStream(options: SharedStreamOptions): Stream {
  if (!('locks' in navigator) || navigator.locks === undefined) return openStream(options)
  const name = `sluice-stream ${options.owner}`
  const channel = new BroadcastChannel(name)
  const ended = new AbortController()
  let own: Stream | null = null
  let state: StreamState = 'opening'

  function tell(told: Told): void {
    channel.postMessage(told)
  }

  function lead(): void {
    own = openStream({
      ...options,
      onEvent(event) {
        options.onEvent(event)
        tell({ kind: 'event', event })
      },
      onState(next) {
        state = next
        options.onState(next)
        tell({ kind: 'state', state: next })
      },
    })
  }

  channel.addEventListener('message', ({ data }: MessageEvent<Told>) => {
    if (own !== null) {
      if (data.kind === 'new tab') tell({ kind: 'state', state })
    } else if (data.kind === 'event') options.onEvent(data.event)
    else if (data.kind === 'state') options.onState(data.state)
  })
  options.onState('opening')
  tell({ kind: 'new tab' })
  void navigator.locks
    .request(name, { signal: ended.signal }, () => {
      lead()
      // Held until this tab ends, or closes it: then the next one leads.
      return new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve()))
    })
    .catch(() => {
      // Closed while it waited for the lock.
    })
  return {
    retry: () => own?.retry(),
    close() {
      ended.abort()
      own?.close()
      channel.close()
    },
  }
}
