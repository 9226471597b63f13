// The flag in the answer to a change. The change is committed by then, so nothing here may make it look refused: where the database is lost
// right after it, the answer goes out without the revision.
import type { FastifyReply } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import { type FeatureEntity, toFeatureEntity } from '../feature-entity.js'
import { flagNow } from '../web/flag-now.js'

export interface ChangedFlag extends FeatureEntity {
  /** Null where the database does not answer any more. */
  readonly revision: string | null
}

/** The flag after a change of it, and the revision as ETag of the reply, where one is given. Never rejects, and takes two seconds at most. */
export async function flagAfter(instance: Instance, name: string, reply?: FastifyReply): Promise<ChangedFlag> {
  const { revision } = await flagNow(instance, name, instance.config.logger)
  if (revision !== null && reply !== undefined) tag(reply, revision)
  return { ...toFeatureEntity(instance.feature.get(name)), revision }
}

export function tag(reply: FastifyReply, revision: string): void {
  void reply.header('etag', `"${revision}"`)
}
