// The facts of the files: from the cache, or by a parse. A file that is as it was is not read. What reads and parses the others is imported
// only where there are others.
import { type Known, passed } from './cache/cache.js'
import { stampOf } from './cache/file-stamps.js'
import type { FileFacts } from './facts.js'
import type { ChangedFile, ChangedFiles } from './read-changed.js'
import { largestBytes, type ReadOptions } from './cache/read-options.js'

export class FactsReader {
  readonly facts = new Map<string, FileFacts>()
  /** Files that could not be read, with the reason. */
  readonly unread: { readonly path: string; readonly reason: string }[] = []
  /** Files that are larger than is parsed. */
  readonly large: string[] = []
  readonly #options: ReadOptions
  #changed: ChangedFiles | null = null

  constructor(options: ReadOptions) {
    this.#options = options
  }

  /** Reads all files. Throws ConfigurationError where the parser is needed and missing. */
  async readAll(paths: readonly string[]): Promise<void> {
    const { root, cache } = this.#options
    const others: ChangedFile[] = []
    for (const path of paths) {
      // Before the content is read: a change after that gives the file another stamp than the one that is kept.
      const stamp = stampOf(`${root}/${path}`)
      const known = stamp === null ? undefined : cache.getUnchanged(path, stamp)
      if (stamp === null || known === undefined) others.push({ path, stamp })
      else this.#take(path, known, stamp.size)
    }
    if (others.length === 0) return
    const changed = await this.#reader()
    for (const { path, known, sizeBytes } of await changed.readAll(others)) this.#take(path, known, sizeBytes)
    this.unread.push(...changed.unread)
  }

  /** Parses files that were passed over, because others import from them; they ask nothing themselves. */
  async readExports(paths: readonly string[]): Promise<void> {
    const { cache } = this.#options
    const missing = paths.filter((path) => {
      const key = this.#keyOfExports(path)
      const known = key === null ? undefined : cache.get(key)
      if (known !== undefined && known !== passed) this.facts.set(path, known)
      return !this.facts.has(path)
    })
    if (missing.length === 0) return
    const changed = await this.#reader()
    for (const [path, facts] of await changed.readExports(missing, (one) => this.#keyOfExports(one)))
      this.facts.set(path, facts)
  }

  #take(path: string, known: Known, sizeBytes: number): void {
    if (sizeBytes > largestBytes) this.large.push(path)
    if (known !== passed) this.facts.set(path, known)
  }

  async #reader(): Promise<ChangedFiles> {
    const { ChangedFiles } = await import('./read-changed.js')
    this.#changed ??= new ChangedFiles(this.#options)
    return this.#changed
  }

  /** Null where the content could not be read. */
  #keyOfExports(path: string): string | null {
    const hash = this.#changed?.hashes.get(path) ?? this.#options.cache.hashOf(path)
    return hash === undefined ? null : `${hash}:exports`
  }
}
