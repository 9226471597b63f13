// What each strategy of GitLab's project flags must know: its parameters, and whom it lets in. One file each beside this one.
import type { TextBytes } from '../murmur3.js'
import type { Parameters, StrategyName } from '../project-flag.js'

/** What an SDK is told about the user; all parts are optional there. */
export interface Context {
  readonly userId?: string
  readonly sessionId?: string
}

export interface Question {
  readonly parameters: Parameters
  readonly context: Context
  /** The family of the SDK, which decides the hash of an id beyond ASCII. */
  readonly bytes: TextBytes
}

/** `random`: each check of the SDK decides by chance, at that percentage. */
export type Verdict = boolean | { readonly randomPercent: number }

export interface StrategyKind {
  readonly name: StrategyName
  /** In the order of GitLab's checks; a strategy has these parameters and no others. */
  readonly parameters: readonly string[]
  /** GitLab's sentences about values that cannot be stored. Called with exactly the parameters of the kind. */
  faults(parameters: Readonly<Record<string, unknown>>): readonly string[]
  /** What an SDK answers. */
  decide(question: Question): Verdict
}
