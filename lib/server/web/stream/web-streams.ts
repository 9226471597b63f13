// The streams of pages: each hears of every change once and in order, or that it has to read the list.
//
// A stream: opened (hello) → catching up, where it goes on after an event that it names → live → ended: by its client, with its token, with
// the server, or because its client does not read. While it catches up it waits for older changes, or for this server to know the event.
import type { ServerResponse } from 'node:http'
import { errorText } from '../../../errors.js'
import type { Logger } from '../../../log.js'
import { OpenStreams, type OpenStream } from '../../streams/open-streams.js'
import type { StreamPlaces } from '../../streams/places.js'
import type { FlagList } from '../flag-list.js'
import type { Follower, News } from './follower.js'
import {
  flagsEvent,
  type Health,
  healthEvent,
  helloEvent,
  type NamedEvent,
  namesIn,
  newsEvents,
  type Processes,
  processesEvent,
  resyncEvent,
  sessionEvent,
  type Topic,
} from './stream-events.js'
import { ProcessNews } from './process-news.js'
import type { StreamHolder } from './stream-holder.js'
import { StreamTallies } from './stream-tallies.js'

export interface WebStreamLimits {
  /** The most streams. */
  readonly streams: number
  /** The most of one holder. */
  readonly ofHolder: number
}

export const webStreamLimits: WebStreamLimits = { streams: 500, ofHolder: 20 }

export interface WebStreamsOptions {
  readonly follower: Follower
  readonly list: FlagList
  readonly environment: string
  readonly health: () => Health
  /** Null where nothing is known of other processes. */
  readonly processes: () => Promise<Processes | null>
  readonly places: StreamPlaces
  readonly limits: WebStreamLimits
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
}

export interface StreamRequest {
  readonly topics: ReadonlySet<Topic>
  /** The last event that the client has; null: it begins. */
  readonly since: string | null
  readonly holder: StreamHolder
  /** What the answer has beside the headers of every stream. */
  readonly headers: Readonly<Record<string, string>>
}

interface Stream extends Omit<StreamRequest, 'headers'> {
  readonly open: OpenStream
  readonly startedAtMs: number
  /** What it has missed is not told yet. */
  isBehind: boolean
  /** Flags that were told to others meanwhile, beside those of changes. */
  readonly owed: Set<string>
  /** What it was told of the database last. */
  isDegraded: boolean
}

const retry = Buffer.from('retry: 2000\n\n')
const tickMs = 1_000
/** Another server may know an event earlier than this one. */
const patienceMs = 5_000
const checkEveryTicks = 10

export class WebStreams {
  readonly tallies = new StreamTallies()
  readonly #options: WebStreamsOptions
  readonly #open: OpenStreams
  readonly #streams = new Set<Stream>()
  /** What was made for those that come back from the same event; all of it goes with the next news. */
  readonly #catchUps = new Map<string, NamedEvent | null>()
  readonly #timer: NodeJS.Timeout
  readonly #processes: ProcessNews
  #ticks = 0

  constructor(options: WebStreamsOptions) {
    this.#options = options
    this.#open = new OpenStreams(options.places)
    this.#processes = new ProcessNews({
      ask: options.processes,
      isWanted: () => this.#with('processes').length > 0,
      tell: (processes) => this.#write(this.#with('processes'), processesEvent(processes)),
    })
    options.follower.onNews((news) => this.#tell(news))
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#timer.unref()
  }

  get count(): number {
    return this.#open.count
  }

  /** Whether there is a place for one more of this holder; otherwise its client has to poll. */
  takes({ key }: StreamHolder): boolean {
    const { streams, ofHolder } = this.#options.limits
    let own = 0
    for (const { holder } of this.#streams) if (holder.key === key) own += 1
    const isTaken = own < ofHolder && this.#open.hasPlace(streams)
    if (!isTaken) this.tallies.refused += 1
    return isTaken
  }

  /** Begins a stream. */
  open({ headers, ...request }: StreamRequest, response: ServerResponse): void {
    const { follower, environment, health, elapsed } = this.#options
    const open = this.#open.open(response, () => this.#forget(stream), headers)
    const isBehind = request.since !== null && request.topics.has('flags')
    const told = health()
    const { degraded: isDegraded } = told
    const stream: Stream = { ...request, open, startedAtMs: elapsed(), isBehind, owed: new Set(), isDegraded }
    this.#streams.add(stream)
    open.write(retry)
    const hello = { position: follower.position, environment, processes: this.#processes.last, health: told }
    this.#write([stream], helloEvent(hello, !isBehind))
    const { endsAt } = request.holder
    if (endsAt !== null) this.#write([stream], sessionEvent(endsAt))
    this.#processes.look()
    if (isBehind) void this.#catchUp(stream)
  }

  /** Ends all; safe to call twice. */
  close(): void {
    clearInterval(this.#timer)
    this.#processes.close()
    this.#open.close()
    this.#streams.clear()
  }

  #tell(news: News): void {
    this.#processes.look()
    this.#catchUps.clear()
    const listeners = this.#with('flags')
    const live = listeners.filter(({ isBehind }) => !isBehind)
    if (live.length > 0) {
      for (const event of newsEvents(news, this.#options.list)) this.#write(live, event)
    }
    for (const stream of listeners) {
      if (!stream.isBehind) continue
      for (const name of news.names) stream.owed.add(name)
      this.#tellMissed(stream)
    }
  }

  /** Tells what was missed, from memory or after one read for all. Never rejects. */
  async #catchUp(stream: Stream): Promise<void> {
    const { follower, logger } = this.#options
    try {
      if (this.#tellMissed(stream)) return
      await follower.fill()
      if (stream.isBehind && !this.#tellMissed(stream)) this.#resync(stream)
    } catch (error) {
      logger.error({ error: errorText(error) }, 'http: a stream could not go on')
      stream.open.end()
    }
  }

  /** Whether it is told, or has to wait until this server knows the event. */
  #tellMissed(stream: Stream): boolean {
    const { follower } = this.#options
    const { since, owed } = stream
    const missed = follower.missed(since ?? '')
    if (missed === null) return false
    if (missed === 'ahead') return true
    stream.isBehind = false
    const key = since ?? ''
    const known = owed.size === 0 ? this.#catchUps.get(key) : undefined
    const made = known === undefined ? this.#missedEvent(missed, owed) : known
    if (owed.size === 0) this.#catchUps.set(key, made)
    if (made !== null) this.#write([stream], made)
    return true
  }

  #missedEvent(changes: News['changes'], owed: ReadonlySet<string>): NamedEvent | null {
    const { follower, list } = this.#options
    const { position, snapshot } = follower
    const names = new Set([...namesIn(changes), ...owed])
    if (changes.length === 0 && names.size === 0) return null
    return flagsEvent({ position, names, changes, snapshot }, list)
  }

  #resync(stream: Stream): void {
    stream.isBehind = false
    this.#write([stream], resyncEvent(this.#options.follower.position))
  }

  #tick(): void {
    const { health, elapsed, now } = this.#options
    const { degraded, age_ms } = health()
    // Between two looks it may have been told otherwise with its hello.
    const late = this.#with('health').filter(({ isDegraded }) => isDegraded !== degraded)
    for (const stream of late) stream.isDegraded = degraded
    if (late.length > 0) this.#write(late, healthEvent({ degraded, age_ms }))
    for (const stream of this.#streams) {
      const { endsAt } = stream.holder
      if (stream.isBehind && elapsed() - stream.startedAtMs >= patienceMs) this.#resync(stream)
      if (endsAt !== null && endsAt.getTime() <= now()) this.#endWithHolder([stream])
    }
    this.#ticks += 1
    if (this.#ticks % checkEveryTicks === 0) void this.#checkHolders()
  }

  /** Each holder is asked for once, however many streams it has. While that cannot be asked, its streams stay. */
  async #checkHolders(): Promise<void> {
    const byKey = new Map<string, Stream[]>()
    for (const stream of this.#streams) byKey.set(stream.holder.key, [...(byKey.get(stream.holder.key) ?? []), stream])
    for (const streams of byKey.values()) {
      const [first] = streams
      const isAlive = await first?.holder.isAlive().catch(() => true)
      if (isAlive === false) this.#endWithHolder(streams)
    }
  }

  #endWithHolder(streams: readonly Stream[]): void {
    for (const stream of streams) {
      this.tallies.endedWithHolder += 1
      stream.open.end(sessionEvent(new Date(this.#options.now())).bytes)
      this.#streams.delete(stream)
    }
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream)
    if (stream.open.isFull) this.tallies.unread += 1
  }

  #with(topic: Topic): Stream[] {
    return [...this.#streams].filter(({ topics }) => topics.has(topic))
  }

  #write(streams: readonly Stream[], { event, bytes }: NamedEvent): void {
    this.tallies.sent(event, streams.length)
    for (const { open } of streams) open.write(bytes)
  }
}
