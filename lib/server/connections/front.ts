// What may answer a request before others see it: before Node's parser, or before Fastify looks for its route.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Whether it has written the whole answer to the socket; otherwise nothing has happened to the request. Never throws. */
export type AnswerTo = (socket: Socket) => boolean

export interface Front {
  /** What answers the only request in these bytes, each time that they come; null for bytes that Node has to read. Never throws. */
  reads(bytes: Buffer): AnswerTo | null
  /** Whether it has answered, or begun to; otherwise nothing has happened to the request. Never throws. */
  answers(request: IncomingMessage, response: ServerResponse): boolean
}
