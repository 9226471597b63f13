// The instances of this process, by whose rules stubs are judged. They are found here and not handed over, because a test names flags
// without an instance, and often before the first check has read any definition.
import type { Runtime } from '../runtime.js'

/** What an instance knows of flags and actors. */
export type StubRules = Pick<Runtime, 'catalog' | 'checker' | 'special' | 'config'>

/** An instance. */
export interface KnowsStubRules {
  /** Whether it has read its definitions. */
  readonly isUsed: boolean
  /** Those of its newest runtime, which is built where there is none. */
  readonly runtime: StubRules
}

const instances = new Set<WeakRef<KnowsStubRules>>()
/** When those that are gone are taken out: the list stays short in an application that makes and drops many. */
let mostInstances = 16

/** To be called once for each instance. */
export function judgeStubsBy(instance: KnowsStubRules): void {
  instances.add(new WeakRef(instance))
  if (instances.size <= mostInstances) return
  for (const known of instances) if (known.deref() === undefined) instances.delete(known)
  mostInstances = 2 * instances.size
}

/**
 * The rules of each instance: those in use first, of these the newest. The others read their definitions only if the caller goes on to them; one whose
 * configuration is wrong is passed over, and says so where it is used.
 */
export function* rulesOfStubs(): Generator<StubRules, undefined> {
  const alive = [...instances].flatMap((instance) => instance.deref() ?? []).reverse()
  for (const { runtime } of alive.filter(({ isUsed }) => isUsed)) yield runtime
  for (const instance of alive.filter(({ isUsed }) => !isUsed)) {
    const runtime = built(instance)
    if (runtime !== null) yield runtime
  }
}

function built(instance: KnowsStubRules): StubRules | null {
  try {
    return instance.runtime
  } catch {
    return null
  }
}
