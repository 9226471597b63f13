// Whether the page shows what is: the stream of events, or questions every ten seconds where no stream comes through, and what to say
// while neither works. The rest of the page subscribes to events; after a gap it hears `resync` and asks anew.
import { reactive, readonly } from 'vue'
import type { ApiFault } from '../api/fault.js'
import { afterFrame } from './after-frame.js'
import type { Health, LiveEvent, Processes } from './events.js'
import type { SharedStreamOptions } from './shared.js'
import type { Stream, StreamState } from './stream.js'

export type LiveState =
  /** Nothing was heard yet. */
  | 'connecting'
  /** Every change arrives by itself. */
  | 'live'
  /** No stream comes through; the page asks every ten seconds. */
  | 'asking'
  /** Trying again. */
  | 'reconnecting'
  /** No network. */
  | 'offline'

export interface LiveStatus {
  readonly state: LiveState
  /** When the page last knew that it is current; milliseconds. */
  readonly asOf: number | null
  readonly processes: Processes | null
  readonly health: Health | null
}

export interface LiveOptions {
  /** Asks whether anything changed, and takes it over. Throws ApiFault. */
  readonly poll: () => Promise<void>
  readonly makeSource?: (url: string) => EventSource
  readonly openShared?: (options: SharedStreamOptions) => Stream
}

export interface Live {
  readonly status: LiveStatus
  /** Begins for the person who is signed in now. */
  start(owner: string): void
  stop(): void
  /** Calls the listener for each event; returns what ends that. */
  on(listener: (event: LiveEvent) => void): () => void
}

const askMs = 10_000
/** A connection may have died without a word: after this long without an event, the page asks once. */
const quietMs = 40_000
const hiddenMs = 60_000

/** The scripts of the stream are not needed for the first rows, and are loaded after them. */
function openLoaded(options: SharedStreamOptions): Stream {
  let stream: Stream | null = null
  let isLoading = false
  let isClosed = false

  async function load(): Promise<void> {
    if (isLoading || isClosed) return
    isLoading = true
    try {
      const { openSharedStream } = await import('./shared.js')
      if (!isClosed) stream = openSharedStream(options)
    } catch {
      // As with a stream that a proxy keeps back: the page asks instead. After a new version was put up they are gone for good.
      if (!isClosed) options.onState('silent')
    } finally {
      isLoading = false
    }
  }

  const stopWaiting = afterFrame(() => void load())
  return {
    retry() {
      if (stream === null) void load()
      else stream.retry()
    },
    close() {
      isClosed = true
      stopWaiting()
      stream?.close()
    },
  }
}

export function makeLive({
  poll,
  makeSource = (url) => new EventSource(url),
  openShared = openLoaded,
}: LiveOptions): Live {
  const status = reactive<{ -readonly [K in keyof LiveStatus]: LiveStatus[K] }>({
    state: 'connecting',
    asOf: null,
    processes: null,
    health: null,
  })
  const listeners = new Set<(event: LiveEvent) => void>()
  let stream: Stream | null = null
  let streamState: StreamState = 'opening'
  let askTimer: number | undefined
  let hiddenTimer: number | undefined
  let isAsking = false
  /** The last question found no server. */
  let wasAway = false
  /** Whether a stream has said hello to this person before. */
  let wasGreeted = false
  let owner: string | null = null

  function heard(event: LiveEvent): void {
    status.asOf = Date.now()
    if (event.type === 'hello') {
      status.processes = event.data.processes
      status.health = event.data.health
    }
    if (event.type === 'processes') status.processes = event.data
    if (event.type === 'health') status.health = event.data
    tell(event)
    // After a break the server may be another one, or may have begun anew: its definitions have no position by which that would be seen.
    if (event.type === 'hello' && wasGreeted) tell({ type: 'definitions', data: { names: [] } })
    wasGreeted ||= event.type === 'hello'
    askLater(quietMs)
  }

  function tell(event: LiveEvent): void {
    for (const listener of listeners) listener(event)
  }

  function streamIs(next: StreamState): void {
    const before = streamState
    streamState = next
    if (next === 'open') {
      status.state = 'live'
      askLater(quietMs)
    } else if (next === 'silent') void ask()
    else if (before === 'open') {
      status.state = navigator.onLine ? 'reconnecting' : 'offline'
      askLater(askMs)
    }
  }

  function askLater(ms: number): void {
    window.clearTimeout(askTimer)
    if (owner !== null) askTimer = window.setTimeout(() => void ask(), ms)
  }

  async function ask(): Promise<void> {
    if (isAsking || owner === null) return
    isAsking = true
    try {
      await poll()
      status.asOf = Date.now()
      // The server is back, and the stream need not wait for its turn.
      if (wasAway && streamState !== 'open') stream?.retry()
      wasAway = false
      if (streamState !== 'open') status.state = streamState === 'silent' ? 'asking' : status.state
      askLater(streamState === 'open' ? quietMs : askMs)
    } catch (error) {
      lost(error as ApiFault)
    } finally {
      isAsking = false
    }
  }

  function lost({ kind }: ApiFault): void {
    wasAway = true
    if (kind === 'offline' || kind === 'slow') {
      status.state = navigator.onLine ? 'reconnecting' : 'offline'
      if (streamState === 'open') stream?.retry()
    } else if (streamState !== 'open') status.state = 'reconnecting'
    askLater(askMs)
  }

  function again(): void {
    stream?.retry()
    void ask()
  }

  function seen(): void {
    window.clearTimeout(hiddenTimer)
    if (document.visibilityState === 'hidden') {
      // Without a shared stream each tab holds a connection, of which there are six.
      if (!('locks' in navigator) || navigator.locks === undefined) hiddenTimer = window.setTimeout(pause, hiddenMs)
    } else if (owner !== null && stream === null) begin()
    else if (owner !== null && status.state !== 'live') again()
  }

  function pause(): void {
    stream?.close()
    stream = null
    window.clearTimeout(askTimer)
    if (status.state === 'live') status.state = 'reconnecting'
  }

  function begin(): void {
    if (owner === null) return
    streamState = 'opening'
    stream = openShared({
      url: '/api/web/events?topics=flags,processes,health',
      makeSource,
      onEvent: heard,
      onState: streamIs,
      owner,
    })
    askLater(askMs)
  }

  function gone(): void {
    status.state = 'offline'
  }

  return {
    status: readonly(status),
    start(name) {
      if (owner !== null) return
      owner = name
      status.state = 'connecting'
      window.addEventListener('online', again)
      window.addEventListener('offline', gone)
      document.addEventListener('visibilitychange', seen)
      begin()
    },
    stop() {
      owner = null
      wasGreeted = false
      window.removeEventListener('online', again)
      window.removeEventListener('offline', gone)
      document.removeEventListener('visibilitychange', seen)
      window.clearTimeout(hiddenTimer)
      window.clearTimeout(askTimer)
      stream?.close()
      stream = null
    },
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
