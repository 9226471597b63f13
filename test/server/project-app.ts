// Apps in memory with projects, called in process as GitLab's clients call them.
import { rmSync } from 'node:fs'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll } from 'vitest'
import { createInstance } from '../../lib/instance/create.js'
import { buildApp } from '../../lib/server/app.js'
import type { TokenScope } from '../../lib/store/token-scope.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { recordingLogger } from '../support/recording-logger.js'
import { makeProjectFolder, startApp, type TestApp } from './support.js'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type App = Omit<TestApp, 'call'>

export interface Asking {
  readonly payload?: InjectOptions['payload']
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the admin token. */
  readonly token?: string
}

const rateLimits = { requests: 100_000, writes: 100_000, failures: 1_000 }

/** An app of its own with the project `group/shop`; `project` is its address. */
export async function startProject() {
  return projectIn(await startApp({ rateLimits }), 'group/shop')
}

/** One app for all tests of a file, which costs much less; each call gives another project in it. */
export function useProjects(): () => ReturnType<typeof projectIn> {
  let shared: App | null = null
  let close = async () => {}
  let count = 0
  beforeAll(async () => {
    const root = makeProjectFolder()
    const logger = recordingLogger()
    const settings = { root, env: 'test', databaseUrl: 'memory', diskFile: false, logger } as const
    const instance = createInstance(settings, { author: 'code:test', source: 'http', watch: false })
    const { feature } = instance
    await feature.start()
    await feature.enable('canary', { flipperId: 'Project:1' })
    const { token } = await createToken(instance.tokens, { name: 'ci', scopes: ['admin'], expiresAt: null })
    const app = await buildApp({ instance, logger, rateLimits })
    shared = { app, feature, instance, admin: token, log: logger.lines }
    close = async () => {
      await app.close()
      await feature.stop()
      rmSync(root, { recursive: true, force: true })
    }
  })
  afterAll(() => close())
  return () => {
    if (shared === null) throw new TypeError('the app is not started')
    count += 1
    return projectIn(shared, `group/shop-${count}`)
  }
}

async function projectIn(app: App, path: string) {
  const send = async (method: Method, url: string, { payload, headers = {}, token = app.admin }: Asking = {}) => {
    const answer = await app.app.inject({
      method,
      url: `/api/v4${url}`,
      headers: { 'private-token': token, ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? null : answer.json() }
  }
  const ask = (method: Method, url: string, payload?: InjectOptions['payload']) =>
    send(method, url, payload === undefined ? {} : { payload })
  const made = await ask('POST', '/projects', { path, name: 'The shop' })
  const tokenWith = async (...scopes: readonly TokenScope[]) => {
    const { token } = await createToken(app.instance.tokens, { name: scopes.join(' '), scopes, expiresAt: null })
    return token
  }
  return { app, ask, send, tokenWith, id: Number(made.body.id), project: `/projects/${made.body.id}`, made }
}
