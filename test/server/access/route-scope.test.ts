// Each route says what it asks of its caller, and asks for it.
import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { demandScopes } from '../../../lib/server/access/route-scope.js'
import type { TokenScope } from '../../../lib/store/token-scope.js'
import { createToken } from '../../../lib/tokens/tokens.js'
import { readAnswer, startApp } from '../support.js'

type Operations = Readonly<Record<string, { readonly security?: readonly object[] }>>

/** The scope that the description names, by method and path; `open` where no token is asked for. */
async function describedScopes(): Promise<Readonly<Record<string, unknown>>> {
  const { app } = await startApp()
  const { body } = await readAnswer(app, { url: '/api/v4/openapi.json' })
  const paths: Readonly<Record<string, Operations>> = Reflect.get(Object(body), 'paths')
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security = [] }]) => {
      const [first] = security
      return [
        `${method.toUpperCase()} ${path}`,
        first === undefined ? 'open' : Reflect.get(first, 'privateToken'),
      ] as const
    }),
  )
  return Object.fromEntries(routes)
}

describe('the scope of a route', () => {
  it('is declared by every one: a server with a route that does not cannot be built', async () => {
    const app = Fastify()
    demandScopes(app)
    expect(() => app.get('/forgotten', async () => 'open to all')).toThrow('the route GET /forgotten declares no scope')
    expect(() => app.get('/said', { config: { scope: 'public' } }, async () => '')).not.toThrow()
  })

  it('stands in the description of every route', async () => {
    const scopes = await describedScopes()
    expect(Object.entries(scopes).filter(([, scope]) => scope === undefined)).toEqual([])
    expect(scopes).toMatchObject({
      'GET /api/v4/features': ['read'],
      'GET /api/v4/features/{name}': ['read'],
      'POST /api/v4/features/{name}': ['read'],
      'DELETE /api/v4/features/{name}': ['read'],
      'POST /api/v4/features/{name}/changes': ['read'],
      'GET /api/v4/projects': ['project'],
      'GET /-/liveness': 'open',
    })
  })
})

describe('a token with the scope', () => {
  const url = '/api/v4/features/my_flag'
  const share = { operations: [{ op: 'percentage_of_actors', value: 25 }] }
  const asks = [
    ['GET', url, undefined],
    ['POST', `${url}/changes`, { ...share, dry_run: true }],
    ['POST', `${url}/changes`, share],
    ['POST', `${url}/changes`, { ...share, force: true }],
    ['POST', url, { value: true }],
    ['POST', url, { value: true, force: true }],
    ['DELETE', url, undefined],
  ] as const

  it.each<[TokenScope, readonly number[]]>([
    ['read', [200, 200, 403, 403, 403, 403, 403]],
    ['write', [200, 200, 200, 403, 201, 403, 204]],
    ['approve', [403, 403, 403, 403, 403, 403, 403]],
    ['admin', [200, 200, 200, 200, 201, 201, 204]],
    ['projects', [403, 403, 403, 403, 403, 403, 403]],
    ['project:1:maintain', [403, 403, 403, 403, 403, 403, 403]],
  ])('%s may look, preview, change, force, set, force and delete: %j', async (scope, wanted) => {
    const { app, instance } = await startApp()
    const { token } = await createToken(instance.tokens, { name: 'holder', scopes: [scope], expiresAt: null })
    const statuses: number[] = []
    for (const [method, target, payload] of asks) {
      const headers = { 'private-token': token }
      const answer = await readAnswer(app, {
        method,
        url: target,
        headers,
        ...(payload === undefined ? {} : { payload }),
      })
      statuses.push(answer.status)
    }
    expect(statuses).toEqual(wanted)
  })
})
