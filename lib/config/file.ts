// Finds and loads feature.config at the root, in any of the languages below. A file that a person surely meant and that would not be
// read, because of its ending or its case, is an error: flags would run with other settings, and say nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigurationError, errorText } from '../errors.js'
import { importPackage } from '../packages.js'
import { quoted } from '../text/printable.js'
import type { FeatureOptions } from './options.js'

/** The first that is there is read: a source before what a compiler may have made of it. */
const names = ['ts', 'mts', 'cts', 'mjs', 'cjs', 'js', 'json'].map((ending) => `feature.config.${ending}`)
/** In any case, and with the endings that other tools read; `feature.config.d.ts` and `feature.config.ts.orig` are not meant. */
const meant = /^feature\.config\.(?:[cm]?[jt]sx?|json[c5]?|ya?ml|toml)$/i

/** The options that the configuration file at `root` exports by default; none without a file. Throws ConfigurationError. */
export async function loadConfigFile(root: string): Promise<FeatureOptions> {
  const name = findFile(root)
  if (name === null) return {}
  const content = await loadFile(join(root, name), name)
  if (content === undefined) {
    throw new ConfigurationError({ problem: `${name} has no default export`, remedy: exampleFor(name) })
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content
  const what = name.endsWith('.json') ? 'the content' : 'the default export'
  throw new ConfigurationError({
    problem: `${what} of ${name} is ${kindOf(content)}, and not an object of options`,
    remedy: exampleFor(name),
  })
}

function findFile(root: string): string | null {
  const found = filesOf(root)
  const name = names.find((candidate) => found.includes(candidate))
  if (name !== undefined) return name
  const ignored = found.find((candidate) => meant.test(candidate))
  if (ignored === undefined) return null
  throw new ConfigurationError({
    problem: `${quoted(ignored)} in ${quoted(root)} is not read, because a configuration file has another name`,
    remedy: `rename it to one of ${names.join(', ')}`,
  })
}

/** The names as they are written, which a file system that ignores case would not tell. */
function filesOf(root: string): readonly string[] {
  try {
    return readdirSync(root)
  } catch {
    return names.filter((name) => existsSync(join(root, name))) // The folder may be entered and not be listed.
  }
}

async function loadFile(path: string, name: string): Promise<unknown> {
  try {
    if (name.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
    if (!name.endsWith('ts')) return defaultOf(await importFile(path))
    const module = await importTypeScript(path, name)
    // jiti gives what a CommonJS file exports as it is.
    return name.endsWith('.cts') && property(module, 'default') === undefined ? module : defaultOf(module)
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    throw new ConfigurationError({
      problem: `${name} could not be loaded: ${errorText(error)}`,
      remedy: 'correct the file, or install what it imports',
      cause: error,
    })
  }
}

/** What a compiler has made of an ES module stands one level deeper. */
function defaultOf(module: unknown): unknown {
  const exported = property(module, 'default')
  return property(exported, '__esModule') === true ? property(exported, 'default') : exported
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function importFile(path: string): Promise<unknown> {
  return importPackage(pathToFileURL(path).href)
}

/** jiti compiles one file without a build, and is imported only then. A bundle of an application does not contain it. */
async function importTypeScript(path: string, name: string): Promise<unknown> {
  const jiti = await importJiti(name)
  // Native TypeScript, in a bundle: Node removes the types itself.
  if (jiti === null) return importFile(path)
  return jiti.createJiti(path, { interopDefault: false }).import(path)
}

async function importJiti(name: string): Promise<typeof import('jiti') | null> {
  try {
    return (await importPackage('jiti')) as typeof import('jiti')
  } catch (error) {
    if (Reflect.get(process.features, 'typescript')) return null
    throw new ConfigurationError({
      problem: `${name} is TypeScript, and the package jiti, which compiles it, is not found from this program`,
      remedy: `run "npm install jiti", or import the file in the application and call Feature.start with its options`,
      cause: error,
    })
  }
}

function exampleFor(name: string): string {
  if (name.endsWith('.json')) return 'write an object: { "pollIntervalMs": 5000 }'
  if (/\.c[jt]s$/.test(name)) return 'write module.exports = { … }'
  return 'write export default defineConfig({ … })'
}

function kindOf(content: unknown): string {
  if (Array.isArray(content)) return 'a list'
  if (content === null) return 'null'
  return typeof content === 'function' ? 'a function' : `${typeof content} ${quoted(String(content))}`
}
