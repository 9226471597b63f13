// The projects as a server has them: the directory, which is a replica of its own with its own position, and the contents that are in
// use. Only a process that serves SDKs has it.
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { ListedProject } from '../../project-flags/directory.js'
import { Replica, type ReplicaOptions, type ReplicaStatus } from '../replica.js'
import type { StoredFeature } from '../../state/state.js'
import type { Clock } from '../../time/clock.js'
import { ContentCopies, type CopiesOptions } from './content-copies.js'
import type { ReadContent } from './content-reader.js'
import { type DirectoryChange, type DirectoryEntry, directoryContent, type DirectoryReplica } from './content.js'
import { ProjectContents, type RenewRevision } from './contents.js'
import { ProjectDirectory } from './directory.js'

export interface ServedOptions extends Omit<ReplicaOptions<StoredFeature, DirectoryEntry>, 'content'> {
  readonly read: ReadContent
  readonly copies: Pick<CopiesOptions, 'folder' | 'sealer'>
  /** Gives a project a new revision; null for a store that cannot. */
  readonly renew: RenewRevision | null
  readonly mostBytes?: number
}

const firstPauseMs = 1_000
const longestPauseMs = 60_000

export class ServedProjects {
  readonly directory: ProjectDirectory
  readonly contents: ProjectContents
  readonly #replica: DirectoryReplica
  readonly #renew: ServedOptions['renew']
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #cache: ServedOptions['cache']
  #closed = false

  constructor(options: ServedOptions) {
    const { clock, cache, copies, read, mostBytes } = options
    const logger = renamed(options.logger)
    const replica = new Replica({ ...options, content: directoryContent, logger })
    const identity = () => replica.snapshot.identity
    this.#replica = replica
    this.#renew = options.renew
    this.#logger = logger
    this.#clock = clock
    this.#cache = cache
    this.contents = new ProjectContents({
      read,
      copies: new ContentCopies({ ...copies, cache, identity, clock, logger }),
      clock,
      logger,
      renew: options.renew,
      ...(mostBytes === undefined ? {} : { mostBytes }),
    })
    this.directory = new ProjectDirectory(replica, clock)
    replica.current.subscribe(({ snapshot, changes }) => {
      this.contents.follow(changes, snapshot.source === 'postgres')
      this.#followRestore(changes)
    })
  }

  /** Resolves when there is a first directory: the store's or, while it is away, a copy's, or an empty one. Never rejects. */
  start(): Promise<void> {
    return this.#replica.start()
  }

  status(): ReplicaStatus {
    const status = this.#replica.status()
    const warnings = [...status.warnings, this.contents.warning()].filter((warning) => warning !== null)
    return { ...status, warnings: warnings.map((warning) => `project flags: ${warning}`) }
  }

  /** Ends timers and connections and writes the copies; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#replica.close()
    await this.contents.close()
    await this.#cache?.close()
  }

  /**
   * SDKs that were told a revision take no lower one: after a restore each project that this process knew at a higher one gets a new
   * revision at once, from whichever process is first.
   */
  #followRestore(changes: readonly DirectoryChange[]): void {
    for (const { before, after } of changes) {
      if (before === null || after === null || !hasFallen(before.project, after.project)) continue
      const told = this.contents.toldRevision(after.project.id)
      this.#renewFallen(after.project, Math.max(before.project.revision, told), 0)
    }
  }

  /** Tries again, with longer pauses, until the project has another revision: the store of a restore may be away for a while. */
  #renewFallen(fallen: ListedProject, above: number, tries: number): void {
    const { id, path, nonce } = fallen
    void this.#renew?.(fallen, above, 'restore').then(
      () => this.directory.wrote(id),
      (error: unknown) => {
        const message = 'project flags: a project went back to an older revision, and could not get a new one'
        if (tries === 0) this.#logger.warn({ project: path, error: errorText(error) }, message)
        this.#clock.after(Math.min(firstPauseMs * 2 ** tries, longestPauseMs), () => {
          const isStillFallen = !this.#closed && this.directory.find(String(id))?.nonce === nonce
          if (isStillFallen) this.#renewFallen(fallen, above, tries + 1)
        })
      },
    )
  }
}

/** After a restore and a write at once a revision may be the same again, with other flags. */
function hasFallen(before: ListedProject, after: ListedProject): boolean {
  return after.nonce !== before.nonce && after.revision <= before.revision
}

/** The replica speaks of flags in its messages: here they are of projects. */
function renamed(logger: Logger): Logger {
  const rename = (message: string) => message.replace(/^feature flags: /, 'project flags: ')
  return {
    debug: (fields, message) => logger.debug(fields, rename(message)),
    info: (fields, message) => logger.info(fields, rename(message)),
    warn: (fields, message) => logger.warn(fields, rename(message)),
    error: (fields, message) => logger.error(fields, rename(message)),
  }
}
