// Keeps the disk's copy: at most one write at a time and one a second, always of the newest snapshot that Postgres has
// confirmed. After each poll it checks whether the file still exists and has the right content. It does one thing with the disk
// at a time, and waits for no file system longer than the time limit (time.ts).
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Sealer } from '../../state/sealed.js'
import { type StoredFeature, samePosition } from '../../state/state.js'
import { atMost, type Clock, type Timer } from '../../time/clock.js'
import { assertOwn, type DiskState, packDisk, unpackDisk } from './disk.js'
import { type DiskFiles, diskFiles, printOf, readFileAt, removeLeftovers, writeFileAt } from './file.js'
import { holdsContent, type KnownFile, Replacing, relationOf, type RowSnapshot } from './known.js'
import { DiskTime, diskLimitMs, NoAnswer } from './time.js'
import type { Entry } from '../content.js'
import { type SnapshotCopy, storedItems } from '../snapshot.js'

export interface DiskCopyOptions {
  readonly path: string
  /** Names the place of the database: a file of another address is refused. */
  readonly address: string
  readonly sealer: Sealer
  readonly clock: Clock
  readonly logger: Logger
  /** The file system; tests inject one that is sick. */
  readonly files?: DiskFiles
}

const spacingMs = 1_000
/** After a failed write, the pause before the next one doubles each time, up to this. */
const longestPauseMs = 60_000

export class DiskCopy implements SnapshotCopy<StoredFeature, Entry<StoredFeature>> {
  readonly #options: DiskCopyOptions
  readonly #files: DiskFiles
  readonly #time: DiskTime
  readonly #replacing = new Replacing()
  #known: KnownFile | null = null
  #waiting: RowSnapshot | null = null
  #toKeep: RowSnapshot | null = null
  #timer: Timer | null = null
  #busy: Promise<void> | null = null
  #failures = 0
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #warning: string | null = null
  #isTidy = false
  #closing: Promise<void> | null = null

  constructor(options: DiskCopyOptions) {
    this.#options = options
    this.#files = options.files ?? diskFiles
    this.#time = new DiskTime(options.clock)
  }

  /**
   * The stored state of this database (null: it is not known which one that is). Null without a file, and (with one warning)
   * for a file that cannot be used. Never rejects.
   */
  async load(identity: string | null): Promise<DiskState | null> {
    const { path, address, clock, logger } = this.#options
    try {
      const file = await this.#time.ask(() => readFileAt(this.#files, path))
      if (file === null) return null
      const found = { print: file.print, isOwn: false, sinceMs: clock.now() }
      this.#known = { ...found, content: null }
      const state = await unpackDisk(file.bytes, this.#options)
      this.#known = { ...found, content: { ...contentOf(state), same: 'unread' } }
      assertOwn(state, { address, identity })
      return state
    } catch (error) {
      logger.warn({ path, error: errorText(error) }, 'feature flags: the snapshot on disk cannot be used')
      return null
    }
  }

  /** Writes the snapshot, which Postgres has confirmed, soon. */
  save(snapshot: RowSnapshot): void {
    this.#waiting = snapshot
    this.#arm()
  }

  /**
   * Writes the snapshot, which Postgres has confirmed, soon if the file is gone, cannot be used, or holds older or other
   * content. Keeps a file that another process wrote and that is ahead. Call it after each poll: it costs one look at the file
   * if nothing has changed.
   */
  keep(snapshot: RowSnapshot): void {
    if (this.#closing !== null) return
    if (this.#waiting !== null) this.#waiting = snapshot
    else if (this.#busy !== null) this.#toKeep = snapshot
    else this.#work(this.#check(snapshot))
  }

  /** Whether the disk is in use. */
  get isBusy(): boolean {
    return this.#busy !== null
  }

  warning(): string | null {
    return this.#warning
  }

  /** Writes the waiting snapshot, within the time limit of the file system; safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= atMost(this.#options.clock, diskLimitMs, this.#finish())
    return this.#closing
  }

  async #finish(): Promise<void> {
    this.#timer?.cancel()
    await this.#busy
    const snapshot = this.#waiting
    this.#waiting = null
    if (snapshot !== null) await this.#write(snapshot)
  }

  #arm(): void {
    const { clock } = this.#options
    if (this.#closing !== null || this.#waiting === null || this.#timer !== null) return
    this.#timer = clock.after(Math.max(spacingMs, this.#notBeforeMs - clock.now()), () => {
      this.#timer = null
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#busy !== null || this.#waiting === null) return
    const snapshot = this.#waiting
    this.#waiting = null
    this.#work(this.#write(snapshot))
  }

  /** Continues with the snapshots that came during the work. */
  #work(work: Promise<void>): void {
    this.#busy = work.then(() => {
      this.#busy = null
      const snapshot = this.#toKeep
      this.#toKeep = null
      if (snapshot !== null) this.keep(snapshot)
      this.#arm()
    })
  }

  /** A folder that cannot be written causes one warning, not one for each write. */
  async #write(snapshot: RowSnapshot): Promise<void> {
    const { path, address, sealer, clock } = this.#options
    const { position, identity } = snapshot
    const items = storedItems(snapshot)
    try {
      const state = { address, identity, position, digest: null, inRecovery: false, items }
      const packed = await packDisk(state, sealer)
      const print = await this.#time.ask(() => writeFileAt(this.#files, path, packed))
      const content = { ...contentOf(state), same: snapshot }
      this.#known = { print, content, isOwn: true, sinceMs: clock.now() }
      this.#well()
      await this.#tidyUp()
    } catch (error) {
      this.#failed(errorText(error))
      this.#failures += 1
      this.#notBeforeMs = clock.now() + Math.min(spacingMs * 2 ** this.#failures, longestPauseMs)
      this.#waiting ??= snapshot
    }
  }

  /** Never rejects. */
  async #check(snapshot: RowSnapshot): Promise<void> {
    const { path, address, clock } = this.#options
    try {
      const print = await this.#time.ask(() => printOf(this.#files, path))
      if (print === null) this.#known = null
      else if (print !== this.#known?.print || relationOf(this.#known, snapshot, address) === 'unread') {
        this.#known = await this.#read(print, snapshot)
      }
    } catch (error) {
      // Also if something other than a file is at the path; a write would find that too.
      this.#failed(errorText(error))
      return
    }
    const known = this.#known
    const relation = known === null ? 'missing' : relationOf(known, snapshot, address)
    if (this.#replacing.allows(relation, known, clock.now())) this.#waiting ??= snapshot
    else if (relation === 'foreign' || relation === 'unusable') this.#failed(sharedPath)
    else this.#well()
  }

  /**
   * The content of the file, compared with the snapshot; null if the file is gone. Throws if the file system does not answer.
   */
  async #read(print: string, snapshot: RowSnapshot): Promise<KnownFile | null> {
    const { path, clock } = this.#options
    const found = { print, content: null, isOwn: false, sinceMs: clock.now() }
    try {
      const file = await this.#time.ask(() => readFileAt(this.#files, path))
      if (file === null) return null
      const state = await unpackDisk(file.bytes, this.#options)
      const same = samePosition(state.position, snapshot.position) ? await holdsContent(state, snapshot) : null
      const content = { ...contentOf(state), same: same === null ? 'unread' : same ? snapshot : null } as const
      return { ...found, print: file.print, content }
    } catch (error) {
      if (error instanceof NoAnswer) throw error
      return found
    }
  }

  /** Once is enough: if a process is killed in a write, its next start does this again. */
  async #tidyUp(): Promise<void> {
    if (this.#isTidy) return
    this.#isTidy = true
    const { path, logger } = this.#options
    await this.#time
      .ask(() => removeLeftovers(this.#files, path))
      .catch((error: unknown) => {
        // Another process may be removing them too; the files are small, and the next process that starts finds them again.
        logger.debug({ path, error: errorText(error) }, 'feature flags: temporary files beside the snapshot stay')
      })
  }

  #well(): void {
    this.#warning = null
    this.#failures = 0
    this.#notBeforeMs = Number.NEGATIVE_INFINITY
  }

  #failed(why: string): void {
    const { path, logger } = this.#options
    const warning = `the snapshot cannot be kept on disk: ${why}`
    if (this.#warning === null) logger.warn({ path }, `feature flags: ${warning}`)
    this.#warning = warning
  }
}

const sharedPath = 'another process keeps something else there; give each installation its own diskFile, or namespace'

function contentOf({ address, identity, position }: DiskState) {
  return { address, identity, position }
}
