// Restoring a flag on random histories, in memory; the stores are held to the same rows by the contract of the past.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planOperations } from '../../../lib/feature/change/operations.js'
import { type FeatureFlags, type FlagOperation, InvalidOperation } from '../../../lib/index.js'
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

const runs = Number(process.env['SLUICE_RESTORE_RUNS'] ?? 40)
const ids = fc.uniqueArray(fc.constantFrom('User:1', 'User:2', 'User:3'), { minLength: 1, maxLength: 2 })
const operation: fc.Arbitrary<FlagOperation> = fc.oneof(
  fc.constantFrom({ op: 'enable' } as const, { op: 'disable' } as const, { op: 'delete' } as const),
  fc.record({ op: fc.constant('percentage_of_actors' as const), value: fc.constantFrom(0, 20, 60, 100) }),
  fc.record({
    op: fc.constantFrom('add' as const, 'remove' as const),
    list: fc.constantFrom('actors' as const, 'never' as const, 'groups' as const),
    ids,
  }),
)

const rowsOf = async (name: string) => (await feature.export()).features.find(({ key }) => key === name) ?? null
const newest = async () => {
  const [entry] = await feature.history({ limit: 1 })
  if (entry?.changeId == null) throw new Error('the history is empty')
  return entry.changeId
}

async function make(name: string, one: FlagOperation): Promise<void> {
  try {
    await instance.change(planOperations(name, [one]), { force: true })
  } catch (error) {
    // As `opted_out` and `already_enabled`.
    if (!(error instanceof InvalidOperation)) throw error
  }
}

describe('restore', () => {
  it('leaves exactly the rows of then, and the preview says so before', async () => {
    const property = fc.asyncProperty(
      fc.array(operation, { minLength: 2, maxLength: 6 }),
      fc.nat(),
      async (operations, pick) => {
        const states: { readonly revision: string; readonly rows: unknown }[] = []
        for (const one of operations) {
          await make('a_flag', one)
          states.push({ revision: await instance.revision('a_flag'), rows: await rowsOf('a_flag') })
        }
        const to = states[pick % states.length]
        if (to === undefined) return
        const preview = await instance.restore.preview('a_flag', to.revision)
        await feature.restore('a_flag', to.revision)
        expect(await rowsOf('a_flag')).toEqual(to.rows)
        const again = await instance.restore.preview('a_flag', to.revision)
        expect([again.before, again.changed]).toEqual([preview.after, false])
      },
    )
    await fc.assert(property, { numRuns: runs })
  })

  it('names what it undoes of others, and leaves other flags alone', async () => {
    await feature.enablePercentageOfActors('a_flag', 25, { author: 'token:ada' })
    const change = await newest()
    await feature.enable('a_flag', { flipperId: 'User:1' }, { author: 'token:bob', reason: 'beta' })
    await feature.enable('b_flag')
    const { later, to, after } = await instance.restore.preview('a_flag', change)
    expect(later).toMatchObject([{ author: 'token:bob', reason: 'beta', sentence: '+ actor User:1' }])
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
