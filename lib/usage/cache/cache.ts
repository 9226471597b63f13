// The facts of files on disk, so that a second run parses only what changed. The key is the hash of a file's content with its ending,
// never its time: after a checkout in CI every file is new by its time. Beside them it has the stamps of files, which tell the hash without
// reading the content (file-stamps.ts). Whatever is wrong with the file, it is a miss, and where it cannot be written, the next run takes
// longer. It has a line for its key, one for the stamps, one with the hashes of what was passed over, and one for each other content.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRecord } from '../../text/json.js'

/** Grows whenever the same content would give other facts, or facts of another shape. */
const factsVersion = 4

/** What is known of a file: its facts as text, or `passed`, where the prefilter passed it over. */
export type KnownFacts = string
export const passed: KnownFacts = 'passed'

/** Of a file at its path: its stamp, and the hash of the content that it had then. */
type StampedHash = readonly [stamp: string, hash: string]

interface Kept {
  readonly facts: ReadonlyMap<string, KnownFacts>
  readonly stamps: ReadonlyMap<string, StampedHash>
}

export class FactsCache {
  readonly #path: string | null
  readonly #key: string
  readonly #before: Kept
  readonly #now = new Map<string, KnownFacts>()
  readonly #stamps = new Map<string, StampedHash>()
  #changed = false

  /** Null as the path: nothing is kept. */
  constructor(path: string | null, settings: string) {
    this.#path = path
    this.#key = JSON.stringify([factsVersion, settings])
    this.#before = path === null ? nothing() : read(path, this.#key)
  }

  get(hash: string): KnownFacts | undefined {
    const known = this.#before.facts.get(hash) ?? this.#now.get(hash)
    if (known !== undefined) this.#now.set(hash, known)
    return known
  }

  set(hash: string, facts: KnownFacts): void {
    this.#now.set(hash, facts)
    this.#changed = true
  }

  /** The hash of the file's content, where it has the stamp that it had then. */
  hashOf(path: string, stamp: string): string | undefined {
    const kept = this.#before.stamps.get(path)
    if (kept?.[0] !== stamp) return undefined
    this.#stamps.set(path, kept)
    return kept[1]
  }

  /** Keeps the stamp of a file whose content has this hash. */
  setStamp(path: string, stamp: string, hash: string): void {
    this.#stamps.set(path, [stamp, hash])
    this.#changed = true
  }

  /** Writes what was asked for or set; the rest belongs to files that are no longer there. */
  save(): void {
    const { facts, stamps } = this.#before
    const isSame = !this.#changed && this.#now.size === facts.size && this.#stamps.size === stamps.size
    if (this.#path === null || isSame) return
    const body = bodyOf({ facts: this.#now, stamps: this.#stamps })
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

function nothing(): Kept {
  return { facts: new Map(), stamps: new Map() }
}

function bodyOf({ facts, stamps }: Kept): string {
  const without = [...facts].flatMap(([hash, known]) => (known === passed ? [hash] : []))
  const others = [...facts].flatMap(([hash, known]) => (known === passed ? [] : [`${hash}\t${known}`]))
  return [JSON.stringify([...stamps]), without.join('\t'), ...others].join('\n')
}

/** The content came from this program, and is whole, or it counts as absent. */
function read(path: string, key: string): Kept {
  try {
    const bytes = readFileSync(path)
    const end = bytes.indexOf('\n')
    const head: unknown = JSON.parse(bytes.toString('utf8', 0, end))
    const body = bytes.subarray(end + 1)
    if (!isRecord(head) || head['key'] !== key || head['sum'] !== sumOf(body)) return nothing()
    const [stamps = '', without = '', ...others] = body.toString('utf8').split('\n')
    const facts = new Map<string, KnownFacts>()
    if (without !== '') for (const hash of without.split('\t')) facts.set(hash, passed)
    for (const line of others) {
      const tab = line.indexOf('\t')
      facts.set(line.slice(0, tab), line.slice(tab + 1))
    }
    return { facts, stamps: new Map(JSON.parse(stamps) as readonly (readonly [string, StampedHash])[]) }
  } catch {
    // There is none yet, or it is none.
    return nothing()
  }
}

function sumOf(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}
