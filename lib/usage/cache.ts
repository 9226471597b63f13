// The facts of files on disk, so that a second run parses only what changed. The key is the hash of a file's content with its ending,
// never its time: after a checkout in CI every file is new by its time. Whatever is wrong with the file, it is a miss, and where it cannot
// be written, the next run takes longer.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRecord } from '../text/json.js'
import type { FileFacts } from './facts.js'

/** Grows whenever the same content would give other facts, or facts of another shape. */
const factsVersion = 1

/** What is known of a file; `passed`: the prefilter passed it over. */
export type KnownFacts = FileFacts | 'passed'

export class FactsCache {
  readonly #path: string | null
  readonly #key: string
  readonly #before: ReadonlyMap<string, KnownFacts>
  readonly #now = new Map<string, KnownFacts>()
  #changed = false

  /** Null as the path: nothing is kept. */
  constructor(path: string | null, settings: string) {
    this.#path = path
    this.#key = JSON.stringify([factsVersion, settings])
    this.#before = path === null ? new Map() : read(path, this.#key)
  }

  get(hash: string): KnownFacts | undefined {
    const known = this.#now.get(hash) ?? this.#before.get(hash)
    if (known !== undefined) this.#now.set(hash, known)
    return known
  }

  set(hash: string, facts: KnownFacts): void {
    this.#now.set(hash, facts)
    this.#changed = true
  }

  /** Writes what was asked for or set; the rest belongs to files that are no longer there. */
  save(): void {
    if (this.#path === null || (!this.#changed && this.#now.size === this.#before.size)) return
    const body = JSON.stringify([...this.#now])
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      writeFileSync(temporary, `${JSON.stringify({ key: this.#key, sum: sumOf(body) })}\n${body}`, { mode: 0o600 })
      renameSync(temporary, this.#path)
    } catch {
      // A folder that cannot be written to costs time, and no result.
      remove(temporary)
    }
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Where it could not be made, it is not there.
  }
}

/** The content came from this program, and is whole, or it counts as absent. */
function read(path: string, key: string): ReadonlyMap<string, KnownFacts> {
  try {
    const text = readFileSync(path, 'utf8')
    const end = text.indexOf('\n')
    const head: unknown = JSON.parse(text.slice(0, end))
    const body = text.slice(end + 1)
    if (!isRecord(head) || head['key'] !== key || head['sum'] !== sumOf(body)) return new Map()
    return new Map(JSON.parse(body) as [string, KnownFacts][])
  } catch {
    return new Map() // There is none yet, or it is none.
  }
}

function sumOf(body: string): string {
  return createHash('sha256').update(body).digest('hex')
}
