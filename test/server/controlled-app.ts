// An app whose clocks and store of tokens the test holds in its hands.
import { onTestFinished } from 'vitest'
import { createInstance } from '../../lib/instance/create.js'
import { buildApp } from '../../lib/server/app.js'
import type { TokenStore } from '../../lib/store/store.js'
import { recordingLogger } from '../support/recording-logger.js'
import { makeProject, readAnswer } from './support.js'

export const url = '/api/v4/features'

export const refusal = {
  status: 401,
  body: {
    code: 'unauthorized',
    message:
      'a valid token is needed, in the header PRIVATE-TOKEN or as Authorization: Bearer; ' +
      'bin/feature-flag token create --name NAME makes one',
  },
}

/** `clock` moves both clocks, or with `now` only the one that is never set. */
export async function startControlled({ now }: { now?: () => number } = {}) {
  const clock = { ms: Date.parse('2026-01-01T00:00:00Z') }
  const logger = recordingLogger()
  const options = { root: makeProject(), env: 'test', databaseUrl: 'memory', diskFile: false as const, logger }
  const instance = createInstance(options)
  const { feature } = instance
  await feature.start()
  onTestFinished(() => feature.stop())
  const asked = { find: 0, touch: 0 }
  const outage: { error: Error | null } = { error: null }
  const real = instance.tokens
  const tokens: TokenStore = {
    mayCreate: () => real.mayCreate(),
    create: (token) => real.create(token),
    list: () => real.list(),
    revoke: (id) => real.revoke(id),
    async find(id) {
      asked.find += 1
      if (outage.error !== null) throw outage.error
      return real.find(id)
    },
    async touch(id) {
      asked.touch += 1
      if (outage.error !== null) throw outage.error
      return real.touch(id)
    },
  }
  const app = await buildApp({ instance, tokens, logger, now: now ?? (() => clock.ms), elapsed: () => clock.ms })
  onTestFinished(async () => {
    await app.close()
  })
  const get = (token: string) => readAnswer(app, { url, headers: { 'private-token': token } })
  return { app, tokens: real, get, clock, asked, outage, log: logger.lines }
}
