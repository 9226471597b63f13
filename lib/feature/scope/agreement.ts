// Whether two tests that run at the same time want the same of a flag: then code that belongs to neither can be answered.
import type { FlagSnapshot } from '../../replica/flag-content.js'
import { sameRows } from '../../state/stored-rows.js'
import type { Scope } from './scope.js'

export function agreeOnFlag(one: Scope, other: Scope, name: string, base: FlagSnapshot): boolean {
  const [mine, theirs] = [one.flag(name, base), other.flag(name, base)]
  if (mine === theirs) return true
  if (!mine?.stored || !theirs?.stored) return mine?.stored === theirs?.stored && mine?.answer === theirs?.answer
  return sameRows(mine.stored, theirs.stored)
}

/** For all flags that one of them has a stub for, and for the default of all others. */
export function agreeOnAll(one: Scope, other: Scope, base: FlagSnapshot): boolean {
  if (one.defaults !== other.defaults) return false
  return [...one.stubs.keys(), ...other.stubs.keys()].every((name) => agreeOnFlag(one, other, name, base))
}
