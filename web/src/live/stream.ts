// One stream of events of the server, opened again as long as it is wanted.
//
//     opening ─hello→ open ─broken→ opening …          opening ─no hello in 5 s, or refused three times→ silent ─hello→ open
//
// A browser ends an EventSource for good after any answer but 200, so a new one is made, later each time. A proxy that buffers lets the
// stream begin and passes nothing on: without a hello it counts as silent at once, and the caller asks instead while it is tried again.
import { eventTypes, type LiveEvent, parseEvent } from './events.js'

export type StreamState = 'opening' | 'open' | 'silent'

export interface StreamOptions {
  readonly url: string
  /** Makes the browser's own; tests make another. */
  readonly makeSource: (url: string) => EventSource
  readonly onEvent: (event: LiveEvent) => void
  /** Called for each new state, and for what was not understood (`resync`). */
  readonly onState: (state: StreamState) => void
}

export interface Stream {
  /** Opens it anew at once: instead of waiting, and instead of a connection that may be dead, as after a network was away. */
  retry(): void
  close(): void
}

const helloMs = 5_000
const waitsMs = [1_000, 2_000]
/** After so many failures in a row, it is better to ask. */
const mostFailures = 3
const silentMs = 60_000

export function openStream({ url, makeSource, onEvent, onState }: StreamOptions): Stream {
  let source: EventSource | null = null
  let timer: number | undefined
  let failures = 0
  /** The last event that was heard: a new stream goes on after it. */
  let last: string | null = null
  let state: StreamState = 'opening'

  function become(next: StreamState): void {
    if (state === next) return
    state = next
    onState(next)
  }

  function end(): void {
    window.clearTimeout(timer)
    source?.close()
    source = null
  }

  function later(ms: number): void {
    end()
    timer = window.setTimeout(open, ms)
  }

  function fail(isMute: boolean): void {
    failures += 1
    become(isMute || state === 'silent' || failures >= mostFailures ? 'silent' : 'opening')
    later(failures >= mostFailures ? silentMs : (waitsMs[failures - 1] ?? silentMs))
  }

  function awaitHello(): void {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => fail(true), helloMs)
  }

  function open(): void {
    end()
    const opened = makeSource(last === null ? url : `${url}&since=${encodeURIComponent(last)}`)
    source = opened
    awaitHello()
    opened.addEventListener('error', () => {
      if (opened !== source) return
      // The browser tries by itself where it was open; it must say hello again in time.
      if (opened.readyState === 2) fail(false)
      else {
        if (state === 'open') become('opening')
        awaitHello()
      }
    })
    for (const type of eventTypes) {
      opened.addEventListener(type, (message) => {
        if (opened !== source) return
        if (message.lastEventId !== '') last = message.lastEventId
        hear(type, String(message.data))
      })
    }
  }

  function hear(type: LiveEvent['type'], data: string): void {
    if (type === 'hello') {
      window.clearTimeout(timer)
      failures = 0
      become('open')
    }
    onEvent(parseEvent(type, data) ?? { type: 'resync', data: { position: null } })
  }

  onState('opening')
  open()
  return {
    retry() {
      if (state === 'open') become('opening')
      open()
    },
    close: end,
  }
}
