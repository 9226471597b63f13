// An app on a store in memory, with definitions of its own, called in process.
import { rmSync } from 'node:fs'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { onTestFinished } from 'vitest'
import type { FeatureOptions } from '../../lib/config/options.js'
import type { FeatureFlags } from '../../lib/feature/feature.js'
import { createInstance } from '../../lib/instance/create.js'
import type { Instance } from '../../lib/instance/instance.js'
import { type AppOptions, buildApp } from '../../lib/server/app.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { makeFolder } from '../support/project.js'
import { type LoggedLine, recordingLogger } from '../support/recording-logger.js'

export interface TestApp {
  readonly app: FastifyInstance
  readonly feature: FeatureFlags
  readonly instance: Instance
  /** The text of an admin token. */
  readonly admin: string
  readonly log: readonly LoggedLine[]
  /** Calls the app with the admin token. */
  call(method: 'GET' | 'POST' | 'DELETE', url: string, rest?: InjectOptions): ReturnType<typeof readAnswer>
}

export interface OpenApp extends TestApp {
  close(): Promise<void>
}

const definitions: Readonly<Record<string, string>> = {
  'development/canary': 'default_enabled: false',
  'development/my_flag': 'group: group::web\nmilestone: "0.1"\ndefault_enabled: false',
  'development/my_other_flag': 'default_enabled: false',
  'ops/on_by_default': 'default_enabled: true',
}

const paths: Readonly<Record<string, number>> = { 'gitlab-org/gitlab': 7, 'gitlab-org/gitaly': 8 }

/** A started app; closed when the test ends. The flag `canary` is on for Project:1 and for nobody else. */
export async function startApp(options: Partial<AppOptionsForTests> = {}): Promise<TestApp> {
  const app = await openApp(options)
  onTestFinished(() => app.close())
  return app
}

/** The same for all tests of a file that leave it as it was, for the caller to close. */
export async function openApp({
  feature: featureOptions = {},
  ...options
}: Partial<AppOptionsForTests> = {}): Promise<OpenApp> {
  const logger = recordingLogger()
  const root = makeProjectFolder()
  const instance = createInstance(
    {
      root,
      env: 'test',
      databaseUrl: 'memory',
      diskFile: false,
      logger,
      groups: { beta_testers: () => true },
      actors: { Project: { findByPath: (path) => paths[path] ?? null }, User: {} },
      ...featureOptions,
    },
    { author: 'code:test', source: 'http', watch: false },
  )
  const { feature } = instance
  await feature.start()
  await feature.enable('canary', { flipperId: 'Project:1' })
  const { token } = await createToken(instance.tokens, { name: 'ci', scopes: ['admin'], expiresAt: null })
  const app = await buildApp({ instance, logger, ...options })
  return {
    app,
    feature,
    instance,
    admin: token,
    log: logger.lines,
    async call(method, url, rest = {}) {
      return readAnswer(app, { method, url, ...rest, headers: { 'private-token': token, ...rest.headers } })
    },
    async close() {
      await app.close()
      await feature.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

type AppOptionsForTests = Omit<AppOptions, 'instance'> & { readonly feature: FeatureOptions }

/** Status, headers and parsed body of one call. */
export async function readAnswer(app: FastifyInstance, options: InjectOptions) {
  const response = await app.inject(options)
  const json = String(response.headers['content-type']).startsWith('application/json')
  const body: unknown = json ? response.json() : response.body
  return { status: response.statusCode, headers: response.headers, body }
}

/** What must hold after whatever was sent. */
export function canaryAnswers({ feature }: Pick<TestApp, 'feature'>) {
  return {
    on: feature.enabled('canary', { flipperId: 'Project:1' }),
    off: feature.enabled('canary', { flipperId: 'Project:2' }),
    polluted: Reflect.get({}, 'polluted'),
  }
}

export const canaryIsRight = { on: true, off: false, polluted: undefined }

/** A project folder with definitions, removed when the test ends. */
export function makeProject(): string {
  const root = makeProjectFolder()
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** A project folder with definitions, for the caller to remove. */
export function makeProjectFolder(): string {
  const files = Object.entries(definitions).map(([path, text]) => {
    const [type, name] = path.split('/')
    return [`config/feature_flags/${path}.yml`, `---\nname: ${name}\ntype: ${type}\n${text}\n`]
  })
  return makeFolder(Object.fromEntries(files))
}
