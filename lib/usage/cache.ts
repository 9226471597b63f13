// The facts of files on disk, so that a second run parses only what changed. The key is the hash of a file's content with its ending,
// never its time: after a checkout in CI every file is new by its time. Whatever is wrong with the file, it is a miss, and where it cannot
// be written, the next run takes longer. It has a line for its key, a line with the hashes of what was passed over, and one for each
// other file.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRecord } from '../text/json.js'

/** Grows whenever the same content would give other facts, or facts of another shape. */
const factsVersion = 3

/** What is known of a file: its facts as text, or `passed`, where the prefilter passed it over. */
export type KnownFacts = string
export const passed: KnownFacts = 'passed'

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
    const known = this.#before.get(hash) ?? this.#now.get(hash)
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
    const body = bodyOf(this.#now)
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

function bodyOf(entries: ReadonlyMap<string, KnownFacts>): string {
  const without = [...entries].flatMap(([hash, known]) => (known === passed ? [hash] : []))
  const others = [...entries].flatMap(([hash, known]) => (known === passed ? [] : [`${hash}\t${known}`]))
  return [without.join('\t'), ...others].join('\n')
}

/** The content came from this program, and is whole, or it counts as absent. */
function read(path: string, key: string): ReadonlyMap<string, KnownFacts> {
  const entries = new Map<string, KnownFacts>()
  try {
    const bytes = readFileSync(path)
    const end = bytes.indexOf('\n')
    const head: unknown = JSON.parse(bytes.toString('utf8', 0, end))
    const body = bytes.subarray(end + 1)
    if (!isRecord(head) || head['key'] !== key || head['sum'] !== sumOf(body)) return entries
    const [without = '', ...others] = body.toString('utf8').split('\n')
    if (without !== '') for (const hash of without.split('\t')) entries.set(hash, passed)
    for (const line of others) {
      const tab = line.indexOf('\t')
      entries.set(line.slice(0, tab), line.slice(tab + 1))
    }
  } catch {
    // There is none yet, or it is none.
  }
  return entries
}

function sumOf(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}
