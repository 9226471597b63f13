// Reads files whose content is not surely known: those whose content is known by its hash are not parsed, and neither are those that the
// prefilter passes over.
import { hash as hashOnce } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { extname } from 'node:path'
import { type Known, passed } from './cache/cache.js'
import type { FileStamp } from './cache/file-stamps.js'
import { type FileFacts, noFacts } from './facts.js'
import { factsIn, factsText } from './facts-text.js'
import { reasonOf } from './files.js'
import { ParsedFiles } from './parse-files.js'
import { type Prefilter, prefilterOf } from './prefilter.js'
import { largestBytes, type ReadOptions } from './cache/read-options.js'
import { quotedNames, usesInText } from './source/text.js'

export interface ChangedFile {
  readonly path: string
  /** What the system said of it before it was read. */
  readonly stamp: FileStamp | null
}

export interface ReadFile {
  readonly path: string
  readonly known: Known
  readonly sizeBytes: number
}

export class ChangedFiles {
  /** Files that could not be read, with the reason. */
  readonly unread: { readonly path: string; readonly reason: string }[] = []
  /** Of the contents of the files that were read. */
  readonly hashes = new Map<string, string>()
  readonly #options: ReadOptions
  readonly #buffer = Buffer.allocUnsafe(largestBytes + 1)

  constructor(options: ReadOptions) {
    this.#options = options
  }

  async readAll(files: readonly ChangedFile[]): Promise<readonly ReadFile[]> {
    const { cache, settings } = this.#options
    const prefilter = prefilterOf(settings)
    const parsed = new ParsedFiles(settings)
    const toParse: Omit<ReadFile, 'known'>[] = []
    const read: ReadFile[] = []
    for (const [index, { path, stamp }] of files.entries()) {
      const bytes = this.#bytes(path)
      if (bytes === null) continue
      const sizeBytes = bytes.length
      const hash = hashOf(bytes, path)
      this.hashes.set(path, hash)
      if (stamp !== null) cache.setStamp(path, stamp, hash)
      const known = cache.get(hash) ?? this.#withoutParse(path, bytes, prefilter)
      if (known === passed || !('text' in known)) {
        read.push({ path, known, sizeBytes })
        continue
      }
      toParse.push({ path, sizeBytes })
      // As many of the others as of those before; of the first few that says nothing.
      const expected = toParse.length < 10 ? 0 : (toParse.length / (index + 1)) * files.length
      parsed.add([path, known.text], expected)
    }
    const texts = await parsed.finish()
    for (const [index, file] of toParse.entries()) {
      read.push({ ...file, known: this.#keep(file.path, texts[index] ?? factsText(noFacts)) })
    }
    return read
  }

  /** The facts of files that others import from, without their uses; kept under these keys. */
  async readExports(
    paths: readonly string[],
    keyOf: (path: string) => string | null,
  ): Promise<readonly (readonly [path: string, FileFacts])[]> {
    const { cache, settings } = this.#options
    const parsed = new ParsedFiles(settings)
    for (const path of paths) {
      const bytes = isSource(path) ? this.#bytes(path) : null
      const text = bytes === null || bytes.length > largestBytes ? '' : (textOf(bytes) ?? '')
      parsed.add([path, text], paths.length)
    }
    const texts = await parsed.finish()
    return paths.map((path, index) => {
      const text = texts[index]
      const exported = factsText({ ...(text === undefined ? noFacts : factsIn(text)), uses: [] })
      const key = keyOf(path)
      if (key !== null) cache.set(key, exported)
      return [path, factsIn(exported)]
    })
  }

  /** What is known of a content without a parse; otherwise its text. */
  #withoutParse(path: string, bytes: Buffer, prefilter: Prefilter): Known | { readonly text: string } {
    const text = textOf(bytes)
    const source = isSource(path)
    if (text === null || (source && !prefilter(text))) {
      this.#options.cache.set(this.#hashOf(path), passed)
      return passed
    }
    if (source && bytes.length <= largestBytes) return { text }
    return this.#keep(path, factsText(source ? { ...noFacts, quoted: quotedNames(text) } : this.#searched(text)))
  }

  #searched(text: string): FileFacts {
    return { ...noFacts, uses: usesInText(text, this.#options.settings) }
  }

  #keep(path: string, text: string): FileFacts {
    this.#options.cache.set(this.#hashOf(path), text)
    return factsIn(text)
  }

  #hashOf(path: string): string {
    return this.hashes.get(path) ?? ''
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
