// The facts of files on disk, so that a second run parses only what changed. The key is the hash of a file's content with its ending,
// never its time: after a checkout in CI every file is new by its time. Beside them it has the stamps of files, which tell the hash without
// reading the content (file-stamps.ts). Whatever is wrong with the file, it is a miss, and where it cannot be written, the next run takes
// longer. What the file holds, and in which order it is read, is in cache-file.ts.
import { ownVersion } from '../../text/own-version.js'
import type { FileFacts } from '../facts.js'
import { factsIn, factsText } from '../facts-text.js'
import { dirname } from 'node:path'
import { type Kept, nothingKept, passed, readCacheFile, writeCacheFile } from './cache-file.js'
import { StampedDefinitions } from './definitions.js'
import { clockLagMs, type FileStamp, isSettled, type KeptStamp, keptStamp } from './file-stamps.js'

export { passed }

/** Grows whenever the same content would give other facts or another definition, or one of another shape; a release makes all anew. */
const factsVersion = 6

/** What is known of a content: its facts, or `passed`, where the prefilter passed it over. */
export type Known = FileFacts | typeof passed

const nothingAsked = { definitions: nothingKept.definitions, isSame: true }

export interface FactsCacheOptions {
  /** The settings that the facts depend on. */
  readonly settings: string
  /** The time before the first file is looked at, in milliseconds. */
  readonly atMs: number
  /** For tests: by how much the clock that stamps files in a folder is behind. */
  readonly lagMs?: (folder: string) => number
}

export class FactsCache {
  readonly #path: string | null
  readonly #key: string
  readonly #atMs: number
  readonly #lagMs: (folder: string) => number
  readonly #before: Kept
  /** What of the run before was asked for, by its place in the lists. */
  readonly #askedPaths: Uint8Array
  readonly #askedContents: Uint8Array
  /** Where the next path probably stands: paths are kept in the order in which they are asked for. */
  #nextPlace = 0
  #places: ReadonlyMap<string, number> | null = null
  #contents: ReadonlyMap<string, number> | null = null
  /** What came in this run: facts as text, or `passed`, by the hash. */
  readonly #now = new Map<string, string>()
  readonly #stamps = new Map<string, readonly [stamp: KeptStamp, hash: string]>()
  #fileTimeMs: number | null = null
  #definitions: { readonly settings: string; readonly known: StampedDefinitions } | null = null

  /** Null as the path: nothing is kept. */
  constructor(path: string | null, { settings, atMs, lagMs = clockLagMs }: FactsCacheOptions) {
    this.#path = path
    this.#key = JSON.stringify([ownVersion(), factsVersion, settings])
    this.#atMs = atMs
    this.#lagMs = lagMs
    this.#before = (path === null ? null : readCacheFile(path, this.#key, atMs)) ?? nothingKept
    this.#askedPaths = new Uint8Array(this.#before.paths.length)
    this.#askedContents = new Uint8Array(this.#before.contentCount)
  }

  get(hash: string): Known | undefined {
    this.#contents ??= new Map(this.#before.hashes().map((one, content) => [one, content]))
    const content = this.#contents.get(hash)
    if (content !== undefined) return this.#kept(content)
    const text = this.#now.get(hash)
    return text === undefined || text === passed ? text : factsIn(text)
  }

  /** Keeps the facts of a content as `factsText` gives them, or `passed`. */
  set(hash: string, facts: string): void {
    this.#now.set(hash, facts)
  }

  /** What is known of the file's content, where it has the stamp that it had then. */
  getUnchanged(path: string, stamp: FileStamp): Known | undefined {
    const place = this.#placeOf(path)
    if (place === undefined || !this.#before.hasStamp(place, stamp)) return undefined
    this.#askedPaths[place] = 1
    return this.#kept(this.#before.contentOf(place))
  }

  /** The hash of a content that `getUnchanged` knew. */
  hashOf(path: string): string | undefined {
    const place = this.#placeOf(path)
    if (place === undefined || this.#askedPaths[place] !== 1) return undefined
    return this.#before.hashes()[this.#before.contentOf(place)]
  }

  /** Keeps the stamp of a file whose content has this hash, where a later change would give it another one. */
  setStamp(path: string, stamp: FileStamp, hash: string): void {
    if (this.#isSettled(stamp)) this.#stamps.set(path, [keptStamp(stamp), hash])
  }

  /** The definitions that were read with these settings. */
  definitions(settings: string): StampedDefinitions {
    const { definitions, definitionSettings } = this.#before
    const before = definitionSettings === settings ? definitions : nothingKept.definitions
    const known = new StampedDefinitions(before, (stamp) => this.#isSettled(stamp))
    this.#definitions = { settings, known }
    return known
  }

  /** Writes what was asked for or set; the rest belongs to files that are no longer there. */
  save(): void {
    const { definitions, isSame: hasSameDefinitions } = this.#definitions?.known.kept() ?? nothingAsked
    const isSame = this.#now.size === 0 && this.#stamps.size === 0 && hasSameDefinitions
    const asksAll = !this.#askedPaths.includes(0) && !this.#askedContents.includes(0)
    if (this.#path === null || (isSame && asksAll)) return
    const { paths, stampOf, contentOf, factsOf } = this.#before
    const hashes = this.#before.hashes()
    const facts = new Map<string, string>()
    for (const [content, hash] of hashes.entries()) {
      const known = factsOf(content)
      if (this.#askedContents[content] === 1) facts.set(hash, known === passed ? passed : factsText(known))
    }
    for (const [hash, text] of this.#now) facts.set(hash, text)
    const stamps = new Map(this.#stamps)
    for (const [place, path] of paths.entries()) {
      const hash = hashes[contentOf(place)]
      if (this.#askedPaths[place] === 1 && hash !== undefined) stamps.set(path, [stampOf(place), hash])
    }
    const definitionSettings = this.#definitions?.settings ?? ''
    writeCacheFile(this.#path, {
      key: this.#key,
      atMs: this.#atMs,
      facts,
      stamps,
      definitions,
      definitionSettings,
    })
  }

  #isSettled(stamp: FileStamp): boolean {
    // Asked for only where something was read: otherwise nothing is written.
    this.#fileTimeMs ??= this.#atMs - (this.#path === null ? 0 : this.#lagMs(dirname(this.#path)))
    return isSettled(stamp, this.#fileTimeMs)
  }

  #placeOf(path: string): number | undefined {
    if (this.#before.paths[this.#nextPlace] === path) {
      this.#nextPlace += 1
      return this.#nextPlace - 1
    }
    this.#places ??= new Map(this.#before.paths.map((one, place) => [one, place]))
    const place = this.#places.get(path)
    if (place !== undefined) this.#nextPlace = place + 1
    return place
  }

  #kept(content: number): Known {
    this.#askedContents[content] = 1
    return this.#before.factsOf(content)
  }
}
