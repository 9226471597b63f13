// The actors that a flag is asked about.

/** Anything with an id of the form `Class:id`. */
export interface Actor {
  readonly flipperId: string
}

/** The ids of a class: `Class:id`, or the form that it gives, such as `User;{id}`. Any text for `string`. */
export type FlipperIdOf<Kind extends string> = string extends Kind
  ? string
  : Kind extends `${infer Before}{id}${infer After}`
    ? `${Before}${string}${After}`
    : `${Kind}:${string}`

/** An actor of a class, which is given by its name or by the form of its ids. */
export interface ActorOfKind<Kind extends string> {
  readonly flipperId: FlipperIdOf<Kind>
}

/** GitLab's special actors: the request under way, this host's pod, the whole installation. */
export type SpecialActor = 'request' | 'pod' | 'instance'

/** Whether `value` has a text as `flipperId`. False for a getter that throws and for a revoked proxy; never throws. */
export function isActor(value: unknown): value is Actor {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  try {
    return typeof Reflect.get(value, 'flipperId') === 'string'
  } catch {
    // An unsaved record, a revoked proxy or a broken getter: in each case it has no id.
    return false
  }
}

/**
 * The error that reading the `flipperId` of an object throws; null if it can be read, and for a value that is not an object.
 */
export function idFault(value: unknown): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return null
  try {
    Reflect.get(value, 'flipperId')
    return null
  } catch (error) {
    return error
  }
}
