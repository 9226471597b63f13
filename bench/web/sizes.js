// How large the built page is, as a browser gets it that knows gzip alone.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../support/build.js'

const folder = join(checkout, 'dist', 'web')

/** @typedef {{ readonly file: string, readonly imports?: readonly string[] }} Chunk */

/** Bytes: the scripts that the list loads, all scripts, all styles. */
export function pageSizes() {
  /** @type {Readonly<Record<string, Chunk>>} */
  const manifest = JSON.parse(readFileSync(join(folder, '.vite', 'manifest.json'), 'utf8'))
  const index = readFileSync(join(folder, 'index.html'), 'utf8')
  // What the page itself names, and what comes with the list.
  const files = new Set([...index.matchAll(/"\/(assets\/[^"]+\.js)"/g)].map(([, file = '']) => file))
  /** @param {string} source */
  const visit = (source) => {
    const chunk = manifest[source]
    if (chunk === undefined) throw new Error(`the built page has no ${source}`)
    if (files.has(chunk.file)) return
    files.add(chunk.file)
    for (const next of chunk.imports ?? []) visit(next)
  }
  visit('src/pages/flag-list.vue')
  const assets = readdirSync(join(folder, 'assets'))
  /** @param {string} end */
  const all = (end) => assets.filter((name) => name.endsWith(end)).map((name) => `assets/${name}`)
  return { list: size(files), scripts: size(all('.js')), styles: size(all('.css')) }
}

/** @param {Iterable<string>} files */
function size(files) {
  return [...files].reduce((sum, file) => sum + readFileSync(join(folder, `${file}.gz`)).length, 0)
}
