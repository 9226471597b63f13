// What reading the files needs, whether they are known or not.
import type { FactsCache } from './cache.js'
import type { UsageSettings } from '../settings.js'

/** A larger file is searched as text: the parser would take seconds and a gigabyte for ten of them. */
export const largestBytes = 1024 * 1024

export interface ReadOptions {
  readonly root: string
  readonly settings: UsageSettings
  readonly cache: FactsCache
}
