// Reads the files and gives the facts of each: from the cache, or by a parse. The parser is imported only where there is something to parse.
import { hash as hashOnce } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FactsCache } from './cache.js'
import { type FileFacts, noFacts } from './facts.js'
import { reasonOf } from './files.js'
import { parseFiles, type SourceFile } from './parse-files.js'
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
}

export class FactsReader {
  readonly facts = new Map<string, FileFacts>()
  /** Files that could not be read, with the reason. */
  readonly unread: { readonly path: string; readonly reason: string }[] = []
  /** Files that are larger than is parsed. */
  readonly large: string[] = []
  readonly #options: ReadOptions
  readonly #hashes = new Map<string, string>()

  constructor(options: ReadOptions) {
    this.#options = options
  }

  /** Reads all files. Throws ConfigurationError where the parser is needed and missing. */
  async readAll(paths: readonly string[]): Promise<void> {
    const { cache, prefilter } = this.#options
    const toParse: SourceFile[] = []
    for (const path of paths) {
      const bytes = this.#bytes(path)
      if (bytes === null) continue
      const hash = hashOf(bytes, path)
      this.#hashes.set(path, hash)
      if (bytes.length > largestBytes) this.large.push(path)
      const known = cache.get(hash)
      if (known !== undefined) {
        if (known !== 'passed') this.facts.set(path, known)
        continue
      }
      const text = textOf(bytes)
      if (text === null || (isSource(path) && !prefilter(text))) cache.set(hash, 'passed')
      else if (!isSource(path) || bytes.length > largestBytes) this.#keep(path, this.#searched(path, text))
      else toParse.push([path, text])
    }
    if (toParse.length === 0) return
    const facts = await parseFiles(toParse, this.#options.settings)
    for (const [index, [path]] of toParse.entries()) this.#keep(path, facts[index] ?? noFacts)
  }

  /** Parses files that were passed over, because others import from them; they ask nothing themselves. */
  async readExports(paths: readonly string[]): Promise<void> {
    const { cache } = this.#options
    const missing = paths.filter((path) => {
      const known = cache.get(`${this.#hashes.get(path)}:exports`)
      if (known !== undefined && known !== 'passed') this.facts.set(path, known)
      return known === undefined
    })
    if (missing.length === 0) return
    const files = missing.map((path): SourceFile => {
      const bytes = isSource(path) ? this.#bytes(path) : null
      return [path, bytes === null || bytes.length > largestBytes ? '' : (textOf(bytes) ?? '')]
    })
    const parsed = await parseFiles(files, this.#options.settings)
    for (const [index, path] of missing.entries()) {
      const facts = { ...(parsed[index] ?? noFacts), uses: [] }
      this.facts.set(path, facts)
      cache.set(`${this.#hashes.get(path)}:exports`, facts)
    }
  }

  #keep(path: string, facts: FileFacts): void {
    this.facts.set(path, facts)
    const hash = this.#hashes.get(path)
    if (hash !== undefined) this.#options.cache.set(hash, facts)
  }

  #searched(path: string, text: string): FileFacts {
    if (isSource(path)) return { ...noFacts, quoted: quotedNames(text) }
    return { ...noFacts, uses: usesInText(text, this.#options.settings) }
  }

  #bytes(path: string): Buffer | null {
    try {
      return readFileSync(join(this.#options.root, path))
    } catch (error) {
      this.unread.push({ path, reason: reasonOf(error) })
      return null
    }
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
