// The answer to a change that was only tried: what the change would have answered, with its warnings.
import type { FastifyRequest } from 'fastify'
import type { Warning } from '../../project-flags/changes/flag-warnings.js'
import { isDryRun } from './caller.js'

/** The entity as it is; of a trial with `dry_run` and `warnings`. */
export function answerTo(
  request: FastifyRequest,
  entity: object,
  warnings: () => readonly Warning[] = () => [],
): object {
  return isDryRun(request) ? { ...entity, dry_run: true, warnings: warnings() } : entity
}
