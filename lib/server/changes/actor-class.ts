// The class of actors that a preview counts, where a request names one.
import type { ActorClasses } from '../../actors/classes.js'
import { declaredKindPattern } from '../../actors/declared-kinds.js'
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'

export const actorClassSchema = {
  type: 'string',
  maxLength: 100,
  pattern: declaredKindPattern,
  description:
    'The class of the actors that are counted, such as Project; by default the one that most ids on the lists of the flag have',
} as const

/** Throws FeatureError (`invalid_request`) for a class that the configuration does not know. */
export function checkActorClass(name: string | undefined, classes: ActorClasses): void {
  if (name === undefined || !classes.isClosed || classes.isKnown(name)) return
  throw new FeatureError('invalid_request', {
    problem: `actor_class is ${quoted(name)}, which is no class that the configuration registers`,
    remedy: `use one of ${classes.names.filter((known) => classes.isRegistered(known)).join(', ')}, or leave it out`,
  })
}
