// Copies of the contents of projects, for the time in which the store is away: on disk, one file a project, and in Redis. Each says
// of which database, project, revision and nonce it is, so that a stale one is never taken for a new one. A newer one serves: the copy of
// the directory is written seconds after that of a content. An older one serves in the place of one revision only, where the process that
// kept it says so: it went on with it, because the store went away before that revision could be read. On disk it replaces the copy
// before; in Redis it stands beside the newest, which another process may be about to write. Neither is trusted: the mark, the size and
// the shape are checked. A copy holds flags and lists, and no instance ID.
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Cache } from '../../cache/cache.js'
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import { contentText, readContentText } from '../../project-flags/store/content-text.js'
import type { ListedProject } from '../../project-flags/directory.js'
import type { ProjectContent } from '../../project-flags/project.js'
import { type Sealer, seal, unseal } from '../../state/sealed.js'
import type { Clock } from '../../time/clock.js'
import { type DiskFiles, diskFiles, readFileAt, writeFileAt } from '../disk/file.js'
import { DiskTime } from '../disk/time.js'

export interface CopiesOptions {
  /** Null: none on disk. */
  readonly folder: string | null
  readonly cache: Cache | null
  /** Names the database for the copies in Redis; null while it is not known. */
  readonly identity: () => string | null
  readonly sealer: Sealer
  readonly clock: Clock
  readonly logger: Logger
  /** The file system; tests inject one that is sick. */
  readonly files?: DiskFiles
}

export interface FoundCopy {
  readonly content: ProjectContent
  readonly from: 'disk' | 'redis'
}

interface Unpacked {
  readonly content: ProjectContent
  /** Whether it is older than what was asked for, and serves in its place. */
  readonly isInPlace: boolean
}

const zip = promisify(gzip)
const unzip = promisify(gunzip)
/** An answer to SDKs has 5 MB at most; some kilobytes may claim to inflate to gigabytes. */
const largestText = 64 * 1024 * 1024

export class ContentCopies {
  readonly #options: CopiesOptions
  readonly #files: DiskFiles
  readonly #time: DiskTime
  /** By project, what waits to be written to disk: the newest replaces the one before. */
  readonly #waiting = new Map<number, Buffer | null>()
  readonly #keeping = new Set<Promise<void>>()
  /** By project, the number of the copy that was packed last. */
  readonly #packed = new Map<number, number>()
  #packs = 0
  #writing: Promise<void> | null = null
  #warning: string | null = null
  #closed = false

  constructor(options: CopiesOptions) {
    this.#options = options
    this.#files = options.files ?? diskFiles
    this.#time = new DiskTime(options.clock)
  }

  /**
   * The copy of that revision and nonce or of a later revision, otherwise one that serves in its place; the disk's before that in
   * Redis. Null for none. Never rejects.
   */
  async find(project: ListedProject): Promise<FoundCopy | null> {
    const onDisk = await this.#unpack(await this.#readDisk(project.id), project)
    if (onDisk?.isInPlace === false) return { content: onDisk.content, from: 'disk' }
    const shared = await this.#unpack(await this.#readCache(nameOf(project.id)), project)
    if (shared !== null) return { content: shared.content, from: 'redis' }
    if (onDisk !== null) return { content: onDisk.content, from: 'disk' }
    const inPlace = await this.#unpack(await this.#readCache(inPlaceNameOf(project.id)), project)
    return inPlace === null ? null : { content: inPlace.content, from: 'redis' }
  }

  /** Keeps content that the store has just given, soon. Never throws; does not wait. */
  keep(content: ProjectContent): void {
    const { cache, folder } = this.#options
    if (cache !== null || folder !== null) this.#begin(() => this.#keep(content))
  }

  /**
   * Keeps that this content serves in place of a newer one, named by its nonce, that could not be read before the store went away: a
   * process that is started meanwhile goes on with it. Never throws; does not wait.
   */
  keepInPlace(content: ProjectContent, nonce: string): void {
    const of = this.#options.identity()
    if (of !== null) this.#begin(() => this.#keepInPlace(content, of, nonce))
  }

  #begin(keep: () => Promise<void>): void {
    const { logger } = this.#options
    if (this.#closed) return
    const keeping = keep()
      .catch((error: unknown) => {
        logger.debug({ error: errorText(error) }, 'project flags: no copy was kept')
      })
      .finally(() => this.#keeping.delete(keeping))
    this.#keeping.add(keeping)
  }

  async #keep(content: ProjectContent): Promise<void> {
    const { cache, identity, folder } = this.#options
    const { id } = content.project
    const of = identity()
    const packed = await this.#packNext(content, of ?? '')
    if (packed === null) return
    if (folder !== null) this.#write(id, packed)
    if (cache !== null && of !== null) await cache.keep(of, nameOf(id), packed)
  }

  async #keepInPlace(content: ProjectContent, of: string, nonce: string): Promise<void> {
    const { cache, folder } = this.#options
    const { id, revision } = content.project
    const line = `${of} ${nonce}`
    if (folder !== null) {
      const packed = await this.#packNext(content, line)
      if (packed !== null) this.#write(id, packed)
    }
    if (cache === null) return
    // Another process may have read a newer one, which its SDKs were told.
    const newer = await this.#unpack(await this.#readCache(nameOf(id)), { id, revision, nonce })
    await cache.keep(of, inPlaceNameOf(id), await this.#pack(newer?.content ?? content, line))
  }

  /** Removes the file of a project that is gone. */
  forget(id: number): void {
    if (this.#options.folder === null || this.#closed) return
    this.#packed.set(id, ++this.#packs)
    this.#write(id, null)
  }

  /** The warning for `status()`; null while all is well. */
  warning(): string | null {
    return this.#warning
  }

  /** Waits for what is being written; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#keeping)
    await this.#writing
  }

  /** A line with the database, and the nonce of a newer content that this one serves for; then the content. */
  async #pack(content: ProjectContent, line: string): Promise<Buffer> {
    return zip(seal(this.#options.sealer, place, `${line}\n${contentText(content)}`), { level: 1 })
  }

  /** Packs beside others: null where a later copy of the project was done first, which this one must not replace. */
  async #packNext(content: ProjectContent, line: string): Promise<Buffer | null> {
    const { id } = content.project
    const number = ++this.#packs
    const packed = await this.#pack(content, line)
    if ((this.#packed.get(id) ?? 0) > number) return null
    this.#packed.set(id, number)
    return packed
  }

  /** Null for bytes of another database, of an earlier revision that does not serve, or of another content of this one. */
  async #unpack(
    packed: Buffer | null,
    asked: Pick<ListedProject, 'id' | 'revision' | 'nonce'>,
  ): Promise<Unpacked | null> {
    const { sealer, logger, identity } = this.#options
    const { id, revision, nonce } = asked
    if (packed === null) return null
    try {
      const text = unseal(sealer, place, (await unzip(packed, { maxOutputLength: largestText })).toString('utf8'))
      const end = text?.indexOf('\n') ?? -1
      if (text === null || end < 0) return null
      const of = identity() ?? ''
      const line = text.slice(0, end)
      if (line !== of && !line.startsWith(`${of} `)) return null
      const content = readContentText(text.slice(end + 1))
      if (content === null || content.project.id !== id) return null
      const { project } = content
      const isSame = project.revision === revision && project.nonce === nonce
      if (isSame || (of !== '' && project.revision > revision)) return { content, isInPlace: false }
      return of !== '' && line === `${of} ${nonce}` ? { content, isInPlace: true } : null
    } catch (error) {
      logger.debug({ project: id, error: errorText(error) }, 'project flags: a copy cannot be used')
      return null
    }
  }

  async #readCache(name: string): Promise<Buffer | null> {
    const { cache, identity } = this.#options
    const of = identity()
    return cache === null || of === null ? null : cache.kept(of, name)
  }

  async #readDisk(id: number): Promise<Buffer | null> {
    const { folder, logger } = this.#options
    if (folder === null) return null
    try {
      return (await this.#time.ask(() => readFileAt(this.#files, join(folder, nameOf(id)))))?.bytes ?? null
    } catch (error) {
      logger.debug({ project: id, error: errorText(error) }, 'project flags: a copy on disk cannot be read')
      return null
    }
  }

  #write(id: number, packed: Buffer | null): void {
    this.#waiting.set(id, packed)
    this.#writing ??= this.#writeAll()
  }

  /** One file after the other: a disk that hangs holds up one. A folder that cannot be written causes one warning. */
  async #writeAll(): Promise<void> {
    const { folder, logger } = this.#options
    for (const [id, packed] of this.#waiting) {
      this.#waiting.delete(id)
      try {
        const path = join(folder ?? '', nameOf(id))
        if (packed === null) await this.#time.ask(() => this.#files.rm(path, { force: true }))
        else await this.#time.ask(() => writeFileAt(this.#files, path, packed))
        this.#warning = null
      } catch (error) {
        const warning = `the flags of projects cannot be kept on disk: ${errorText(error)}`
        if (this.#warning === null) logger.warn({ folder }, `project flags: ${warning}`)
        this.#warning = warning
      }
    }
    this.#writing = null
  }
}

const nameOf = (id: number) => `project-${id}`
const inPlaceNameOf = (id: number) => `project-${id}-in-place`
/** The text names its database itself: a mark that is made without a secret does not. */
const place = { purpose: 'project', owner: 'content' } as const
