// The last good snapshot on disk: what a process starts from while Postgres cannot be reached.
// The content is not trusted: hash, size and shape are checked before anything of it is used.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Position, StoredFeature, StoredState } from '../store/store.js'

const format = 1
/** Inflating stops here: a file of some kilobytes may claim to hold gigabytes. */
const largestBytes = 512 * 1024 * 1024
const zip = promisify(gzip)
const unzip = promisify(gunzip)

export interface DiskState extends StoredState {
  readonly namespace: string
}

/** Writes the state under a temporary name, flushes it and renames it into place. Throws the file system's error. */
export async function writeDisk(path: string, state: DiskState): Promise<void> {
  const body = JSON.stringify({
    format,
    namespace: state.namespace,
    position: state.position,
    databaseId: state.databaseId,
    features: state.features.map((feature) => [feature.key, [...feature.gates]]),
  })
  const packed = await zip(`${sha256(body)}\n${body}`)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(packed)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Reads the state back; null where there is no file. Throws an Error that says why a file cannot be used. */
export async function readDisk(path: string, namespace: string): Promise<DiskState | null> {
  const packed = await readIfThere(path)
  if (packed === null) return null
  const text = (await unzip(packed, { maxOutputLength: largestBytes })).toString('utf8')
  const end = text.indexOf('\n')
  const body = text.slice(end + 1)
  if (end !== 64 || text.slice(0, end) !== sha256(body)) throw new Error('the hash does not match the content')
  const state = parseState(JSON.parse(body))
  if (state === null) throw new Error('the content does not have the expected shape')
  if (state.namespace !== namespace) throw new Error(`it belongs to the namespace "${state.namespace}"`)
  return state
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function parseState(value: unknown): DiskState | null {
  if (!isRecord(value) || value['format'] !== format) return null
  const { namespace, position, databaseId, features } = value
  if (typeof namespace !== 'string' || !(databaseId === null || typeof databaseId === 'string')) return null
  const place = parsePosition(position)
  if (place === undefined || !Array.isArray(features)) return null
  const parsed = features.map(parseFeature)
  if (!parsed.every((feature) => feature !== null)) return null
  return { namespace, databaseId, position: place, features: parsed, inRecovery: false }
}

function parsePosition(value: unknown): Position | null | undefined {
  if (value === null) return null
  if (!isRecord(value)) return undefined
  const { version, nonce } = value
  if (typeof version !== 'string' || !/^\d{1,19}$/.test(version)) return undefined
  return typeof nonce === 'string' ? { version, nonce } : undefined
}

function parseFeature(value: unknown): StoredFeature | null {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string' || !Array.isArray(value[1]))
    return null
  const gates = new Map<string, readonly string[]>()
  for (const gate of value[1]) {
    if (!Array.isArray(gate) || gate.length !== 2 || typeof gate[0] !== 'string') return null
    if (!isTexts(gate[1])) return null
    gates.set(gate[0], gate[1])
  }
  return { key: value[0], gates }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
