// Errors of the routes of projects, with GitLab's bodies and one more field, `code`.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import { ChangedMeanwhile } from '../../project-flags/changes/changed-meanwhile.js'
import { InvalidProjectFlag, MissingList, MissingProject } from '../../project-flags/refusal.js'
import type { Logger } from '../../log.js'
import { sendError } from '../api-error.js'
import { RefusedParameter, ShapeFault } from './shape-fault.js'

export interface GitLabErrors {
  readonly logger: Logger
  /** The key of a parameter's fault: GitLab's API of user lists alone calls it `message`. */
  readonly shapeKey?: 'error' | 'message'
}

/** Sends GitLab's body where it has one; otherwise the body of all other routes. */
export function sendGitLabError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  { logger, shapeKey = 'error' }: GitLabErrors,
): FastifyReply {
  const body = error instanceof FeatureError ? gitLabBody(error, shapeKey) : null
  if (body === null || !(error instanceof FeatureError)) {
    return sendError(error, request, reply, isSaidAlready(error) ? quieter(logger) : logger)
  }
  if (error.status === 401) void reply.header('www-authenticate', 'Bearer realm="sluice"')
  return reply
    .code(error.status)
    .type('application/json; charset=utf-8')
    .send({ ...body, code: error.code })
}

/** Without the tables of projects the server has named the command once (lib/replica/projects/), and `status` names it. */
function isSaidAlready(error: Error): boolean {
  return error instanceof FeatureError && error.code === 'not_migrated'
}

function quieter(logger: Logger): Logger {
  const debug = (fields: object, message: string) => logger.debug(fields, message)
  return { debug, info: debug, warn: debug, error: debug }
}

function gitLabBody(error: FeatureError, shapeKey: 'error' | 'message'): object | null {
  if (error instanceof InvalidProjectFlag) return { message: error.sentences }
  if (error instanceof MissingList) return { message: 'Not Found' }
  if (error instanceof ShapeFault) return { [error instanceof RefusedParameter ? 'message' : shapeKey]: error.said }
  if (error instanceof MissingProject) return { message: '404 Project Not Found' }
  if (error instanceof ChangedMeanwhile) return changedBody(error)
  if (error.code === 'not_found') return { message: '404 Not found' }
  if (error.code === 'in_use') return { message: [error.problem] }
  if (error.code === 'unauthorized') return { message: '401 Unauthorized' }
  if (error.code === 'forbidden') return { message: '403 Forbidden' }
  return null
}

/** GitLab has none for these routes: who changed it, and when. */
function changedBody({ message, stale, last }: ChangedMeanwhile): object {
  return {
    message: `412 Precondition Failed: ${message}`,
    revision: stale.revision,
    changed_by: last?.author ?? null,
    changed_at: last?.at.toISOString() ?? null,
    reason: last?.reason ?? null,
  }
}
