// Upgrading: the databases of older versions are taken over, migrated again or not, without a word in the log.
import { describe, expect, it, vi } from 'vitest'
import type { FeatureFlags } from '../../lib/index.js'
import { buildApp } from '../../lib/server/app.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { readAnswer } from '../server/support.js'
import { answersOf, OlderVersion, olderVersions } from '../support/older-version.js'
import { databaseOf, upgraded, waiting } from './upgraded.js'

const tables = { features: 'features', gates: 'feature_gates' }

it('there is data of both versions that this one must take over', () => {
  expect(olderVersions).toEqual(['1836b99', '31d8887'])
})

/** As JSON, which is what the older version told it in. */
async function historyOf(feature: FeatureFlags): Promise<unknown> {
  return JSON.parse(JSON.stringify(await feature.history({ limit: 1_000 })))
}

describe.each(olderVersions)('the database of commit %s', (commit) => {
  const older = new OlderVersion(commit)
  const { answers, exported, history, tokens } = older.told

  it('answers as before without being migrated again, with its whole history', async () => {
    const { url } = await databaseOf(older)
    const { startOn, logged } = await upgraded()
    const feature = await startOn(url)
    expect(answersOf(feature)).toEqual(answers)
    expect(await feature.export()).toEqual(exported)
    expect(await historyOf(feature)).toEqual(history)
    await vi.waitFor(() => expect(feature.status().triggers).toEqual({ state: 'sound', faults: [] }), waiting)
    expect(feature.status()).toMatchObject({ source: 'postgres', degraded: false, warnings: [] })
    expect(logged()).toEqual([])
  })

  it('gets the tables of projects from a migration, which leaves every answer, the position and the history as they were', async () => {
    const { url } = await databaseOf(older)
    const migrated = await migrate({ connection: { connectionString: url }, tables })
    const already = ['000001-features', '000002-history', '000003-tokens']
    expect(migrated).toEqual({
      applied: [
        '000004-projects',
        '000005-project-reports',
        '000006-project-history',
        '000007-assignments',
        '000008-changes',
        '000009-sign-ins',
        '000010-changes-by-id',
        '000011-rows-in-order',
      ],
      already,
      newer: [],
      repaired: [],
    })
    const { startOn, logged } = await upgraded()
    const feature = await startOn(url)
    expect(answersOf(feature)).toEqual(answers)
    expect(await feature.export()).toEqual(exported)
    expect(await historyOf(feature)).toEqual(history)
    expect(logged()).toEqual([])
  })

  it('takes changes, which go on where its history ends', async () => {
    const { url } = await databaseOf(older)
    const { startOn, logged } = await upgraded()
    const feature = await startOn(url)
    await feature.enable('never_touched', { flipperId: 'User:1' }, { author: 'dan' })
    await feature.removeOptOut('with_opt_outs', { flipperId: 'User:3' })
    expect(feature.enabled('never_touched', { flipperId: 'User:1' })).toBe(true)
    expect(feature.enabled('with_opt_outs', { flipperId: 'User:3' })).toBe(true)
    expect(feature.status().position?.version).toBe(String(BigInt(exported.position.version) + 2n))
    const entries = await feature.history({ limit: 1_000 })
    expect(entries.slice(0, -history.length)).toMatchObject([
      { feature: 'with_opt_outs', gate: 'actors', operation: 'removed' },
      { feature: 'never_touched', gate: 'actors', value: 'User:1', operation: 'added', author: 'dan' },
      { feature: 'never_touched', gate: null, operation: 'added', author: 'dan' },
    ])
    expect(JSON.parse(JSON.stringify(entries.slice(-history.length)))).toEqual(history)
    expect(logged()).toEqual([])
  })

  it('has the tokens that open the HTTP API as before', async () => {
    const { url } = await databaseOf(older)
    const { startInstanceOn, logger } = await upgraded()
    const instance = await startInstanceOn(url)
    const app = await buildApp({ instance, logger })
    const statusOf = async (token: string, method: 'GET' | 'POST', path: string) => {
      const payload = method === 'POST' ? { payload: { value: 'true' } } : {}
      const headers = { 'private-token': token }
      return (await readAnswer(app, { method, url: `/api/v4/features${path}`, headers, ...payload })).status
    }
    const statusesOf = async (token: string) => [
      await statusOf(token, 'GET', ''),
      await statusOf(token, 'POST', '/turned_on'),
    ]
    expect(await statusesOf(tokens.admin)).toEqual([200, 201])
    expect(await statusesOf(tokens.read)).toEqual([200, 403])
    expect(await statusesOf(tokens.revoked)).toEqual([401, 401])
    await app.close()
    const list = (await instance.tokens.list()).map(({ name, scopes, expiresAt }) => ({ name, scopes, expiresAt }))
    expect(list).toEqual([
      { name: 'admin', scopes: ['admin'], expiresAt: null },
      { name: 'read', scopes: ['read'], expiresAt: null },
      { name: 'revoked', scopes: ['admin'], expiresAt: null },
    ])
  })
})
