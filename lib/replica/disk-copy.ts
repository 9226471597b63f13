// Keeps the disk's copy up to date: at most one write at a time and one a second, always of the newest snapshot.
import { errorText } from '../errors.js'
import type { Logger } from '../log.js'
import type { Clock, Timer } from './clock.js'
import { type DiskState, readDisk, removeLeftovers, writeDisk } from './disk.js'
import { type Snapshot, storedFeatures } from './snapshot.js'

export interface DiskCopyOptions {
  readonly path: string
  readonly namespace: string
  readonly clock: Clock
  readonly logger: Logger
}

const spacingMs = 1_000

export class DiskCopy {
  readonly #options: DiskCopyOptions
  #waiting: Snapshot | null = null
  #timer: Timer | null = null
  #writing: Promise<void> | null = null
  #warning: string | null = null
  #isTidy = false

  constructor(options: DiskCopyOptions) {
    this.#options = options
  }

  /** The stored state, or null: without a file, and (with one warning) for a file that cannot be used. Never rejects. */
  async load(): Promise<DiskState | null> {
    const { path, namespace, logger } = this.#options
    try {
      return await readDisk(path, namespace)
    } catch (error) {
      logger.warn({ path, error: errorText(error) }, 'feature flags: the snapshot on disk cannot be used')
      return null
    }
  }

  /** Writes the snapshot soon. */
  save(snapshot: Snapshot): void {
    this.#waiting = snapshot
    this.#timer ??= this.#options.clock.after(spacingMs, () => this.#flush())
  }

  warning(): string | null {
    return this.#warning
  }

  /** Writes what is waiting; safe to call twice. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    await this.#writing
    this.#flush()
    await this.#writing
  }

  #flush(): void {
    this.#timer = null
    if (this.#writing !== null || this.#waiting === null) return
    const snapshot = this.#waiting
    this.#waiting = null
    this.#writing = this.#write(snapshot).finally(() => {
      this.#writing = null
      if (this.#waiting !== null) this.save(this.#waiting)
    })
  }

  /** A folder that cannot be written is one warning, not one a write. */
  async #write(snapshot: Snapshot): Promise<void> {
    const { path, namespace, logger } = this.#options
    const { position, databaseId } = snapshot
    try {
      await writeDisk(path, { namespace, position, databaseId, inRecovery: false, features: storedFeatures(snapshot) })
      this.#warning = null
      await this.#tidyUp()
    } catch (error) {
      const warning = `the snapshot cannot be kept on disk: ${errorText(error)}`
      if (this.#warning === null) logger.warn({ path }, `feature flags: ${warning}`)
      this.#warning = warning
    }
  }

  /** Once is enough: who is killed in a write starts again. */
  async #tidyUp(): Promise<void> {
    if (this.#isTidy) return
    this.#isTidy = true
    const { path, logger } = this.#options
    await removeLeftovers(path).catch((error: unknown) => {
      // Another process may be at it too; the files are small, and are found again by the next that starts.
      logger.debug({ path, error: errorText(error) }, 'feature flags: temporary files beside the snapshot stay')
    })
  }
}
