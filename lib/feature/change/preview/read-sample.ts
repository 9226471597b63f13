// Reads what `actors.X.sample` of the configuration gave. It is code of the application, so every part is looked at.
import type { Actor } from '../../../actors/actor.js'
import { namedActor } from '../../../actors/actor-text.js'
import type { ActorClasses } from '../../../actors/classes.js'
import { isRounded } from '../../../actors/rounded.js'
import { foundActor } from '../../../actors/targets.js'
import { quoted } from '../../../text/printable.js'

/** An actor that a preview looks at. */
export interface KnownActor {
  readonly id: string
  /** What the predicates of groups can be asked about; null where only the id is known. */
  readonly actor: Actor | null
}

export interface Sample {
  readonly actors: readonly KnownActor[]
  /** How many there are of the class; null: these are all. */
  readonly total: number | null
}

export interface ReadSample {
  readonly sample: Sample
  /** What was left out; null where all could be used. */
  readonly fault: string | null
}

/** The most actors that are looked at. */
export const mostSampled = 10_000

/** Throws an Error that says what is wrong, where nothing of it can be used. */
export function readSample(given: unknown, className: string, classes: ActorClasses): ReadSample {
  const { items, total } = partsOf(given)
  const actors = new Map<string, KnownActor>()
  let faulty = 0
  let firstFault = ''
  for (const item of items) {
    const actor = readActor(item, className, classes)
    if (typeof actor !== 'string') {
      actors.set(actor.id, actor)
      continue
    }
    if (faulty === 0) firstFault = actor
    faulty += 1
  }
  const fault =
    faulty === 0 ? null : `it gave ${faulty} of ${items.length} that cannot be used; the first ${firstFault}`
  if (fault !== null && actors.size === 0) throw new Error(fault)
  return {
    sample: { actors: [...actors.values()], total: total !== null && total > actors.size ? total : null },
    fault,
  }
}

interface Parts {
  readonly items: readonly unknown[]
  readonly total: number | null
}

function partsOf(given: unknown): Parts {
  if (isIterable(given)) return cut(given)
  const [ids, total]: readonly unknown[] =
    typeof given === 'object' && given !== null ? [Reflect.get(given, 'ids'), Reflect.get(given, 'total')] : []
  if (!isIterable(ids)) {
    throw new Error(`it gave ${described(given)}, which is no list of actors; give ids, or { ids, total }`)
  }
  if (total === undefined) return cut(ids)
  if (typeof total === 'number' && Number.isSafeInteger(total) && total >= 0) return { items: cut(ids).items, total }
  throw new Error(`its total is ${quoted(total)}, which is no whole number`)
}

/** At most as many as were asked for. Of a longer array some that lie equally far apart: it may be sorted. */
function cut(given: Iterable<unknown>): Parts {
  if (Array.isArray(given)) {
    const { length } = given
    if (length <= mostSampled) return { items: given, total: null }
    const items = Array.from(
      { length: mostSampled },
      (_, index): unknown => given[Math.floor((index * length) / mostSampled)],
    )
    return { items, total: length }
  }
  const items: unknown[] = []
  for (const item of given) {
    if (items.length === mostSampled) break
    items.push(item)
  }
  return { items, total: null }
}

/** The actor, or why it is none. */
function readActor(item: unknown, className: string, classes: ActorClasses): KnownActor | string {
  if (isRounded(item)) return `is the number ${item}, which is rounded beyond 2^53−1`
  try {
    const other = typeof item === 'string' ? otherClass(item, className, classes) : null
    const actor = other === null ? foundActor(className, item, classes) : null
    if (actor === null)
      return other === null ? `is ${described(item)} without an id` : `is of the class ${quoted(other)}`
    const id = actor.flipperId.toWellFormed()
    const isOther = otherClass(id, className, classes)
    if (isOther !== null) return `is of the class ${quoted(isOther)}`
    return { id, actor: actor === item ? actor : null }
  } catch {
    return `is ${described(item)} without an id`
  }
}

/** The class of an id, where it is another one. */
function otherClass(id: string, className: string, classes: ActorClasses): string | null {
  if (classes.pattern(className).fits(id)) return null
  const other = classes.classOf(id)
  return other === className ? null : other
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

function described(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? quoted(value) : `a ${typeof value}`
}

/** The class of an id, as people and as the configuration write it; null for an id that tells none. */
export function classOfId(id: string, classes: ActorClasses): string | null {
  return classes.classOf(id) ?? namedActor(id)?.className ?? null
}
