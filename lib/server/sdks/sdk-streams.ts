// The streams of SDKs: each hears of a change of its project within milliseconds. What an SDK is told is made once for all of its
// environment (lib/unleash/client-delta.ts).
//
// A stream: opened → (changes, comments) → ended by this server: told to poll, because the switch is off, its instance ID is retired, or the
// server ends; or by the client. A client that ends it after a minute in which comments were sent has not heard them: a gateway in between
// holds the stream back. Its next stream is refused, so that it polls.
import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import { instanceIdDigest, type ListedProject } from '../../project-flags/directory.js'
import type { DirectoryChange } from '../../replica/projects/content.js'
import { isOf, type Loaded } from '../../replica/projects/loaded-contents.js'
import type { ServedProjects } from '../../replica/projects/served-projects.js'
import type { DeltaHistory } from '../../unleash/client-delta.js'
import { eventBytes, OpenStreams, type OpenStream } from '../streams/open-streams.js'
import type { StreamPlaces } from '../streams/places.js'
import type { SdkCaller } from './sdk-access.js'

export interface SdkStreamsOptions {
  readonly served: ServedProjects
  readonly logger: Logger
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
  readonly mostStreams: number
  readonly places: StreamPlaces
}

interface Stream {
  readonly project: number
  readonly instanceId: number
  readonly environment: string
  readonly open: OpenStream
  revision: number
}

export interface StreamRequest {
  readonly caller: SdkCaller
  readonly loaded: Loaded
  /** The revision that the SDK has; null for none. */
  readonly revision: number | null
  /** Names the process of the SDK; empty if it does not. It is a secret too. */
  readonly connectionId: string
}

const retryMs = 2_000
const toldInATurn = 250
/** When a client that hears nothing ends its stream, as Unleash's Node SDK does. */
const deafMs = { from: 55_000, to: 75_000 } as const
const mostDeaf = 10_000
const toPolling = Buffer.from('event: fetch-mode\ndata: polling\n\n')

export class SdkStreams {
  readonly #options: SdkStreamsOptions
  readonly #byProject = new Map<number, Set<Stream>>()
  readonly #deaf = new Set<string>()
  readonly #retries = new Map<number, NodeJS.Timeout>()
  /** By project, which change is being told. */
  readonly #telling = new Map<number, object>()
  readonly #open: OpenStreams

  constructor(options: SdkStreamsOptions) {
    this.#options = options
    this.#open = new OpenStreams(options.places)
    options.served.directory.subscribe((changes) => this.#follow(changes))
  }

  /** Whether the SDK gets a stream; otherwise it has to poll. */
  takes({ project }: SdkCaller, connectionId: string): boolean {
    if (!project.streaming || !this.#open.hasPlace(this.#options.mostStreams)) return false
    return !this.#deaf.delete(digestOf(connectionId))
  }

  /** Begins a stream. */
  open({ caller, loaded, revision, connectionId }: StreamRequest, response: ServerResponse): void {
    const { project, instanceId, environment } = caller
    const deaf = digestOf(connectionId)
    const history = this.#options.served.contents.history(loaded)
    const { elapsed } = this.#options
    const startedAtMs = elapsed()
    const open = this.#open.open(response, (isGone) => {
      this.#drop(stream)
      if (isGone) this.#noteGone(elapsed() - startedAtMs, deaf)
    })
    const stream: Stream = {
      project: project.id,
      instanceId: instanceId.id,
      environment,
      open,
      revision: history.revision,
    }
    this.#add(stream)
    const since = revision === null ? undefined : history.since(environment, revision)
    const document = since === undefined ? history.hydration(environment) : (since ?? '{"events":[]}')
    open.write(eventBytes('unleash-connected', history.revision, document))
    if (!isCurrent(loaded, project)) this.#updateLater(project.id)
  }

  /** Ends all; safe to call twice. */
  close(): void {
    for (const retry of this.#retries.values()) clearTimeout(retry)
    this.#open.close()
  }

  #follow(changes: readonly DirectoryChange[]): void {
    for (const { before, after } of changes) {
      const streams = this.#byProject.get((after ?? before)?.project.id ?? 0)
      if (streams === undefined) continue
      const living = new Set([...(after?.project.instanceIds.values() ?? [])].map(({ id }) => id))
      const isOn = after?.project.streaming === true
      for (const stream of streams) if (!isOn || !living.has(stream.instanceId)) this.#end(stream, toPolling)
      if (after !== null && streams.size > 0) void this.#update(after.project)
    }
  }

  /** Tells all streams of a project what has changed for each. Never rejects. */
  async #update(project: ListedProject): Promise<void> {
    const { contents } = this.#options.served
    clearTimeout(this.#retries.get(project.id))
    this.#retries.delete(project.id)
    try {
      const loaded = await contents.get(project)
      if (loaded !== null) await this.#tell(project.id, contents.history(loaded))
      if (loaded === null || isCurrent(loaded, project)) return
    } catch (error) {
      this.#options.logger.debug({ project: project.id, error: errorText(error) }, 'http: streams wait for the store')
    }
    this.#updateLater(project.id)
  }

  /** The directory tells of a change once: what could not be read then is read again without it. */
  #updateLater(id: number): void {
    if (this.#open.isClosed || !this.#byProject.has(id) || this.#retries.has(id)) return
    const retry = setTimeout(() => {
      const now = this.#options.served.directory.find(String(id))
      this.#retries.delete(id)
      if (now !== null) void this.#update(now)
    }, retryMs)
    this.#retries.set(id, retry.unref())
  }

  /** In turns, between which other requests are answered: to write to thousands of streams takes a tenth of a second. */
  async #tell(project: number, history: DeltaHistory): Promise<void> {
    const made = new Map<string, Buffer | null>()
    const telling = {}
    this.#telling.set(project, telling)
    let { revision } = history
    let told = 0
    for (const stream of inOrder(this.#byProject.get(project) ?? [])) {
      // The flags may have changed between two turns, and are told as they are now.
      if (revision !== history.revision) made.clear()
      revision = history.revision
      if (stream.revision === revision || stream.open.isEnded) continue
      const key = `${stream.revision} ${stream.environment}`
      const event = made.get(key) ?? updateOf(history, stream)
      made.set(key, event)
      stream.revision = revision
      if (event === null) continue
      stream.open.write(event)
      told += 1
      if (told % toldInATurn > 0) continue
      await nextTurn()
      // The next change is told to all, also to those that this one has not reached.
      if (this.#telling.get(project) !== telling) return
    }
  }

  #end(stream: Stream, last: Buffer): void {
    this.#drop(stream)
    stream.open.end(last)
  }

  #add(stream: Stream): void {
    const streams = this.#byProject.get(stream.project) ?? new Set()
    streams.add(stream)
    this.#byProject.set(stream.project, streams)
    this.#options.served.contents.pin(stream.project, true)
  }

  #noteGone(livedMs: number, deaf: string): void {
    if (deaf === '' || livedMs < deafMs.from || livedMs > deafMs.to) return
    for (const oldest of this.#deaf) {
      if (this.#deaf.size < mostDeaf) break
      this.#deaf.delete(oldest)
    }
    this.#deaf.add(deaf)
  }

  #drop(stream: Stream): void {
    const streams = this.#byProject.get(stream.project)
    if (streams?.delete(stream) !== true || streams.size > 0) return
    this.#byProject.delete(stream.project)
    this.#telling.delete(stream.project)
    this.#options.served.contents.pin(stream.project, false)
  }
}

/** Those that have taken all that they were sent before the others: what waits for a slow reader may be large, and delays none of them. */
function inOrder(streams: Iterable<Stream>): readonly Stream[] {
  const [ready, behind]: [Stream[], Stream[]] = [[], []]
  for (const stream of streams) (stream.open.isBehind ? behind : ready).push(stream)
  return [...ready, ...behind]
}

/** Whether no newer flags are to be expected without a change of the directory. */
function isCurrent(loaded: Loaded, project: ListedProject): boolean {
  return loaded.from === 'store' && isOf(loaded, project)
}

function digestOf(connectionId: string): string {
  return connectionId === '' ? '' : instanceIdDigest(connectionId)
}

function updateOf(history: DeltaHistory, { environment, revision }: Stream): Buffer | null {
  const since = history.since(environment, revision)
  if (since === null) return null
  return eventBytes('unleash-updated', history.revision, since ?? history.hydration(environment))
}
