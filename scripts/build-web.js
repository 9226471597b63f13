// Builds the page in the browser from web/, with each file compressed beside it: the server sends these bytes as they are.
// `node scripts/build-web.js FOLDER` writes it into another folder than dist/web.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Writes the built page into a folder, which is emptied first. Rejects where it cannot be built. */
export async function buildWeb(folder = join(root, 'dist', 'web')) {
  // Loaded here: what else this module is imported for needs no bundler.
  const { build } = await import('vite')
  // Vue has other code for development and for tests, which is twice as large.
  process.env.NODE_ENV = 'production'
  const options = { outDir: folder, emptyOutDir: true }
  await build({ root: join(root, 'web'), logLevel: 'warn', mode: 'production', build: options })
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (file.isFile() && /\.(?:html|js|css|svg)$/.test(file.name)) compress(join(file.parentPath, file.name))
  }
}

function compress(path) {
  const content = readFileSync(path)
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  }
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }))
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2)
  await buildWeb(folder === undefined ? undefined : resolve(folder))
}
