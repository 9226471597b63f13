// What each strategy of GitLab's project flags must know: its parameters, and whom it lets in. One file each beside this one.
//
// SDKs come in two families that answer some questions differently: the Node SDK with the proxy made of it, and all others
// (yggdrasil's: Python, Ruby, Java, .NET, Rust; Go and PHP go with them). What differs stands in each strategy.
import type { TextBytes } from '../murmur3.js'
import type { Parameters, StrategyName } from '../project-flag.js'

/** What an SDK is told about the user; all parts are optional there. */
export interface Context {
  readonly userId?: string
  readonly sessionId?: string
  readonly remoteAddress?: string
  readonly environment?: string
  readonly appName?: string
  readonly properties?: Readonly<Record<string, string>>
}

/** `others`: the SDKs that do not descend from the Node SDK. */
export type SdkFamily = 'node' | 'others'

export interface Question {
  /** The name of the flag. */
  readonly flag: string
  readonly parameters: Parameters
  readonly context: Context
  readonly family: SdkFamily
}

/** `randomPercent`: each check of the SDK decides by chance, at that percentage. */
export type Verdict = boolean | { readonly randomPercent: number }

export interface StrategyKind {
  readonly name: StrategyName
  /** In the order of GitLab's checks; a strategy has these parameters and no others. */
  readonly parameters: readonly string[]
  /** GitLab's sentences about values that cannot be stored. Called with exactly the parameters of the kind. */
  faults(parameters: Readonly<Record<string, unknown>>): readonly string[]
  /** What an SDK answers, also for parameters that were not stored by these rules, but by hand. */
  decide(question: Question): Verdict
}

/** An id as the family understands it; null for none. The empty text is an id to all SDKs but Node's. */
export function idOf(value: string | undefined, family: SdkFamily): string | null {
  return value === undefined || (family === 'node' && value === '') ? null : value
}

export function bytesOf(family: SdkFamily): TextBytes {
  return family === 'node' ? 'lowByte' : 'utf8'
}
