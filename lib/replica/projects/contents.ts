// The flags of projects, each read at its first demand and kept under revision and nonce, under which content never changes: so
// nothing has to be invalidated. The directory says which revision is the newest one; a project whose flags are in use is read again
// as soon as the directory says that it has changed.
//
// Where the store is away, the copies on disk and in Redis serve, and are read again from the store when it is back; if they do not have
// the revision, the last one in memory serves, and is kept there in its place.
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import { contentText } from '../../project-flags/store/content-text.js'
import type { ListedProject } from '../../project-flags/directory.js'
import type { ProjectContent } from '../../project-flags/project.js'
import type { Clock, Timer } from '../../time/clock.js'
import { DeltaHistory } from '../../unleash/client-delta.js'
import { ClientAnswers } from '../../unleash/client-features.js'
import type { ContentCopies } from './content-copies.js'
import { ContentReader, type ReadContent } from './content-reader.js'
import type { DirectoryChange } from './content.js'
import { isOf, type Loaded, LoadedContents } from './loaded-contents.js'

/** Gives a project a new revision above that one, if its nonce is still the one that was seen. */
export type RenewRevision = (
  seen: Pick<ListedProject, 'id' | 'nonce'>,
  above: number,
  source: 'restore' | 'comparison',
) => Promise<void>

export interface ContentsOptions {
  readonly read: ReadContent
  readonly copies: ContentCopies
  readonly clock: Clock
  readonly logger: Logger
  /** Gives a project a new revision; null for a store that cannot. */
  readonly renew: RenewRevision | null
  /** How many bytes of content and answers are kept; default 256 MB. */
  readonly mostBytes?: number
  /** How often content in use is compared with the store's; default half an hour. */
  readonly compareIntervalMs?: number
}

const lookEveryMs = 60_000
const readAgainMs = 1_000
/** After a restore the content from before it serves so long, until the project has a revision above it. */
const newRevisionMs = 10_000
const passedBy =
  'project flags: the flags of a project were written with the triggers off or missing; they were found by comparing the content'

export class ProjectContents {
  readonly #options: ContentsOptions
  readonly #reader: ContentReader
  readonly #loaded: LoadedContents
  readonly #copying = new Map<string, Promise<Loaded | null>>()
  readonly #triedAtMs = new Map<number, number>()
  /** By project whose revision has fallen, how long it has for a new one. */
  readonly #fallenUntilMs = new Map<number, number>()
  #timer: Timer | null = null
  #closed = false

  constructor(options: ContentsOptions) {
    this.#options = options
    this.#reader = new ContentReader(options.read, options.clock)
    this.#loaded = new LoadedContents(options.mostBytes ?? 256 * 1024 * 1024)
    this.#lookLater()
  }

  /** What memory has of exactly the revision that the directory names; null if it has to be read first. */
  now(project: ListedProject): Loaded | null {
    const loaded = this.#loaded.use(project.id)
    if (loaded === null || !isOf(loaded, project)) return null
    if (loaded.from !== 'store') this.#readAgain(project)
    return loaded
  }

  /** The content of a project; null if the store says that it is gone. Throws StoreUnavailable if there is no copy of it either. */
  async get(project: ListedProject): Promise<Loaded | null> {
    const now = this.now(project)
    if (now !== null) return now
    try {
      return await this.#fromStore(project)
    } catch (error) {
      // Whatever keeps the store from giving it: an SDK is better served with a copy than refused.
      const copy = (await this.#fromCopies(project)) ?? this.#loaded.use(project.id)
      if (copy !== null) return copy
      throw error
    }
  }

  /** The revision of a project that SDKs were told here; 0 for none. It is above the directory's where the store was ahead of its news. */
  toldRevision(id: number): number {
    return this.#loaded.peek(id)?.content.project.revision ?? 0
  }

  /** The last revisions of a project, for SDKs that ask what has changed. */
  history(loaded: Loaded): DeltaHistory {
    loaded.history ??= new DeltaHistory(loaded.content)
    return loaded.history
  }

  /** Whether a project stays in memory, because a stream of it is open. */
  pin(id: number, isPinned: boolean): void {
    this.#loaded.pin(id, isPinned)
  }

  /** Notes that the answers of a content have grown. */
  grew(project: ListedProject): void {
    this.#loaded.recount(project.id, this.#reader.isAway)
  }

  /**
   * Reads the projects in use that have changed; forgets those that are gone. `fromStore`: the store has just told of the changes, so it
   * is not away.
   */
  follow(changes: readonly DirectoryChange[], fromStore: boolean): void {
    if (fromStore) {
      this.#reader.isBack()
      // A server whose SDKs read streams alone gets no poll that would ask for it.
      for (const { content, from, askedNonce } of this.#loaded.all()) {
        if (from !== 'store') this.#readAgain({ ...content.project, nonce: askedNonce, instanceIds: new Map() })
      }
    }
    for (const { before, after } of changes) {
      if (after === null) {
        if (before !== null) this.#forget(before.project.id)
      } else if (this.#loaded.has(after.project.id) && before?.project.nonce !== after.project.nonce) {
        this.#readSoon(after.project)
      }
    }
  }

  /** The warning for `status()`; null while all is well. */
  warning(): string | null {
    return this.#options.copies.warning()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#options.copies.close()
  }

  /** A question that was under way may have begun before the change: then a second one is asked. */
  async #fromStore(project: ListedProject): Promise<Loaded | null> {
    for (let tries = 0; ; tries++) {
      const content = await this.#reader.read(project.id)
      if (content === null) return null
      const { nonce, revision } = content.project
      if (nonce === project.nonce || revision > project.revision || tries > 0) return this.#take(content, project)
    }
  }

  #take(content: ProjectContent, project: ListedProject): Loaded {
    const { id, nonce } = content.project
    const known = this.#loaded.peek(id)
    // One answer of the store for two who asked: a change that is followed is what streams wait for, too.
    if (known !== null && known.content === content && known.askedNonce === project.nonce) return known
    if (known !== null && this.#getsNewRevision(content, known)) return known
    const text = contentText(content)
    const isSameRevision = known?.content.project.nonce === nonce
    const isSame = isSameRevision && contentText(known.content) === text
    if (isSameRevision && !isSame && known.from === 'store') this.#wasPassedBy(content)
    const kept = isSame ? known : { content, answers: new ClientAnswers(content) }
    const history = known?.history ?? null
    if (!isSame) history?.add(content)
    const readAtMs = this.#options.clock.now()
    const loaded: Loaded = {
      content: kept.content,
      answers: kept.answers,
      from: 'store',
      askedNonce: project.nonce,
      readAtMs,
      textLength: text.length,
      history,
    }
    if (this.#closed) return loaded
    this.#loaded.put(id, loaded, false)
    this.#options.copies.keep(content)
    return loaded
  }

  /** Whether the project has fallen to an older revision, and is about to get one above all that SDKs were told. */
  #getsNewRevision({ project: { id, revision, nonce } }: ProjectContent, known: Loaded): boolean {
    const told = known.content.project
    if (this.#options.renew === null || nonce === told.nonce || revision > told.revision) {
      this.#fallenUntilMs.delete(id)
      return false
    }
    const nowMs = this.#options.clock.now()
    const untilMs = this.#fallenUntilMs.get(id) ?? nowMs + newRevisionMs
    this.#fallenUntilMs.set(id, untilMs)
    return nowMs < untilMs
  }

  /** SDKs that ask what has changed since a revision hear of it only by a new one. */
  #wasPassedBy({ project }: ProjectContent): void {
    const { logger, renew } = this.#options
    logger.warn({ project: project.path }, passedBy)
    void renew?.(project, project.revision, 'comparison').catch((error: unknown) => {
      logger.debug({ error: errorText(error) }, 'project flags: the project got no new revision')
    })
  }

  /** One look for all who ask for one revision. */
  #fromCopies(project: ListedProject): Promise<Loaded | null> {
    const key = `${project.id} ${project.nonce}`
    const known = this.#copying.get(key)
    if (known !== undefined) return known
    const looking = this.#copy(project).finally(() => this.#copying.delete(key))
    this.#copying.set(key, looking)
    return looking
  }

  async #copy(project: ListedProject): Promise<Loaded | null> {
    const { copies, clock } = this.#options
    const before = this.#loaded.peek(project.id)
    const found = await copies.find(project)
    const known = this.#loaded.peek(project.id)
    if (found === null) return null
    // The store may have answered meanwhile.
    if (known !== null && known !== before) return known
    const { content, from } = found
    const { revision, nonce } = content.project
    // What is in memory goes on where a copy in place is older.
    if (known !== null && nonce !== project.nonce && revision < known.content.project.revision) return null
    const same = known?.content.project.nonce === nonce ? known : null
    const loaded: Loaded = {
      content: same?.content ?? content,
      answers: same?.answers ?? new ClientAnswers(content),
      from,
      askedNonce: project.nonce,
      readAtMs: clock.now(),
      textLength: contentText(content).length,
      history: same?.history ?? null,
    }
    this.#loaded.put(project.id, loaded, true)
    return loaded
  }

  /** In the background, once a second: what came from a copy is read again when the store is back. */
  #readAgain(project: ListedProject): void {
    const nowMs = this.#options.clock.now()
    if (nowMs - (this.#triedAtMs.get(project.id) ?? Number.NEGATIVE_INFINITY) < readAgainMs) return
    this.#triedAtMs.set(project.id, nowMs)
    this.#readSoon(project)
  }

  #readSoon(project: ListedProject): void {
    void this.#fromStore(project).then(
      () => this.#triedAtMs.delete(project.id),
      (error: unknown) => {
        // The next request for it tries again.
        this.#options.logger.debug({ error: errorText(error) }, 'project flags: the flags of a project were not read')
        return this.#goOn(project)
      },
    )
  }

  /**
   * A newer revision cannot be read. What this process has serves in its place, also after it is started again; but the copy of another
   * process that could read it is better. Never rejects.
   */
  async #goOn(project: ListedProject): Promise<void> {
    const { id, nonce, revision } = project
    const loaded = this.#loaded.peek(id)
    if (loaded === null || loaded.content.project.nonce === nonce || loaded.content.project.revision > revision) return
    if (loaded.askedNonce !== nonce) this.#options.copies.keepInPlace(loaded.content, nonce)
    await this.#fromCopies(project)
  }

  #forget(id: number): void {
    this.#loaded.delete(id)
    this.#triedAtMs.delete(id)
    this.#fallenUntilMs.delete(id)
    this.#options.copies.forget(id)
  }

  #lookLater(): void {
    const { clock } = this.#options
    this.#timer = clock.after(lookEveryMs * (0.8 + 0.4 * clock.random()), () => {
      void this.#compare().finally(() => {
        if (!this.#closed) this.#lookLater()
      })
    })
  }

  /** Writes past the triggers move neither revision nor nonce: what is in use is read again, one project after the other. */
  async #compare(): Promise<void> {
    const { clock, compareIntervalMs = 30 * 60_000, logger } = this.#options
    for (const { content, readAtMs, askedNonce } of this.#loaded.all()) {
      if (this.#closed || this.#reader.isAway) return
      if (clock.now() - readAtMs < compareIntervalMs) continue
      const { project } = content
      try {
        await this.#fromStore({ ...project, nonce: askedNonce, instanceIds: new Map() })
      } catch (error) {
        logger.debug({ error: errorText(error) }, 'project flags: the flags of a project were not compared')
        return
      }
    }
  }
}
