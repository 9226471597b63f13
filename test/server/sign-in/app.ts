// An app to sign in to, whose clocks and stores the test holds in its hands.
import type { InjectOptions } from 'fastify'
import { onTestFinished } from 'vitest'
import type { FeatureOptions } from '../../../lib/config/options.js'
import { createInstance } from '../../../lib/instance/create.js'
import { buildApp } from '../../../lib/server/app.js'
import type { BuiltPage } from '../../../lib/server/web/built-files.js'
import type { RateLimits } from '../../../lib/server/access/rate-limits.js'
import type { SignInStore } from '../../../lib/store/sign-ins.js'
import { MemoryStore } from '../../../lib/store/memory/store.js'
import type { Store } from '../../../lib/store/store.js'
import type { TokenScope } from '../../../lib/store/token-scope.js'
import { createToken } from '../../../lib/tokens/tokens.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { makeProject, readAnswer } from '../support.js'

export const sessionUrl = '/api/web/session'
export const flagUrl = '/api/v4/features/my_flag'

export interface SignInAppOptions {
  readonly feature?: FeatureOptions
  readonly rateLimits?: Partial<RateLimits>
  /** Another server with the same store. */
  readonly store?: Store
  readonly clock?: { ms: number }
  /** Default: none. */
  readonly page?: BuiltPage
}

/** `clock` moves the clocks of the app and of the store; `outage.error` is what sign-ins fail with while it is set. */
export async function startSignInApp(options: SignInAppOptions = {}) {
  const { clock = { ms: Date.parse('2026-01-01T12:00:00Z') } } = options
  const store = options.store ?? new MemoryStore({ now: () => new Date(clock.ms) })
  const outage: { error: Error | null } = { error: null }
  const asked = { find: 0 }
  const logger = recordingLogger()
  const faulty = withOutage(store, outage, asked)
  const instance = createInstance(
    { root: makeProject(), env: 'test', databaseUrl: 'memory', diskFile: false, logger, ...options.feature },
    { author: 'code:test', source: 'http', watch: false, openStores: async () => ({ store: faulty, cache: null }) },
  )
  await instance.feature.start()
  onTestFinished(() => instance.feature.stop())
  const rateLimits = { requests: 100_000, writes: 100_000, ...options.rateLimits }
  const { page = null } = options
  const app = await buildApp({ instance, logger, page, rateLimits, now: () => clock.ms, elapsed: () => clock.ms })
  onTestFinished(async () => {
    await app.close()
  })
  const tokenWith = async (...scopes: readonly TokenScope[]) =>
    createToken(instance.tokens, { name: 'ann', scopes, expiresAt: null })
  const ask = (given: InjectOptions) => readAnswer(app, given)
  return { app, ask, instance, store, clock, outage, asked, tokenWith, log: logger.lines }
}

function withOutage(store: Store, outage: { readonly error: Error | null }, asked: { find: number }): Store {
  const signIns = new Proxy(store.signIns, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key)
      if (typeof method !== 'function') return method
      return async (...given: readonly unknown[]) => {
        if (key === ('find' satisfies keyof SignInStore)) asked.find += 1
        if (outage.error !== null) throw outage.error
        return Reflect.apply(method, target, given)
      }
    },
  })
  return new Proxy(store, {
    get(target, key) {
      if (key === 'signIns') return signIns
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
