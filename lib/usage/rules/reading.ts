// What the rules judge: all uses, all definitions, and the configuration.
import type { ActorClasses } from '../../actors/classes.js'
import type { Definition } from '../../definition/definition.js'
import type { Fault } from '../../definition/fault.js'
import type { FlagTypes } from '../../definition/rules/rules.js'
import type { UsageSettings } from '../settings.js'
import type { Use } from '../uses.js'

export interface Reading {
  readonly root: string
  readonly uses: readonly Use[]
  /** Texts in quotes in files that could not be parsed, tests left out: what they name counts as used. */
  readonly quoted: ReadonlySet<string>
  /** Those of `ee/` too, whatever FOSS_ONLY says. */
  readonly definitions: ReadonlyMap<string, Definition>
  readonly definitionFaults: readonly Fault[]
  readonly types: FlagTypes
  readonly classes: ActorClasses
  readonly settings: UsageSettings
  /** Whether `ee/` is left out. */
  readonly foss: boolean
  /** The folder that a new definition would go to; null if the configuration names none. */
  readonly base: string | null
}

/** Uses that are judged: calls of ours for certain, outside of tests. */
export function judgedUses({ uses }: Reading, kinds: ReadonlySet<Use['kind']>): readonly Use[] {
  return uses.filter((use) => use.sure && !use.test && kinds.has(use.kind))
}

/** Where a use stands, for its fault. */
export function placeOf(use: Use): Pick<Use, 'file' | 'line' | 'column'> {
  return { file: use.file, line: use.line, column: use.column }
}
