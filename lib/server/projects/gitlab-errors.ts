// Errors of the routes of projects, with GitLab's bodies and one more field, `code`.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import { InvalidProjectFlag, MissingProject } from '../../project-flags/refusal.js'
import type { Logger } from '../../log.js'
import { sendError } from '../api-error.js'
import { ListShapeFault, ShapeFault } from './shape-fault.js'

/** Sends GitLab's body where it has one; otherwise the body of all other routes. */
export function sendGitLabError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const body = error instanceof FeatureError ? gitLabBody(error) : null
  if (body === null || !(error instanceof FeatureError)) return sendError(error, request, reply, logger)
  return reply
    .code(error.status)
    .type('application/json; charset=utf-8')
    .send({ ...body, code: error.code })
}

function gitLabBody(error: FeatureError): { message: string | readonly string[] } | { error: string } | null {
  if (error instanceof InvalidProjectFlag) return { message: error.sentences }
  if (error instanceof ListShapeFault) return { message: error.said }
  if (error instanceof ShapeFault) return { error: error.said }
  if (error instanceof MissingProject) return { message: '404 Project Not Found' }
  if (error.code === 'not_found') return { message: '404 Not found' }
  if (error.code === 'in_use') return { message: [error.problem] }
  if (error.code === 'unauthorized') return { message: '401 Unauthorized' }
  if (error.code === 'forbidden') return { message: '403 Forbidden' }
  return null
}
