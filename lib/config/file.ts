// Finds and loads feature.config.{ts,mjs,js} at the root. TypeScript goes through jiti, imported only then.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigurationError, errorText } from '../errors.js'
import type { FeatureOptions } from './options.js'

const names = ['feature.config.ts', 'feature.config.mjs', 'feature.config.js']

/** The options that the configuration file at `root` exports by default; none without a file. Throws ConfigurationError. */
export async function loadConfigFile(root: string): Promise<FeatureOptions> {
  const name = names.find((candidate) => existsSync(join(root, candidate)))
  if (name === undefined) return {}
  const exported = await importFile(join(root, name), name)
  if (typeof exported === 'object' && exported !== null) return exported
  throw new ConfigurationError({
    problem: `${name} has no default export of an object`,
    remedy: 'write export default defineConfig({ … })',
  })
}

async function importFile(path: string, name: string): Promise<unknown> {
  try {
    if (!name.endsWith('.ts')) return Reflect.get(await import(pathToFileURL(path).href), 'default')
    const { createJiti } = await import('jiti')
    return await createJiti(import.meta.url).import(path, { default: true })
  } catch (error) {
    throw new ConfigurationError({
      problem: `${name} could not be loaded: ${errorText(error)}`,
      remedy: 'correct the file, or install what it imports',
      cause: error,
    })
  }
}
