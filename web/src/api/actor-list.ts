// All actors on one list of a flag.
import type { Answer } from './operations.generated.js'
import { list, object, orNull, text } from './parse.js'
import type { Door } from './request.js'

export type ActorList = Answer<'listWebFlagActors'>

const actorList = object<ActorList>({ revision: orNull(text), ids: list(text) })

/** Throws ApiFault. */
export function fetchActorList(
  door: Door,
  name: string,
  which: 'on' | 'never',
  signal?: AbortSignal,
): Promise<ActorList> {
  return door.ask(`/api/web/flags/${encodeURIComponent(name)}/actors?list=${which}`, actorList, { signal })
}
