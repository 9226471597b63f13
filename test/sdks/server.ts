// A server in this process on a database of the test, listening on a port, and its REST API as a client of GitLab calls it.
import { rmSync } from 'node:fs'
import type { FeatureOptions } from '../../lib/config/options.js'
import { createInstance } from '../../lib/instance/create.js'
import { buildApp } from '../../lib/server/app.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { makeFolder } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** What an SDK is configured with, and the way to the project's flags over REST. */
export interface SdkProject {
  readonly id: number
  readonly apiUrl: string
  readonly instanceId: string
}

export interface RestServer {
  readonly url: string
  /** The body of the answer. Throws where the server refuses. */
  rest<T>(method: Method, path: string, body?: object): Promise<T>
}

export const everywhere = [{ environment_scope: '*' }]
export const allUsers = { name: 'default', parameters: {}, scopes: everywhere }

export interface ListeningServer extends RestServer {
  /** Ends it as `serve` ends: what SDKs reported is written. */
  close(): Promise<void>
}

/** Started with these options; the caller closes it. */
export async function startListening(options: FeatureOptions): Promise<ListeningServer> {
  const logger = recordingLogger()
  const root = makeFolder()
  const own = { root, env: 'test', diskFile: false as const, logger, ...options }
  const instance = createInstance(own, { author: 'code:test', source: 'http', watch: false, listen: true })
  await instance.feature.start()
  const app = await buildApp({ instance, logger, rateLimits: { requests: 1_000_000, writes: 1_000_000 } })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const { token } = await createToken(instance.tokens, { name: url, scopes: ['admin'], expiresAt: null })
  return {
    ...restServer(url, token),
    async close() {
      await app.close()
      await instance.feature.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

export function restServer(url: string, token: string): RestServer {
  return {
    url,
    async rest<T>(method: Method, path: string, body?: object) {
      const answer = await fetch(`${url}/api/v4${path}`, {
        method,
        headers: { 'private-token': token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text}`)
      const value: T = text === '' ? null : JSON.parse(text)
      return value
    },
  }
}

/** A new project with an instance ID, and no flags. */
export async function makeSdkProject({ url, rest }: RestServer, path: string): Promise<SdkProject> {
  const { id } = await rest<{ readonly id: number }>('POST', '/projects', { name: path, path })
  const made = await rest<{ readonly instance_id: string }>('POST', `/projects/${id}/instance_ids`, { name: 'sdk' })
  return { id, apiUrl: `${url}/api/v4/feature_flags/unleash/${id}`, instanceId: made.instance_id }
}
