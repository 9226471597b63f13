// An error as clients see it: `{ code, message }` and a status. Details of the server's own failures stay in the log.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errorTable, errorText, FeatureError } from '../errors.js'
import type { Logger } from '../log.js'
import { securityHeaders } from './security-headers.js'
import { hideTokens } from '../tokens/tokens.js'

export interface ApiError {
  readonly code: ErrorCode
  readonly message: string
}

export const apiErrorSchema = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: { type: 'string', enum: Object.keys(errorTable), description: 'Stable; see docs/errors.md' },
    message: { type: 'string', description: 'What was wrong and what to do next' },
  } satisfies Record<keyof ApiError, object>,
} as const

/** For the `response` of a route: every error has the same shape. */
export const errorResponses = {
  '4xx': { description: 'The request was refused, and nothing was written', ...apiErrorSchema },
  '5xx': { description: 'The server or its database failed', ...apiErrorSchema },
} as const

/** Answers with the meaning of the error, and logs it if it is the server's fault. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const { status, body } = describe(error)
  if (status >= 500) {
    const fields = {
      requestId: request.id,
      code: body.code,
      error: hideTokens(errorText(error)),
      cause: causeOf(error),
    }
    if (body.code === 'internal') logger.error({ ...fields, stack: stackOf(error) }, 'http: a request failed')
    else logger.warn(fields, 'http: a request failed')
  }
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="sluice"')
  return (
    reply
      .code(status)
      .headers({ ...securityHeaders, 'x-request-id': request.id })
      .type('application/json')
      // As bytes: to a text the framework adds a charset, which GitLab's answers do not have.
      .send(Buffer.from(JSON.stringify(body)))
  )
}

/** Long enough for the client to read why: closed at once, a connection with bytes that were not read loses the answer as well. */
const lingerMs = 2_000

/** Node's parser refused the bytes: there is no request yet, so the answer is written by hand. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, message] = connectionFault(error.code)
  const body = JSON.stringify({ code: 'invalid_request', message } satisfies ApiError)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`),
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // What it still sends is not read, and it may never close its end: the end of the server would wait for it.
  setTimeout(() => socket.destroy(), lingerMs).unref()
}

function connectionFault(code: string | undefined): [number, string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'the request did not arrive whole in time; send it again']
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'the headers are larger than 16 KB; send less']
  return [400, 'this is not a valid HTTP request; send one of HTTP/1.1']
}

function describe(error: unknown): { status: number; body: ApiError } {
  if (error instanceof FeatureError) {
    const { status, code } = error
    return { status, body: { code, message: status >= 500 ? errorTable[code].meaning : error.message } }
  }
  if (isRefusal(error)) return describeRefusal(error)
  return { status: 500, body: { code: 'internal', message: errorTable.internal.meaning } }
}

/** The framework's own refusals have a status below 500. */
function isRefusal(error: unknown): error is FastifyError {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return false
  return error.statusCode >= 400 && error.statusCode < 500
}

function describeRefusal(error: FastifyError): { status: number; body: ApiError } {
  const status = error.statusCode ?? 400
  if (status === 413)
    return { status, body: { code: 'payload_too_large', message: 'the body is larger than 1 MiB; send less' } }
  if (status === 415) {
    const message =
      'the body is neither JSON nor a form; send it as application/json or application/x-www-form-urlencoded, uncompressed'
    return { status, body: { code: 'unsupported_media_type', message } }
  }
  return {
    status,
    body: { code: 'invalid_request', message: refusalMessages[error.code] ?? malformed },
  }
}

const malformed = 'the request is malformed; see /api/v4/openapi.json'

/** The framework's own words may repeat the input, which may hold any text. */
const refusalMessages: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: 'the path is not valid percent-encoded UTF-8; encode each part of it',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not valid JSON; correct it',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as Content-Length says; correct one of them',
}

function causeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.cause === undefined) return undefined
  return hideTokens(errorText(error.cause))
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error && error.stack !== undefined ? hideTokens(errorText(error.stack)) : undefined
}
