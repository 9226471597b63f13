// What a route asks of its caller. Each route declares it in its `config`, and a server with a route that does not is never built: a
// route that was forgotten would be open, or closed, by accident.
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { TokenScope } from '../../store/token-scope.js'
import { quoted } from '../../text/printable.js'
import { seesProjects } from '../../tokens/project-roles.js'
import { hasRight, type Right } from '../../tokens/rights.js'

/**
 * A right: tokens whose scopes give it. `project`: tokens with a right in any project; the handler checks in which. `any`: every
 * token that is alive. `public`: no token is asked for. `instance_id`: that of a project, which SDKs have; the handler checks it.
 */
export type RouteScope = Right | 'project' | 'any' | 'public' | 'instance_id'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks of its caller. */
    readonly scope?: RouteScope
  }
}

/** Refuses routes that declare no scope, by a TypeError, and describes that of the others: call it before any is added. */
export function demandScopes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const scope = route.config?.scope
    if (scope === undefined) throw new TypeError(`the route ${route.method} ${route.url} declares no scope`)
    describeScope(route, scope)
  })
}

/** In OpenAPI 3.1 a list behind a scheme names the roles that a caller needs. */
function describeScope(route: RouteOptions, scope: RouteScope): void {
  const isOpen = scope === 'public' || scope === 'instance_id'
  const roles = scope === 'any' ? [] : [scope]
  route.schema = { ...route.schema, security: isOpen ? [] : [{ privateToken: roles }, { bearer: roles }] }
}

/** Who asks, as far as scopes go. */
interface Caller {
  readonly name: string
  readonly scopes: readonly TokenScope[]
}

/** Throws FeatureError (`forbidden`) unless the scopes of a caller are enough; `what` is what it asks for, such as a method. */
export function checkScope(caller: Caller, what: string, needed: RouteScope): void {
  if (isEnough(caller.scopes, needed)) return
  const wanted = needed === 'project' ? '"projects", "admin" or one of a project' : `"${needed}"`
  throw new FeatureError('forbidden', {
    problem: `the token ${quoted(caller.name)} has the scope "${caller.scopes.join(', ')}", and ${what} needs ${wanted}`,
    remedy: 'use a token with that scope',
  })
}

/** The same for what a request asks for beside its route, such as `force`. */
export function checkRight({ token }: FastifyRequest, what: string, right: Right): void {
  if (token !== null) checkScope(token, what, right)
}

function isEnough(scopes: readonly TokenScope[], needed: RouteScope): boolean {
  switch (needed) {
    case 'public':
    case 'instance_id':
    case 'any':
      return true
    case 'project':
      return seesProjects(scopes)
    default:
      return hasRight(scopes, needed)
  }
}
