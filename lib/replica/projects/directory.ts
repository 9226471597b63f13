// Which projects there are, and who may read their flags. One look-up takes no store; what is not found waits for a question to it.
//
// An SDK that is refused once may stop asking for good. So nothing is refused on the word of this directory alone: an instance ID
// that it does not have waits for one question to the store, shared by all that wait, and at most one a second is asked. The waiting
// ends early where news brings the ID. Only what the store has just not had is refused, and the refusal holds for a second.
import { StoreUnavailable } from '../../errors.js'
import { instanceIdDigest, type ListedInstanceId, type ListedProject } from '../../project-flags/directory.js'
import type { Clock } from '../../time/clock.js'
import type { DirectoryChange, DirectoryReplica } from './content.js'
import { Refusals } from './refusals.js'

/** An instance ID that lives in a project. */
export interface Living {
  readonly project: ListedProject
  readonly instanceId: ListedInstanceId
}

/** The time between two questions about what the directory does not have. */
const askEveryMs = 1_000
/** An answer that takes longer is none: Postgres counts as away. */
const patienceMs = 2_500
/** How many digests are kept. */
const mostDigests = 10_000
/** More requests than these do not wait at the same time. */
const mostWaiting = 10_000

export class ProjectDirectory {
  readonly #replica: DirectoryReplica
  readonly #clock: Clock
  readonly #byPath = new Map<string, string>()
  readonly #refusals: Refusals
  readonly #digests = new Map<string, string>()
  readonly #waiting = new Set<() => void>()
  readonly #wanted = new Set<string>()
  #asking: Promise<void> | null = null
  #askedAtMs = Number.NEGATIVE_INFINITY
  #failedAtMs = Number.NEGATIVE_INFINITY

  constructor(replica: DirectoryReplica, clock: Clock) {
    this.#replica = replica
    this.#clock = clock
    this.#refusals = new Refusals(clock)
    replica.current.subscribe(({ changes }) => this.#take(changes))
  }

  /** By id, or by path without regard to case; null if the directory has no such project. */
  find(idOrPath: string): ListedProject | null {
    const isId = /^[1-9]\d{0,14}$/.test(idOrPath)
    const key = isId ? idOrPath : this.#byPath.get(idOrPath.toLowerCase())
    return key === undefined ? null : (this.#replica.snapshot.entries.get(key)?.project ?? null)
  }

  /** The first of the candidates that lives in that project, as far as the directory knows; null for none. */
  known(idOrPath: string, candidates: readonly string[]): Living | null {
    const project = this.find(idOrPath)
    if (project === null) return null
    for (const candidate of candidates) {
      const instanceId = project.instanceIds.get(this.#digestOf(candidate))
      if (instanceId !== undefined) return { project, instanceId }
    }
    return null
  }

  /** SDKs ask with the same text again and again; it is in the memory of this process alone, and for as long as they ask. */
  #digestOf(candidate: string): string {
    const known = this.#digests.get(candidate)
    if (known !== undefined) return known
    if (this.#digests.size >= mostDigests) this.#digests.clear()
    const digest = instanceIdDigest(candidate)
    this.#digests.set(candidate, digest)
    return digest
  }

  /**
   * The same after asking the store; null only if the store has just said that it has none. Throws StoreUnavailable if the store
   * cannot be asked.
   */
  async ask(idOrPath: string, candidates: readonly string[]): Promise<Living | null> {
    const now = this.known(idOrPath, candidates)
    if (now !== null || candidates.length === 0) return now
    const question = JSON.stringify([idOrPath, ...candidates.map(instanceIdDigest)])
    if (this.#refusals.has(question)) return null
    if (this.#waiting.size >= mostWaiting || this.#clock.now() - this.#failedAtMs < askEveryMs) throw away()
    const project = this.find(idOrPath)
    if (project !== null) this.#wanted.add(String(project.id))
    const answered = await this.#answer(() => this.known(idOrPath, candidates) !== null)
    const living = this.known(idOrPath, candidates)
    if (living !== null) return living
    if (!answered) throw away()
    this.#refusals.add(question)
    return null
  }

  /** After a write of this process: resolves when the directory has it, or cannot be read. Never rejects. */
  async wrote(id: number | null): Promise<void> {
    const names = id === null ? [] : [String(id)]
    await this.#replica.refreshNow({ position: undefined, names }).catch(() => {
      // The replica counts it, logs it and tries again.
    })
  }

  /** Calls the listener after each change of the directory. */
  subscribe(listener: (changes: readonly DirectoryChange[]) => void): void {
    this.#replica.current.subscribe(({ changes }) => {
      if (changes.length > 0) listener(changes)
    })
  }

  /** True as soon as the store has answered, or there is news that ends the waiting; false if the store cannot be asked. */
  #answer(isEnough: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (answered: boolean) => {
        late.cancel()
        this.#waiting.delete(look)
        resolve(answered)
      }
      const look = () => {
        if (isEnough()) end(true)
      }
      const late = this.#clock.deadline(patienceMs, () => end(false))
      this.#waiting.add(look)
      this.#question().then(
        () => end(true),
        () => end(false),
      )
    })
  }

  /** The next question to the store, which begins after this call. */
  #question(): Promise<void> {
    this.#asking ??= this.#inTurn().then(() => {
      this.#asking = null
      this.#askedAtMs = this.#clock.now()
      const wanted = [...this.#wanted]
      this.#wanted.clear()
      return this.#replica.look(wanted).catch((error: unknown) => {
        this.#failedAtMs = this.#clock.now()
        throw error
      })
    })
    return this.#asking
  }

  #inTurn(): Promise<void> {
    const waitMs = this.#askedAtMs + askEveryMs - this.#clock.now()
    if (waitMs <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#clock.after(waitMs, resolve)
    })
  }

  #take(changes: readonly DirectoryChange[]): void {
    for (const { name, before } of changes) {
      const path = before?.project.path.toLowerCase() ?? ''
      if (this.#byPath.get(path) === name) this.#byPath.delete(path)
    }
    for (const { name, after } of changes) if (after !== null) this.#byPath.set(after.project.path.toLowerCase(), name)
    for (const look of [...this.#waiting]) look()
  }
}

function away(): StoreUnavailable {
  return new StoreUnavailable('store_unavailable', {
    problem: 'whether this instance ID lives cannot be asked now',
    remedy: 'ask again soon',
  })
}
