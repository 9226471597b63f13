// One stream of events without a browser: what it does when it is refused, when it breaks, and behind a proxy that passes nothing on.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveEvent } from '../../web/src/live/events.js'
import { makeLive } from '../../web/src/live/live.js'
import { openSharedStream } from '../../web/src/live/shared.js'
import { openStream, type StreamState } from '../../web/src/live/stream.js'

/** As much of an EventSource as the page uses. */
class PlayedSource extends EventTarget {
  readonly url: string
  readyState = 0

  constructor(url: string) {
    super()
    this.url = url
  }

  close(): void {
    this.readyState = 2
  }

  tell(type: string, data: string, lastEventId = ''): void {
    this.readyState = 1
    this.dispatchEvent(Object.assign(new Event(type), { data, lastEventId }))
  }

  fail(readyState: 0 | 2): void {
    this.readyState = readyState
    this.dispatchEvent(new Event('error'))
  }
}

const hello = JSON.stringify({ position: '1-a', environment: 'test', processes: null, health: null })

function play() {
  const sources: PlayedSource[] = []
  const events: LiveEvent[] = []
  const states: StreamState[] = []
  const stream = openStream({
    url: '/events?topics=flags',
    makeSource: (url) => {
      const source = new PlayedSource(url)
      sources.push(source)
      return source as unknown as EventSource
    },
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
  })
  const last = () => {
    const source = sources.at(-1)
    if (source === undefined) throw new Error('no stream was opened')
    return source
  }
  return { stream, sources, events, states, last }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', globalThis)
})
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a stream of events', () => {
  it('is open from its hello on, and goes on after the last event where it ended', () => {
    const { sources, states, last, events } = play()
    last().tell('hello', hello)
    last().tell('flags', '{"position":"2-b","columns":["name"],"rows":[],"gone":["old"],"changes":[]}', '2-b')
    last().fail(2)
    vi.advanceTimersByTime(1_000)
    expect(states).toEqual(['opening', 'open', 'opening'])
    expect(sources.map(({ url }) => url)).toEqual(['/events?topics=flags', '/events?topics=flags&since=2-b'])
    expect(events.map(({ type }) => type)).toEqual(['hello', 'flags'])
  })

  it('is opened again later and later where it is refused, and counts as silent from the third time on', () => {
    const { sources, states, last } = play()
    const waits = [1_000, 2_000, 60_000]
    for (const wait of waits) {
      last().fail(2)
      const before = sources.length
      vi.advanceTimersByTime(wait - 1)
      expect(sources.length).toBe(before)
      vi.advanceTimersByTime(1)
      expect(sources.length).toBe(before + 1)
    }
    expect(states.at(-1)).toBe('silent')
    last().tell('hello', hello)
    expect(states.at(-1)).toBe('open')
  })

  it('counts as silent without a hello in 5 seconds, and is tried again twice before it waits for a minute', () => {
    const { states, sources, last } = play()
    vi.advanceTimersByTime(4_999)
    expect(states).toEqual(['opening'])
    vi.advanceTimersByTime(1)
    expect(states).toEqual(['opening', 'silent'])
    for (const [index, wait] of [1_000, 2_000, 60_000].entries()) {
      expect(sources).toHaveLength(index + 1)
      vi.advanceTimersByTime(wait)
      expect(sources).toHaveLength(index + 2)
      if (index < 2) vi.advanceTimersByTime(5_000)
    }
    expect(states).toEqual(['opening', 'silent'])
    last().tell('hello', hello)
    expect(states).toEqual(['opening', 'silent', 'open'])
  })

  it('asks for the list where an event is not understood, and hears nothing of a stream that was left', () => {
    const { events, last, stream } = play()
    const first = last()
    first.tell('hello', hello)
    first.tell('flags', '{"rows":', '2-b')
    // Rows of which nobody says what stands where.
    first.tell('flags', '{"position":"2-b","rows":[["my_flag","on"]],"gone":[],"changes":[]}', '2-b')
    first.fail(2)
    stream.retry()
    first.tell('flags', '{"position":"3-c"}', '3-c')
    expect(events.map(({ type }) => type)).toEqual(['hello', 'resync', 'resync'])
  })

  it('is opened anew when it is told to, also where it seems to be open: a network that was away may have left it dead', () => {
    const { sources, states, last, stream } = play()
    last().tell('hello', hello, '1-a')
    stream.retry()
    expect(sources.map(({ url, readyState }) => [url, readyState])).toEqual([
      ['/events?topics=flags', 2],
      ['/events?topics=flags&since=1-a', 0],
    ])
    last().tell('hello', hello, '1-a')
    expect(states).toEqual(['opening', 'open', 'opening', 'open'])
  })

  it('ends for good when it is closed', () => {
    const { sources, stream, last } = play()
    last().fail(2)
    stream.close()
    vi.advanceTimersByTime(600_000)
    expect(sources).toHaveLength(1)
  })
})

describe('the page', () => {
  /** The page's connection, of which each question for changes is answered as the test says. */
  function playLive(poll: () => Promise<void>) {
    vi.stubGlobal('window', Object.assign(new EventTarget(), { setTimeout, clearTimeout }))
    vi.stubGlobal('navigator', { onLine: true })
    vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
    const sources: PlayedSource[] = []
    const live = makeLive({
      poll,
      makeSource: (url) => {
        const source = new PlayedSource(url)
        sources.push(source)
        return source as unknown as EventSource
      },
      openShared: openSharedStream,
    })
    live.start('ann')
    stops.push(() => live.stop())
    return { live, sources }
  }

  it('asks from the fifth second on where the stream says no hello, every ten seconds, until a hello comes through', async () => {
    let asked = 0
    const { live, sources } = playLive(async () => {
      asked += 1
    })
    await vi.advanceTimersByTimeAsync(4_999)
    expect([asked, live.status.state]).toEqual([0, 'connecting'])
    await vi.advanceTimersByTimeAsync(1)
    expect([asked, live.status.state]).toEqual([1, 'asking'])
    await vi.advanceTimersByTimeAsync(30_000)
    expect([asked, live.status.state]).toEqual([4, 'asking'])
    // A minute after the third try, the stream is opened once more.
    await vi.advanceTimersByTimeAsync(44_000)
    expect([sources.length, live.status.state]).toEqual([4, 'asking'])
    const before = asked
    sources.at(-1)?.tell('hello', hello)
    expect(live.status.state).toBe('live')
    await vi.advanceTimersByTimeAsync(30_000)
    expect(asked).toBe(before)
  })

  it('asks for definitions again after each break, where the database is as it was: the server may have begun anew', async () => {
    const { live, sources } = playLive(async () => undefined)
    const events: string[] = []
    live.on(({ type }) => events.push(type))
    sources.at(-1)?.tell('hello', hello)
    expect(events).toEqual(['hello'])
    for (const count of [1, 2]) {
      sources.at(-1)?.fail(2)
      await vi.advanceTimersByTimeAsync(5_000)
      sources.at(-1)?.tell('hello', hello)
      expect(events).toEqual(['hello', ...Array.from({ length: count }, () => ['hello', 'definitions']).flat()])
    }
  })

  it('says that it tries again while neither the stream nor its questions come through', async () => {
    const { live } = playLive(() => Promise.reject(Object.assign(new Error('no answer'), { kind: 'slow' })))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(live.status.state).toBe('reconnecting')
  })
})
