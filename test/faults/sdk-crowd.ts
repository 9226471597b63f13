// SDKs as they are on the wire, each over connections of its own: those that poll with the tag of what they have, by `client/features`
// and by `client/delta`, those on a stream, those that report, and those whose instance ID the server does not know. Each keeps the
// flags that it has, and the crowd counts every answer.
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Serving } from './serving.js'

export interface SdkProject {
  readonly id: number
  readonly secret: string
}

export interface Counts {
  /** How often each status came; 0 counts connections that were refused or lost. */
  readonly [status: number]: number
}

type Flag = Readonly<Record<string, unknown>> & { readonly name: string }

/** A client with the flags that it has now; null before its first answer. */
export abstract class SdkClient {
  readonly counts: Record<number, number> = {}
  /** The status that came last; null before the first. */
  lastStatus: number | null = null
  /** What was not as it must be, each kind of it once. */
  readonly faults = new Set<string>()
  /** The ids of events and of deltas in the order in which they came, each once. */
  readonly ids: number[] = []
  readonly kind: string
  protected readonly ended = new AbortController()
  #flags: ReadonlyMap<string, Flag> | null = null
  #seen: (flags: ReadonlyMap<string, Flag>) => void = () => {}
  #running: Promise<void> | null = null

  constructor(kind: string) {
    this.kind = kind
  }

  get flags(): ReadonlyMap<string, Flag> | null {
    return this.#flags
  }

  /** Calls this at each answer with flags. */
  onFlags(seen: (flags: ReadonlyMap<string, Flag>) => void): this {
    this.#seen = seen
    return this
  }

  start(): this {
    this.#running = this.run()
    return this
  }

  async end(): Promise<void> {
    this.ended.abort()
    await this.#running
  }

  protected abstract run(): Promise<void>

  protected get isEnded(): boolean {
    return this.ended.signal.aborted
  }

  protected count(status: number): void {
    this.counts[status] = (this.counts[status] ?? 0) + 1
    this.lastStatus = status
  }

  protected have(flags: ReadonlyMap<string, Flag>): void {
    this.#flags = flags
    this.#seen(flags)
  }

  protected noteId(id: number): void {
    if (this.ids.at(-1) !== id) this.ids.push(id)
  }

  /** Takes the events of a delta over what it has. */
  protected apply(document: unknown): void {
    if (!isRecord(document) || !Array.isArray(document['events'])) {
      this.faults.add(`no events: ${JSON.stringify(document)}`)
      return
    }
    let flags = new Map(this.#flags ?? [])
    for (const event of document['events'].filter(isRecord)) {
      if (typeof event['eventId'] === 'number') this.noteId(event['eventId'])
      if (event['type'] === 'hydration') flags = byName(event['features'])
      else if (event['type'] === 'feature-removed') flags.delete(String(event['featureName']))
      else for (const [name, flag] of byName([event['feature']])) flags.set(name, flag)
    }
    this.have(flags)
  }
}

interface Place {
  readonly server: Serving
  readonly project: SdkProject
  readonly intervalMs: number
}

const environment = 'production'

abstract class Asker extends SdkClient {
  protected readonly place: Place

  constructor(kind: string, place: Place) {
    super(kind)
    this.place = place
  }

  protected async run(): Promise<void> {
    while (!this.isEnded) {
      const answer = await this.ask()
      this.count(answer?.status ?? 0)
      if (answer !== null) this.take(answer)
      await sleep(this.place.intervalMs, null, { signal: this.ended.signal }).catch(() => {}) // Ended meanwhile.
    }
  }

  protected abstract ask(): Promise<Answer | null>
  protected abstract take(answer: Answer): void

  protected get headers(): Record<string, string> {
    return { 'unleash-instanceid': this.place.project.secret, 'unleash-appname': environment }
  }

  protected path(what: string): string {
    return `/api/v4/feature_flags/unleash/${this.place.project.id}/client/${what}`
  }
}

/** Polls `client/features`, or `client/delta`, with the tag of what it has. */
export class Poller extends Asker {
  readonly #what: 'features' | 'delta'
  #tag: string | null = null
  /** Which body each tag named. */
  readonly #bodies = new Map<string, string>()

  constructor(place: Place, what: 'features' | 'delta' = 'features') {
    super(what, place)
    this.#what = what
  }

  protected ask(): Promise<Answer | null> {
    const tag = this.#tag === null ? {} : { 'if-none-match': this.#tag }
    return this.place.server.ask(this.path(this.#what), { headers: { ...this.headers, ...tag } })
  }

  protected take({ status, headers, body }: Answer): void {
    if (status !== 200) return
    const { etag } = headers
    if (etag === undefined) this.faults.add('200 without a tag')
    else if (this.#what === 'features' && (this.#bodies.get(etag) ?? body) !== body) {
      this.faults.add(`${etag} names two bodies`)
    }
    this.#tag = etag ?? null
    if (etag !== undefined) this.#bodies.set(etag, body)
    const document: unknown = JSON.parse(body)
    if (this.#what === 'delta') this.apply(document)
    else this.have(byName(isRecord(document) ? document['features'] : null))
  }
}

/** Reports that it ran, and what it asked. */
export class Reporter extends Asker {
  constructor(place: Place) {
    super('reports', place)
  }

  protected ask(): Promise<Answer | null> {
    const toggles = { steady: { yes: 1, no: 0, variants: {} } }
    const now = new Date().toISOString()
    const body = { appName: environment, instanceId: 'i', bucket: { start: now, stop: now, toggles } }
    return this.place.server.ask(this.path('metrics'), { method: 'POST', headers: this.headers, body })
  }

  protected take({ status, body }: Answer): void {
    if (status !== 202) this.faults.add(`a report was answered with ${status}: ${body}`)
  }
}

/** Asks with an instance ID that does not live. `mayBeRefused` says whether a 401 is right at the moment. */
export class Stranger extends Asker {
  readonly #mayBeRefused: () => boolean
  #asked = 0

  constructor(place: Place, mayBeRefused: () => boolean) {
    super('unknown', place)
    this.#mayBeRefused = mayBeRefused
  }

  /** A new one each time, so that no refusal that the server remembers answers it. */
  protected async ask(): Promise<Answer | null> {
    this.#asked += 1
    const mayBeRefused = this.#mayBeRefused()
    const headers = { ...this.headers, 'unleash-instanceid': `glffct-unknown${String(this.#asked).padStart(13, '0')}` }
    const answer = await this.place.server.ask(this.path('features'), { headers })
    if (answer?.status === 401 && !mayBeRefused && !this.#mayBeRefused())
      this.faults.add('401 while the store was away')
    return answer
  }

  protected take({ status, headers, body }: Answer): void {
    if (status === 503 && headers['retry-after'] === undefined) this.faults.add('503 without Retry-After')
    if (status !== 503 && status !== 401) this.faults.add(`${status}: ${body}`)
    if (body.includes('glffct-')) this.faults.add('an answer names an instance ID')
  }
}

/** Stays on a stream, and comes back with the id of the last event. */
export class Streamer extends SdkClient {
  readonly #place: Place
  #lastId: string | null = null

  constructor(place: Place) {
    super('stream')
    this.#place = place
  }

  protected async run(): Promise<void> {
    while (!this.isEnded) {
      await this.#listen()
      await sleep(this.#place.intervalMs, null, { signal: this.ended.signal }).catch(() => {}) // Ended meanwhile.
    }
  }

  #listen(): Promise<void> {
    const { server, project } = this.#place
    const since = this.#lastId === null ? {} : { 'last-event-id': this.#lastId }
    const headers = { 'unleash-instanceid': project.secret, 'unleash-appname': environment, ...since }
    const path = `/api/v4/feature_flags/unleash/${project.id}/client/streaming`
    return new Promise((resolve) => {
      const asked = request(
        { port: server.port, path, headers, agent: false, signal: this.ended.signal },
        (response) => {
          this.count(response.statusCode ?? 0)
          if (response.statusCode === 200) this.#read(response)
          else response.resume()
          response.on('close', resolve)
        },
      )
      asked.on('error', () => {
        if (!this.isEnded) this.count(0)
        resolve()
      })
      asked.end()
    })
  }

  #read(response: IncomingMessage): void {
    let text = ''
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) this.#take(event)
    })
  }

  #take(event: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(event)?.[1]
    const [id, type, data] = [field('id'), field('event'), field('data')]
    if (id !== undefined) {
      this.#lastId = id
      this.noteId(Number(id))
    }
    if (type?.startsWith('unleash-') === true && data !== undefined) this.apply(JSON.parse(data))
  }
}

/** Each client's counts under its kind, added up. */
export function countsOf(clients: readonly SdkClient[]): Readonly<Record<string, Counts>> {
  const sums: Record<string, Record<number, number>> = {}
  for (const { kind, counts } of clients) {
    const sum = sums[kind] ?? {}
    for (const [status, count] of Object.entries(counts)) sum[Number(status)] = (sum[Number(status)] ?? 0) + count
    sums[kind] = sum
  }
  return sums
}

function byName(features: unknown): Map<string, Flag> {
  if (!Array.isArray(features)) return new Map()
  return new Map(features.filter(isFlag).map((flag) => [flag.name, flag]))
}

function isFlag(value: unknown): value is Flag {
  return isRecord(value) && typeof value['name'] === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
