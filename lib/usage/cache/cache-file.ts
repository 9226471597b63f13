// The file of the cache, which each run reads whole: so it is short, and most of it is not parsed. The first line is a sum of all that follows;
// the second says what it was made for, when, and how long the parts of the rest are:
//   paths        text, one a line, in the order of their code units
//   stamps       five numbers of 64 bits for each path (file-stamps.ts)
//   contents     for each path, the place of its content in the lists below, a number of 32 bits
//   hashes       text, one a line
//   found        JSON: what was found in each content; 0 where it was passed over
//   definitions  JSON: each with the stamp of its file, and the settings that they were read with
//   exports      JSON, compressed: what each content exports. It is most of all, and read only when one file asks another.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { FileFacts } from '../facts.js'
import { type Exported, type Found, factsOf } from '../facts-text.js'
import type { StampedDefinition } from './definitions.js'
import { type FileStamp, isSameStamp, type KeptStamp, removeQuietly, stampLength } from './file-stamps.js'

/** In the place of facts: the prefilter passed this content over. */
export const passed = 'passed'

/** Of the run before. A place is that of a path, a content that of a hash in its list. */
export interface Kept {
  readonly paths: readonly string[]
  /** Whether the file at this place had this stamp, and that tells. */
  readonly hasStamp: (place: number, stamp: FileStamp) => boolean
  readonly stampOf: (place: number) => KeptStamp
  readonly contentOf: (place: number) => number
  readonly contentCount: number
  readonly hashes: () => readonly string[]
  readonly factsOf: (content: number) => FileFacts | typeof passed
  readonly definitions: ReadonlyMap<string, StampedDefinition>
  readonly definitionSettings: string
}

export const nothingKept: Kept = {
  paths: [],
  hasStamp: () => false,
  stampOf: () => [0, 0, 0, 0, 0],
  contentOf: () => 0,
  contentCount: 0,
  hashes: () => [],
  factsOf: () => passed,
  definitions: new Map(),
  definitionSettings: '',
}

interface KeptDefinitions {
  readonly settings: string
  readonly files: readonly (readonly [file: string, kept: StampedDefinition])[]
}

interface Head {
  readonly key: string
  /** When the run that wrote it began. */
  readonly atMs: number
  readonly lengths: readonly number[]
}

/**
 * Null where there is none, or none that this program wrote for this key, whole. Where the clock was put back since then, its stamps count
 * for nothing: a file that is changed now may get the times that it had.
 */
export function readCacheFile(path: string, key: string, nowMs: number): Kept | null {
  try {
    const bytes = readFileSync(path)
    const start = bytes.indexOf('\n') + 1
    const rest = bytes.subarray(start)
    if (bytes.toString('latin1', 0, start - 1) !== sumOf(rest)) return null
    const end = rest.indexOf('\n') + 1
    const head = JSON.parse(rest.toString('utf8', 0, end)) as Head
    return head.key === key ? kept(partsOf(rest.subarray(end), head.lengths), head.atMs <= nowMs) : null
  } catch {
    return null // There is none yet, or it is none.
  }
}

const partNames = ['paths', 'stamps', 'contents', 'hashes', 'found', 'definitions', 'exports'] as const
type Parts = Record<(typeof partNames)[number], Buffer>

function partsOf(body: Buffer, lengths: readonly number[]): Parts {
  let start = 0
  const parts = partNames.map((name, index) => {
    const part = body.subarray(start, start + (lengths[index] ?? 0))
    start += part.length
    return [name, part] as const
  })
  return Object.fromEntries(parts) as Parts
}

function kept(parts: Parts, hasStamps: boolean): Kept {
  // Copies, because numbers have to begin at a multiple of their length.
  const stamps = new Float64Array(new Uint8Array(parts.stamps).buffer)
  const contents = new Uint32Array(new Uint8Array(parts.contents).buffer)
  const found = jsonIn(parts.found) as readonly (Found | 0)[]
  const { settings, files } = jsonIn(parts.definitions) as KeptDefinitions
  let hashes: readonly string[] | null = null
  let exported: readonly (Exported | 0)[] | null = null
  const exportedOf = (content: number): Exported => {
    exported ??= jsonIn(zlib().inflateRawSync(parts.exports)) as readonly (Exported | 0)[]
    return exported[content] || [{}, []]
  }
  const stampOf = (place: number): KeptStamp => {
    const [dev = 0, ino = 0, size = 0, mtimeMs = 0, ctimeMs = 0] = stamps.subarray(place * stampLength)
    return [dev, ino, size, mtimeMs, ctimeMs]
  }
  return {
    paths: linesIn(parts.paths),
    hasStamp: (place, stamp) => hasStamps && isSameStamp(stamp, stamps, place * stampLength),
    stampOf,
    contentOf: (place) => contents[place] ?? 0,
    contentCount: found.length,
    hashes: () => {
      hashes ??= linesIn(parts.hashes)
      return hashes
    },
    factsOf: (content) => {
      const here = found[content] ?? 0
      return here === 0 ? passed : factsOf(here, () => exportedOf(content))
    },
    definitions: new Map(hasStamps ? files : []),
    definitionSettings: settings,
  }
}

export interface WrittenCache {
  readonly key: string
  readonly atMs: number
  /** Facts as text, or `passed`, by the hash of the content. */
  readonly facts: ReadonlyMap<string, string>
  readonly stamps: ReadonlyMap<string, readonly [stamp: KeptStamp, hash: string]>
  readonly definitions: ReadonlyMap<string, StampedDefinition>
  readonly definitionSettings: string
}

export function writeCacheFile(path: string, written: WrittenCache): void {
  const parts = partsToWrite(written)
  const { key, atMs } = written
  const head: Head = { key, atMs, lengths: partNames.map((name) => parts[name].length) }
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...partNames.map((name) => parts[name])])
  const temporary = `${path}.${process.pid}.tmp`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${sumOf(rest)}\n`), rest]), { mode: 0o600 })
    renameSync(temporary, path)
  } catch {
    // A folder that cannot be written to costs time, and no result.
    removeQuietly(temporary)
  }
}

function partsToWrite({ facts, stamps, definitions, definitionSettings }: WrittenCache): Parts {
  // What has a line break in its name or ending is read each time.
  const known = [...facts].filter(([hash]) => !hash.includes('\n'))
  const hashes = known.map(([hash]) => hash)
  const contentOf = new Map(hashes.map((hash, content) => [hash, content]))
  const files = [...stamps].flatMap(([path, [stamp, hash]]) => {
    const content = contentOf.get(hash)
    return content === undefined || path.includes('\n') ? [] : [{ path, stamp, content }]
  })
  files.sort((one, two) => (one.path < two.path ? -1 : 1))
  const halves = known.map(([, text]) => (text === passed ? ['0', '0'] : text.split('\t')))
  const half = (which: 0 | 1) => Buffer.from(`[${halves.map((both) => both[which]).join()}]`)
  const kept: KeptDefinitions = { settings: definitionSettings, files: [...definitions] }
  return {
    paths: Buffer.from(files.map(({ path }) => path).join('\n')),
    stamps: Buffer.from(Float64Array.from(files.flatMap(({ stamp }) => stamp)).buffer),
    contents: Buffer.from(Uint32Array.from(files.map(({ content }) => content)).buffer),
    hashes: Buffer.from(hashes.join('\n')),
    found: half(0),
    definitions: Buffer.from(JSON.stringify(kept)),
    exports: zlib().deflateRawSync(half(1), { level: 1 }),
  }
}

/** Loading it takes as long as reading the file, and most runs need it not. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib')
}

function jsonIn(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'))
}

function linesIn(bytes: Buffer): readonly string[] {
  return bytes.length === 0 ? [] : bytes.toString('utf8').split('\n')
}

function sumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
