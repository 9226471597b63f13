// Restoring a flag, in memory. Random histories in every store are in change-properties.test.ts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FeatureFlags } from '../../../lib/index.js'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { silentLogger } from '../../../lib/log.js'
import { createProject, type TestProject } from '../../support/project.js'

let project: TestProject
let instance: Instance
let feature: FeatureFlags

beforeEach(async () => {
  project = await createProject('a_flag', 'b_flag')
  const options = { root: project.root, env: 'staging', databaseUrl: 'memory', logger: silentLogger }
  instance = createInstance(options, { author: 'code:test', source: 'code', watch: false })
  feature = instance.feature
  await feature.start()
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

const rowsOf = async (name: string) => (await feature.export()).features.find(({ key }) => key === name) ?? null
const newest = async () => {
  const [entry] = await feature.history({ limit: 1 })
  if (entry?.changeId == null) throw new Error('the history is empty')
  return entry.changeId
}

describe('restore', () => {
  it('names what it undoes of others, and leaves other flags alone', async () => {
    await feature.enablePercentageOfActors('a_flag', 25, { author: 'token:ada' })
    const change = await newest()
    await feature.enable('a_flag', { flipperId: 'User:1' }, { author: 'token:bob', reason: 'beta' })
    await feature.enable('b_flag')
    const { later, to, after } = await instance.restore.preview('a_flag', change)
    expect(later).toMatchObject([{ author: 'token:bob', reason: 'beta', sentence: 'added User:1' }])
    expect([to.uncertain, after.summary]).toEqual([[], 'on for 25 % of actors; off for everybody else'])
    await feature.restore('a_flag', change, { reason: 'back' })
    expect(feature.enabled('b_flag')).toBe(true)
    expect(await feature.history({ limit: 1 })).toMatchObject([
      { reason: 'back', operation: 'removed', value: 'User:1' },
    ])
  })

  it('deletes what is stored where nothing was stored then, and brings a deleted flag back', async () => {
    await feature.enable('b_flag')
    const before = await newest()
    await feature.enable('a_flag')
    const made = await newest()
    await feature.restore('a_flag', before)
    expect(await rowsOf('a_flag')).toBeNull()
    await feature.restore('a_flag', made)
    expect(await rowsOf('a_flag')).toEqual({ key: 'a_flag', gates: { boolean: ['true'] } })
  })

  it.each([
    ['yesterday', 'invalid_point'],
    ['2026-11-20T10:00', 'invalid_point'],
    ['9999-01-01T00:00Z', 'invalid_point'],
    ['99999999', 'invalid_point'],
    ['1970-01-02T00:00Z', 'not_in_history'],
    ['7-00000000-00000000', 'not_in_history'],
    ['2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11', 'not_in_history'],
  ])('refuses the point %s by %s, and writes nothing', async (point, code) => {
    await feature.enable('a_flag')
    await expect(feature.restore('a_flag', point)).rejects.toMatchObject({ code })
    expect(await rowsOf('a_flag')).toEqual({ key: 'a_flag', gates: { boolean: ['true'] } })
  })

  it('refuses the revision that another flag had', async () => {
    await feature.enablePercentageOfActors('b_flag', 10)
    const foreign = await instance.revision('b_flag')
    await feature.enable('a_flag')
    await expect(feature.restore('a_flag', foreign)).rejects.toMatchObject({ code: 'not_in_history' })
  })
})
