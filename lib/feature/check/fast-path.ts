// The one shortcut of a check. Most checks end here: there is nothing to refuse or to report, and no group whose predicate could
// ask for flags. check.ts has the full meaning; for every check that is answered here it would answer the same.
//
// Which field of the flag may answer (strict mode: only a check without options, of a flag that is `isDevelopment`; production: with
// any options, of a flag that has a definition):
//
//   field                 mode        given as the actor               why that is enough
//   fastAnswer            production  anything, or nothing             the answer is the same for every actor
//   fastAnswerStrict      strict      nothing                          the same
//   fastAnswerStrict      strict      an actor of a class that is      strict mode refuses every other thing first
//                                     known
//   fastGates             production  an actor                         no group can open the flag
//   fastGatesStrict       strict      an actor of a class that is      the same
//                                     known
//
// Each field is null where it may not answer: also until the gates are compiled, which check.ts does at a flag's first check.
import { type DecideScope, decide, isOpenForActor } from '../../gates/decide.js'
import type { CompiledGates } from '../../gates/compile.js'
import type { Flag } from '../../replica/flag.js'
import type { ClassCheck } from './actor-classes.js'
import { type CheckOptions, idOf } from './arguments.js'

/** What of the checker the shortcut reads. It is the checker itself: an object around these would be one load more in every check. */
export interface FastPathRules {
  readonly strict: boolean
  /** Null where every class is fine, as always in production. */
  readonly classes: ClassCheck | null
  readonly scope: DecideScope
}

/**
 * The answer; undefined where only the full check can tell. Every check comes here: what is added is paid by each of them, so quote
 * the benchmark.
 */
export function fastAnswer(
  flag: Flag,
  thing: unknown,
  options: CheckOptions | undefined,
  rules: FastPathRules,
): boolean | undefined {
  if (thing === undefined && options === undefined) {
    const answer = rules.strict ? flag.fastAnswerStrict : flag.fastAnswer
    return answer === null ? undefined : answer
  }
  if (!rules.strict) {
    if (flag.fastAnswer !== null) return flag.fastAnswer
    if (flag.fastGates === null) return undefined
    const id = idOf(thing)
    return id === null ? undefined : isOpen(flag.fastGates, id, rules)
  }
  return options === undefined ? strictAnswer(flag, thing, rules) : undefined
}

function strictAnswer(flag: Flag, thing: unknown, rules: FastPathRules): boolean | undefined {
  const { fastAnswerStrict: answer, fastGatesStrict: gates } = flag
  if (answer === null && gates === null) return undefined
  const id = idOf(thing)
  if (id === null || (rules.classes !== null && !rules.classes.knows(id))) return undefined
  if (answer !== null) return answer
  return gates === null ? undefined : isOpen(gates, id, rules)
}

function isOpen(gates: CompiledGates, id: string, rules: FastPathRules): boolean {
  return gates.onlyActorsAndPercentage ? isOpenForActor(gates, id) : decide(gates, id, null, rules.scope).value
}
