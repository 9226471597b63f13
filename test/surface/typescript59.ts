// The other compiler of the tests of the surface. It is found without loading API Extractor, which takes two seconds.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'

/**
 * The folder of the TypeScript 5.9 that API Extractor brings along. It is not a dependency of our own under another name, because npm
 * would then make `node_modules/.bin/tsc` by chance the one or the other. Throws where it brings another one.
 */
export function folderOfTypescript59(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('@microsoft/api-extractor'))
  const manifest = require.resolve('typescript/package.json')
  const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, 'utf8'))
  if (version.startsWith('5.9.')) return dirname(manifest)
  throw new Error(`API Extractor brings TypeScript ${version}: the tests of the surface need one that brings 5.9`)
}
