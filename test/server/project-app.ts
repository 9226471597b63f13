// An app in memory with one project, called in process as GitLab's clients call it.
import type { InjectOptions } from 'fastify'
import type { TokenScope } from '../../lib/store/token-scope.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { startApp } from './support.js'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface Asking {
  readonly payload?: InjectOptions['payload']
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the admin token. */
  readonly token?: string
}

/** The project `group/shop`; `project` is its address. */
export async function startProject() {
  const app = await startApp({ rateLimits: { requests: 100_000, writes: 100_000, failures: 100 } })
  const send = async (method: Method, path: string, { payload, headers = {}, token = app.admin }: Asking = {}) => {
    const answer = await app.app.inject({
      method,
      url: `/api/v4${path}`,
      headers: { 'private-token': token, ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? null : answer.json() }
  }
  const ask = (method: Method, path: string, payload?: InjectOptions['payload']) =>
    send(method, path, payload === undefined ? {} : { payload })
  const made = await ask('POST', '/projects', { path: 'group/shop', name: 'The shop' })
  const tokenWith = async (...scopes: readonly TokenScope[]) => {
    const { token } = await createToken(app.instance.tokens, { name: scopes.join(' '), scopes, expiresAt: null })
    return token
  }
  return { app, ask, send, tokenWith, id: Number(made.body.id), project: `/projects/${made.body.id}`, made }
}
