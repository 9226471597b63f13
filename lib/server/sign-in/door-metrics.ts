// The metrics of people who sign in, and of changes that were shown, refused or met by another one.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, type Registry } from 'prom-client'
import { isTrial } from '../set-parameters.js'

const signInResults: Readonly<Record<number, string>> = { 200: 'done', 401: 'wrong', 403: 'refused', 429: 'limited' }

/** Counts the answers of all routes of the scope. */
export function countChanges(scope: FastifyInstance, registry: Registry): void {
  const registers = [registry]
  const signIns = new Counter({
    name: 'sluice_sign_ins_total',
    help: 'Attempts to sign in: done, wrong (token or code), refused (plain HTTP, or a page of another site), limited, failed.',
    labelNames: ['result'],
    registers,
  })
  const previews = new Counter({
    name: 'sluice_previews_total',
    help: 'Changes that were shown without being made.',
    registers,
  })
  const refused = new Counter({
    name: 'sluice_changes_refused_total',
    help: 'Changes that were not made: conflict (another change came first, 412), unconfirmed (by a person who was not shown them, 428).',
    labelNames: ['reason'],
    registers,
  })
  for (const result of [...Object.values(signInResults), 'failed']) signIns.inc({ result }, 0)
  for (const reason of ['conflict', 'unconfirmed']) refused.inc({ reason }, 0)
  scope.addHook('onResponse', async (request, { statusCode }) => {
    if (request.routeOptions.url === '/api/web/session' && request.method === 'POST')
      signIns.inc({ result: signInResults[statusCode] ?? 'failed' })
    if (statusCode === 412) refused.inc({ reason: 'conflict' })
    if (statusCode === 428) refused.inc({ reason: 'unconfirmed' })
    if (statusCode < 300 && isPreview(request)) previews.inc()
  })
}

function isPreview({ method, body, query }: FastifyRequest): boolean {
  return method !== 'GET' && [body, query].some(isTrial)
}
