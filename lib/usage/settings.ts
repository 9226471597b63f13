// The settings of `usage` with their defaults, and what makes them part of the key of the cache.
import type { UsageOptions } from '../config/usage-options.js'
import { matcherOf } from './glob.js'

/** Tells whether a path from the root is meant. */
export type Matcher = (path: string) => boolean

/** What is looked for in a file. */
export interface SourceSettings {
  readonly calls: readonly string[]
  readonly properties: readonly string[]
}

export interface UsageSettings extends SourceSettings {
  readonly isIncluded: Matcher
  readonly isExcluded: Matcher
  readonly isTest: Matcher
  readonly allowUnused: ReadonlyMap<string, string>
}

const sourceEndings = ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'vue', 'svelte']
const defaultInclude = [`**/*.{${sourceEndings.join(',')}}`]
const defaultExclude = ['**/{dist,build,out,coverage}/**', '**/*.min.*']
const defaultTests = ['**/*.{test,spec}.*', '**/{test,tests,__tests__,spec,specs,e2e,cypress}/**']

export function usageSettings(options: UsageOptions): UsageSettings {
  return {
    isIncluded: matcherOf(options.include ?? defaultInclude),
    isExcluded: matcherOf(options.exclude ?? defaultExclude),
    isTest: matcherOf(options.tests ?? defaultTests),
    calls: options.calls ?? [],
    properties: options.properties ?? ['featureFlag', 'feature_flag'],
    allowUnused: new Map(Object.entries(options.allowUnused ?? {})),
  }
}

/** Settings that change what is found in a file. */
export function settingsKey({ calls, properties }: SourceSettings): string {
  return JSON.stringify([calls, properties])
}
