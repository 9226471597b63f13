// The answer of one flag for actors, whatever its rows were read from: stored gates, or the default where nothing is stored.
import type { CompiledGates } from '../../gates/compile.js'
import type { Flag } from '../../replica/flag.js'
import type { ScopeDefaults } from '../scope/scope.js'
import { answerOf, type AskGroup, type Asked, type GatesAnswer } from './answer.js'
import type { ExplainedAnswer } from './explanation.js'

export interface AnswerRules {
  /** Asks groups as a check of this flag does. */
  readonly ask: AskGroup
  /** Whether the rows are those of an earlier time, while groups and defaults are those of today. */
  readonly isPast: boolean
  /** As in the test under way. Default: `definitions`. */
  readonly defaults?: ScopeDefaults | undefined
  /** The answer for a flag without a definition of which nothing is stored. Default: false. */
  readonly defaultIfUndefined?: boolean | undefined
}

export interface FlagAnswer extends ExplainedAnswer {
  /** Null where nothing is stored, and the default counts. */
  readonly byGates: (GatesAnswer & { readonly gates: CompiledGates }) | null
}

/** `flag` null: there is neither a definition of the name nor anything stored. */
export function answerOfFlag(flag: Flag | null, asked: Asked, rules: AnswerRules): FlagAnswer {
  const gates = flag?.gates ?? null
  if (gates === null) return answerByDefault(flag, rules)
  const answer = answerOf(gates, asked, rules.ask)
  const { value, reason, chance } = answer
  const groups = [...answer.asked].filter(([, is]) => rules.isPast || (is === null && value !== true))
  const approximate = [...groups.map(([group]) => `group:${group}`), ...(value === null ? ['by_chance'] : [])]
  return { value, reason, chance, approximate, byGates: { ...answer, gates } }
}

function answerByDefault(flag: Flag | null, rules: AnswerRules): FlagAnswer {
  const { isPast, defaults = 'definitions', defaultIfUndefined = false } = rules
  const isOn = flag === null ? defaultIfUndefined : defaults === 'on' || flag.definition?.defaultEnabled === true
  return {
    value: isOn,
    reason: flag === null && !isOn ? 'unknown' : 'default',
    chance: isOn ? 1 : 0,
    approximate: isPast ? ['definition'] : [],
    byGates: null,
  }
}
