// What one file says about flags, whatever other files say. Plain data: it is kept on disk, under the hash of the file's content.
import type { Members, Term, Value } from './source/values.js'

/**
 * How a flag is named: asked, asked as an experiment, changed, shown, pushed to a page, pushed with an answer of the caller's own, stubbed in a test, given to a function or a field of the
 * configuration, read in a page by its camel-case name, or quoted in a text that no parser reads. `torn` names no flag: there a method
 * is taken off its object.
 */
export type UseKind =
  | 'check'
  | 'experiment'
  | 'write'
  | 'read'
  | 'push'
  | 'forced-push'
  | 'stub'
  | 'call'
  | 'property'
  | 'frontend'
  | 'text'
  | 'torn'

export interface FoundUse {
  readonly kind: UseKind
  /** Both count from 1; the column counts UTF-16 units, as editors do. */
  readonly line: number
  readonly column: number
  /** The names that it can have; of a page's read in camel case, of `torn` the method. */
  readonly terms: readonly Term[]
  /** True: the object is an instance of FeatureFlags, or the function one of ours. False: it may be one. A link: another file tells. */
  readonly sure: boolean | Value
  /** The `type:` of the call; null where it names none. */
  readonly type: readonly Term[] | null
  /** Whom it asks about, as far as that is known; null for nobody. */
  readonly actor: Value | null
  /** Whether it runs when the file is loaded. */
  readonly eager: boolean
}

export interface FoundFault {
  readonly line: number
  readonly column: number
  readonly problem: string
}

export interface FileFacts {
  readonly uses: readonly FoundUse[]
  readonly exports: Members
  /** The modules whose exports are exported too: `export * from`. */
  readonly stars: readonly string[]
  /** The texts in quotes that could be names, of a file that could not be parsed. */
  readonly quoted: readonly string[]
  readonly faults: readonly FoundFault[]
}

export const noFacts: FileFacts = { uses: [], exports: {}, stars: [], quoted: [], faults: [] }
