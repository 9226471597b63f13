// The value, key and targets of a request to set a flag.
import { describe, expect, it } from 'vitest'
import { type FindByPath, plainRules, type TargetTexts } from '../../../lib/actors/targets.js'
import { FeatureError } from '../../../lib/errors.js'
import type { PlannedStep } from '../../../lib/feature/change/plan.js'
import { findWith, planSet } from '../../../lib/feature/change/set-request.js'

const nobody: FindByPath = () => undefined

async function operations(value: string, key?: string, targets: TargetTexts = {}, find = nobody) {
  const steps = await planSet('my_flag', { value, key, targets }, { ...plainRules, find })
  return steps.map(({ step }: PlannedStep) => step.operation)
}

async function codeOf(value: string, key?: string, targets: TargetTexts = {}, find = nobody): Promise<string> {
  const error: unknown = await planSet('my_flag', { value, key, targets }, { ...plainRules, find }).catch(
    (thrown: unknown) => thrown,
  )
  if (error instanceof FeatureError) return error.code
  throw new Error(`not refused: ${JSON.stringify(error)}`)
}

describe('a value without a target', () => {
  it.each(['true', '100', '100.0'])('of %s turns the flag on for everybody, whatever the key', async (value) => {
    for (const key of [undefined, 'percentage_of_actors', 'percentage_of_time']) {
      expect(await operations(value, key)).toEqual([{ kind: 'enable' }])
    }
  })

  it.each(['false', '0', '0.0'])('of %s turns the flag off for everybody, whatever the key', async (value) => {
    for (const key of [undefined, 'percentage_of_actors', 'percentage_of_time']) {
      expect(await operations(value, key)).toEqual([{ kind: 'disable' }])
    }
  })

  it.each([
    [undefined, 'percentage_of_time'],
    ['percentage_of_time', 'percentage_of_time'],
    ['percentage_of_actors', 'percentage_of_actors'],
  ])('that is a number with the key %s is a %s', async (key, gate) => {
    expect(await operations('25', key)).toEqual([{ kind: 'set', gate, value: '25' }])
    expect(await operations('33.333', key)).toEqual([{ kind: 'set', gate, value: '33.333' }])
  })

  it.each(['abc', '', '-1', '25%', '1e1', '0x10', 'TRUE', ' 25', '25\n', 'Infinity', '__proto__'])(
    'is refused as %j',
    async (value) => {
      expect(await codeOf(value, 'percentage_of_actors')).toBe('invalid_value')
    },
  )

  it.each(['101', '100.0001', '1000000'])('is refused as the percentage %s', async (value) => {
    expect(await codeOf(value, 'percentage_of_actors')).toBe('invalid_percentage')
    expect(await codeOf(value)).toBe('invalid_percentage')
  })

  it('is refused as a number with an unknown key', async () => {
    expect(await codeOf('25', 'percentage_of_users')).toBe('invalid_value')
  })

  it.each(['opt_out', 'remove_opt_out'])('is refused as %s, which needs a target', async (value) => {
    expect(await codeOf(value)).toBe('invalid_value')
  })
})

describe('the reader of a value with targets', () => {
  it('enables and disables for the targets alone', async () => {
    expect(await operations('true', undefined, { project: '42', user: '1, 2' })).toEqual([
      { kind: 'add', gate: 'actors', values: ['User:1', 'User:2', 'Project:42'] },
    ])
    expect(await operations('false', undefined, { group: '7' })).toEqual([
      { kind: 'drop', gate: 'actors', values: ['Group:7'] },
    ])
  })

  it('treats 100 and 0 as true and false', async () => {
    expect(await operations('100', undefined, { user: '1' })).toEqual([
      { kind: 'add', gate: 'actors', values: ['User:1'] },
    ])
    expect(await operations('0', undefined, { user: '1' })).toEqual([
      { kind: 'drop', gate: 'actors', values: ['User:1'] },
    ])
  })

  it('enables feature groups beside actors', async () => {
    expect(await operations('true', undefined, { feature_group: 'staff', user: '1' })).toEqual([
      { kind: 'add', gate: 'actors', values: ['User:1'] },
      { kind: 'add', gate: 'groups', values: ['staff'] },
    ])
  })

  it('opts actors out and takes opt-outs back', async () => {
    expect(await operations('opt_out', undefined, { user: '1' })).toEqual([
      { kind: 'add', gate: 'actors', values: ['User:1:opt_out'] },
    ])
    expect(await operations('remove_opt_out', undefined, { user: '1' })).toEqual([
      { kind: 'drop', gate: 'actors', values: ['User:1:opt_out'] },
    ])
  })

  it('refuses to opt a feature group out', async () => {
    expect(await codeOf('opt_out', undefined, { feature_group: 'staff' })).toBe('invalid_value')
  })

  it('refuses a percentage with a target before it looks the target up', async () => {
    const asked: string[] = []
    const find: FindByPath = async (_, path) => asked.push(path)
    expect(await codeOf('25', undefined, { project: 'a/b' }, find)).toBe('percentage_with_target')
    expect(await codeOf('abc', undefined, { project: 'a/b' }, find)).toBe('invalid_value')
    expect(asked).toEqual([])
  })

  it('refuses a key with a target, even where the value would ignore it', async () => {
    expect(await codeOf('true', 'percentage_of_actors', { user: '1' })).toBe('percentage_with_target')
  })

  it('refuses a target that is not found, and an empty list', async () => {
    const find: FindByPath = async (_, path) => (path === 'a/b' ? 42 : null)
    expect(await operations('true', undefined, { project: 'a/b' }, find)).toEqual([
      { kind: 'add', gate: 'actors', values: ['Project:42'] },
    ])
    expect(await codeOf('true', undefined, { project: 'a/b,a/c' }, find)).toBe('unknown_target')
    expect(await codeOf('true', undefined, { project: ' , ' }, find)).toBe('unknown_target')
    expect(await codeOf('true', undefined, { project: 'a/b' })).toBe('unknown_target')
  })
})

describe('looking paths up with the configuration', () => {
  it('asks the class that is configured, and knows none without a configuration', async () => {
    const find = findWith(new Map([['Project', { findByPath: (path) => (path === 'a/b' ? 42 : null) }]]))
    expect(await find('Project', 'a/b')).toBe(42)
    expect(find('User', 'root')).toBeUndefined()
    expect(findWith(null)('Project', 'a/b')).toBeUndefined()
  })

  it('passes on what a resolver throws', async () => {
    const find = findWith(
      new Map([
        [
          'Project',
          {
            findByPath: () => {
              throw new Error('directory is down')
            },
          },
        ],
      ]),
    )
    await expect(find('Project', 'a/b')).rejects.toThrow('directory is down')
  })
})
