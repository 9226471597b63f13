// A server of SDKs in this process: an instance of its own and its app, called without a port.
import { onTestFinished } from 'vitest'
import type { FeatureOptions } from '../../lib/config/options.js'
import { createInstance } from '../../lib/instance/create.js'
import type { Instance } from '../../lib/instance/instance.js'
import { buildApp } from '../../lib/server/app.js'
import { makeProject } from '../server/support.js'
import { type LoggedLine, recordingLogger } from './recording-logger.js'

export interface SdkServer {
  readonly instance: Instance
  readonly log: readonly LoggedLine[]
  /**
   * The answer of `client/features`, or of `client/delta`, to an SDK with that instance ID: its status and headers, and the names of its
   * flags (none for a delta).
   */
  ask(project: number | string, secret: string, environment?: string, what?: 'features' | 'delta'): Promise<SdkAnswer>
  close(): Promise<void>
}

export interface SdkAnswer {
  readonly status: number
  readonly flags: readonly string[]
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Closed when the test ends, if not before. */
export async function startSdkServer(options: FeatureOptions): Promise<SdkServer> {
  const logger = recordingLogger()
  const root = makeProject()
  const own = { root, env: 'test', diskFile: false as const, logger, ...options }
  const instance = createInstance(own, { author: 'code:test', source: 'http', watch: false, listen: true })
  await instance.feature.start()
  const app = await buildApp({ instance, logger })
  const close = async () => {
    await app.close()
    await instance.feature.stop()
  }
  onTestFinished(close)
  return {
    instance,
    log: logger.lines,
    async ask(project, secret, environment = 'production', what = 'features') {
      const url = `/api/v4/feature_flags/unleash/${encodeURIComponent(project)}/client/${what}`
      const headers = { 'unleash-instanceid': secret, 'unleash-appname': environment }
      const { statusCode: status, headers: given, body } = await app.inject({ url, headers })
      const features: readonly { name: string }[] = status === 200 ? (JSON.parse(body).features ?? []) : []
      return { status, flags: features.map(({ name }) => name), headers: given, body }
    },
    close,
  }
}
