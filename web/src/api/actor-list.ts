// All actors on one list of a flag, and the actors of paths.
import type { Answer } from './operations.generated.js'
import { list, object, orNull, record, text } from './parse.js'
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

/** The ids of paths that lead to an actor of the class; null where the application has no way to find them. At most 200. Throws ApiFault. */
export async function findPaths(
  door: Door,
  className: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string> | null> {
  const body = { actor_class: className, paths }
  const { ids } = await door.ask('/api/web/actors/find', object({ ids: orNull(record(text)) }), {
    method: 'POST',
    body,
    signal,
  })
  return ids
}
