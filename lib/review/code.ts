// What a review knows of the code: where each flag is asked, as lib/usage/ finds it.
import type { FlagTypes } from '../definition/rules/rules.js'
import { usageSettings } from '../usage/settings.js'
import { readUsage, type UsageConfig } from '../usage/usage.js'
import type { Use } from '../usage/uses.js'

export interface Place {
  /** Relative to the root, with forward slashes. */
  readonly file: string
  /** Counts from 1. */
  readonly line: number
}

/** What the code asks, of flags that are defined now or were before. */
export interface Code {
  /** Where code that is no test names each flag now: asks it, pushes it to a page, or changes what is stored. */
  readonly named: ReadonlyMap<string, readonly Place[]>
  /** The same without the calls that need no definition, because they name a type for which one is optional. */
  readonly needing: ReadonlyMap<string, readonly Place[]>
  /** Flags that no code asks, and that the configuration does not allow to be unused. */
  readonly unused: ReadonlySet<string>
  /** Whether a file is code, and no test; also for a file that is gone. */
  readonly isCode: (path: string) => boolean
}

/** Reads the code. Throws ConfigurationError where the parser is not installed. */
export async function readCode(config: UsageConfig): Promise<Code> {
  const { uses, faults } = await readUsage(config)
  const { isIncluded, isExcluded, isTest } = usageSettings(config.usage)
  const outsideTests = uses.filter(({ test, kind }) => !test && kind !== 'stub')
  return {
    named: placesByName(outsideTests),
    needing: placesByName(outsideTests.filter((use) => needsDefinition(use, config.types))),
    unused: new Set(faults.flatMap(({ rule, flag }) => (rule === 'unused-flag' && flag !== null ? [flag] : []))),
    isCode: (path) => isIncluded(path) && !isExcluded(path) && !isTest(path),
  }
}

function needsDefinition({ type }: Use, types: FlagTypes): boolean {
  return !(type.known && type.name !== null && types.get(type.name)?.optional === true)
}

function placesByName(uses: readonly Use[]): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>()
  for (const { names, file, line } of uses) {
    for (const name of names) {
      const before = places.get(name)
      if (before === undefined) places.set(name, [{ file, line }])
      else if (!before.some((place) => place.file === file && place.line === line)) before.push({ file, line })
    }
  }
  return places
}
