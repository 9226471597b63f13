// What browsers are told beside the headers of every answer. A browser is known by the address that it asks, or by what it says of the page
// that asks (Sec-Fetch-Site).
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { browserHeaders, httpsOnly } from '../security-headers.js'
import type { Arrivals } from './arrival.js'

/** Adds them to the routes of the scope. */
export function headBrowsers(scope: FastifyInstance, arrivals: Arrivals): void {
  scope.addHook('onRequest', async (request, reply) => {
    if (!isOfBrowser(request)) return
    const isSafe = request.protocol === 'https' || arrivals.of(request) === 'https'
    reply.headers({ ...browserHeaders, ...(isSafe ? httpsOnly : {}) })
  })
}

function isOfBrowser({ url, headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] !== undefined || !/^\/(?:api\/v4|-)(?:[/?]|$)/.test(url)
}
