// Reads the files and gives the facts of each: from the cache, or by a parse. A file that is as it was is not read. The parser is imported
// only where there is something to parse.
import { hash as hashOnce } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { extname } from 'node:path'
import { type FactsCache, passed } from './cache/cache.js'
import { type FileFacts, noFacts } from './facts.js'
import { factsIn, factsText } from './facts-text.js'
import { type FileStamp, isSettled, stampOf } from './cache/file-stamps.js'
import { reasonOf } from './files.js'
import { ParsedFiles } from './parse-files.js'
import type { Prefilter } from './prefilter.js'
import type { UsageSettings } from './settings.js'
import { quotedNames, usesInText } from './source/text.js'

/** A larger file is searched as text: the parser would take seconds and a gigabyte for ten of them. */
export const largestBytes = 1024 * 1024

export interface ReadOptions {
  readonly root: string
  readonly settings: UsageSettings
  readonly prefilter: Prefilter
  readonly cache: FactsCache
  /** In milliseconds, by the clock that files are stamped with. */
  readonly now: () => number
}

export class FactsReader {
  readonly facts = new Map<string, FileFacts>()
  /** Files that could not be read, with the reason. */
  readonly unread: { readonly path: string; readonly reason: string }[] = []
  /** Files that are larger than is parsed. */
  readonly large: string[] = []
  readonly #options: ReadOptions
  readonly #hashes = new Map<string, string>()
  readonly #buffer = Buffer.allocUnsafe(largestBytes + 1)

  constructor(options: ReadOptions) {
    this.#options = options
  }

  /** Reads all files. Throws ConfigurationError where the parser is needed and missing. */
  async readAll(paths: readonly string[]): Promise<void> {
    const { root, cache, prefilter, settings, now } = this.#options
    const lookedAtMs = now()
    const parsed = new ParsedFiles(settings)
    const toParse: string[] = []
    for (const [index, path] of paths.entries()) {
      // Before the content is read: a change after that gives the file another stamp than the one that is kept.
      const stamp = stampOf(`${root}/${path}`)
      if (stamp !== null && this.#isUnchanged(path, stamp)) continue
      const bytes = this.#bytes(path)
      if (bytes === null) continue
      const hash = hashOf(bytes, path)
      if (stamp !== null && isSettled(stamp, lookedAtMs)) cache.setStamp(path, stamp.text, hash)
      if (this.#isKnown(path, hash, bytes.length)) continue
      const text = textOf(bytes)
      if (text === null || (isSource(path) && !prefilter(text))) cache.set(hash, passed)
      else if (!isSource(path) || bytes.length > largestBytes) this.#keep(path, factsText(this.#searched(path, text)))
      else {
        toParse.push(path)
        // As many of the others as of those before; of the first few that says nothing.
        const expected = toParse.length < 10 ? 0 : (toParse.length / (index + 1)) * paths.length
        parsed.add([path, text], expected)
      }
    }
    const texts = await parsed.finish()
    for (const [index, path] of toParse.entries()) this.#keep(path, texts[index] ?? factsText(noFacts))
  }

  /** Parses files that were passed over, because others import from them; they ask nothing themselves. */
  async readExports(paths: readonly string[]): Promise<void> {
    const { cache, settings } = this.#options
    const missing = paths.filter((path) => {
      const known = cache.get(`${this.#hashes.get(path)}:exports`)
      if (known !== undefined) this.facts.set(path, factsIn(known))
      return known === undefined
    })
    const parsed = new ParsedFiles(settings)
    for (const path of missing) {
      const bytes = isSource(path) ? this.#bytes(path) : null
      const text = bytes === null || bytes.length > largestBytes ? '' : (textOf(bytes) ?? '')
      parsed.add([path, text], missing.length)
    }
    const texts = await parsed.finish()
    for (const [index, path] of missing.entries()) {
      const text = texts[index]
      const exported = factsText({ ...(text === undefined ? noFacts : factsIn(text)), uses: [] })
      this.facts.set(path, factsIn(exported))
      cache.set(`${this.#hashes.get(path)}:exports`, exported)
    }
  }

  #isUnchanged(path: string, { text, sizeBytes }: FileStamp): boolean {
    const hash = this.#options.cache.hashOf(path, text)
    return hash !== undefined && this.#isKnown(path, hash, sizeBytes)
  }

  /** Takes the facts of a file from the cache. */
  #isKnown(path: string, hash: string, sizeBytes: number): boolean {
    const known = this.#options.cache.get(hash)
    this.#hashes.set(path, hash)
    if (sizeBytes > largestBytes && !this.large.includes(path)) this.large.push(path)
    if (known !== undefined && known !== passed) this.facts.set(path, factsIn(known))
    return known !== undefined
  }

  #keep(path: string, text: string): void {
    this.facts.set(path, factsIn(text))
    const hash = this.#hashes.get(path)
    if (hash !== undefined) this.#options.cache.set(hash, text)
  }

  #searched(path: string, text: string): FileFacts {
    if (isSource(path)) return { ...noFacts, quoted: quotedNames(text) }
    return { ...noFacts, uses: usesInText(text, this.#options.settings) }
  }

  /** Valid until the next call. */
  #bytes(path: string): Buffer | null {
    try {
      return readInto(this.#buffer, `${this.#options.root}/${path}`)
    } catch (error) {
      this.unread.push({ path, reason: reasonOf(error) })
      return null
    }
  }
}

/** Asked for more at once, Node takes longer, also where a file is small. */
const chunkBytes = 64 * 1024

/** The content of a file, in the buffer where it fits in: a new one for each of thousands of files takes longer than reading them. */
function readInto(buffer: Buffer, path: string): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    for (let end = 0; end < buffer.length; ) {
      const got = readSync(descriptor, buffer, end, Math.min(chunkBytes, buffer.length - end), end)
      if (got === 0) return buffer.subarray(0, end)
      end += got
    }
    return readFileSync(path)
  } finally {
    closeSync(descriptor)
  }
}

const sources: ReadonlySet<string> = new Set(
  ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'vue', 'svelte'].map((ending) => `.${ending}`),
)

function isSource(path: string): boolean {
  return sources.has(extname(path))
}

function hashOf(bytes: Buffer, path: string): string {
  // The ending says which language it is.
  return `${hashOnce('sha256', bytes, 'base64url')}${extname(path)}`
}

/** Null for what is no text: a video is called `.ts` too, and so is a table of translations in XML. */
function textOf(bytes: Buffer): string | null {
  if (bytes.subarray(0, 8_192).includes(0)) return null
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  return /^\s*<(?:\?xml|!DOCTYPE TS)/.test(text) ? null : text
}
