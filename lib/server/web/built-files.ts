// The built files of the page in the browser, in memory: they are few, and no path of a request ever reaches the disk.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface BuiltFile {
  readonly type: string
  /** In quotes, by the content. */
  readonly etag: string
  /** The bytes by the encoding that a browser may ask for; those that the build did not make are absent. */
  readonly bodies: { readonly identity: Buffer; readonly br?: Buffer; readonly gzip?: Buffer }
}

/** The page, and what it loads by its name below `/assets/`. */
export interface BuiltPage {
  readonly index: BuiltFile
  readonly assets: ReadonlyMap<string, BuiltFile>
  /** What each source below web/ needs besides the scripts that the page itself names: paths below the root of the server. */
  readonly scripts: ReadonlyMap<string, readonly string[]>
}

/** Beside the compiled server; beside the sources there is none, and tests name one. */
const ownFolder = fileURLToPath(new URL('../../web', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Reads what `npm run build` has made of web/; null where it is not there, as in a checkout that was compiled without it. */
export async function readBuiltPage(folder = ownFolder): Promise<BuiltPage | null> {
  const index = await readBuilt(join(folder, 'index.html'))
  if (index === null) return null
  const names = (await readdir(join(folder, 'assets'))).filter((name) => extname(name) in types)
  const files = await Promise.all(names.map((name) => readBuilt(join(folder, 'assets', name))))
  const assets = new Map<string, BuiltFile>()
  names.forEach((name, index) => {
    const file = files[index] ?? null
    if (file !== null) assets.set(name, file)
  })
  const chunks = await readChunks(join(folder, '.vite', 'manifest.json'))
  return { index, assets, scripts: scriptsOf(chunks, index.bodies.identity.toString('utf8')) }
}

interface Chunk {
  readonly file: string
  /** The keys of chunks that come with it. */
  readonly imports?: readonly string[]
}

/** What the build says of its scripts; empty where it has said nothing. */
async function readChunks(path: string): Promise<ReadonlyMap<string, Chunk>> {
  const text = (await read(path))?.toString('utf8') ?? '{}'
  return new Map(Object.entries(JSON.parse(text) as Readonly<Record<string, Chunk>>))
}

/** What each source loads besides what is named in the page itself. */
function scriptsOf(chunks: ReadonlyMap<string, Chunk>, index: string): ReadonlyMap<string, readonly string[]> {
  const needed = (key: string, found = new Set<string>()): ReadonlySet<string> => {
    if (found.has(key)) return found
    found.add(key)
    for (const one of chunks.get(key)?.imports ?? []) needed(one, found)
    return found
  }
  const pathsOf = (key: string) =>
    [...needed(key)].map((one) => `/${chunks.get(one)?.file ?? ''}`).filter((path) => !index.includes(`"${path}"`))
  return new Map([...chunks.keys()].filter((key) => key.startsWith('src/')).map((key) => [key, pathsOf(key)]))
}

async function readBuilt(path: string): Promise<BuiltFile | null> {
  const [identity, br, gzip] = await Promise.all([read(path), read(`${path}.br`), read(`${path}.gz`)])
  if (identity === null) return null
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`,
    bodies: { identity, ...(br === null ? {} : { br }), ...(gzip === null ? {} : { gzip }) },
  }
}

async function read(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
