// The options that all experiments share.
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../lib/config/config.js'

const [one, two] = ['a secret of more than thirty-two characters', 'another one of more than thirty-two characters']
const memory = { databaseUrl: 'memory' } as const

describe('the options of experiments', () => {
  it('are none by default, and joined key by key', () => {
    expect(resolveConfig(memory, {}, {}).experiments.flag).toBeNull()
    expect(resolveConfig(memory, {}, {}).experiments.secrets()).toEqual([])
    const file = { experiments: { flag: 'all_experiments', secret: two } }
    const { flag, secrets } = resolveConfig(memory, file, { FEATURE_EXPERIMENT_SECRET: `${one},${two}` }).experiments
    expect([flag, secrets()]).toEqual(['all_experiments', [one, two]])
  })

  it.each([
    { flag: '' },
    { flag: 7 },
    { secret: 'short' },
    { secret: `${one},short` },
    { secret: `${one},${two},${one}` },
    { secrets: one },
    [],
  ])('are refused where they are %j, and no secret is shown', (experiments) => {
    const resolve = () => resolveConfig({ ...memory, experiments: experiments as never }, {}, {})
    expect(resolve).toThrow('"experiments" cannot be')
    expect(resolve).not.toThrow(one)
  })

  it('are refused in the environment too, without the secret in the message', () => {
    const resolve = () => resolveConfig(memory, {}, { FEATURE_EXPERIMENT_SECRET: 'too short a secret' })
    expect(resolve).toThrow('FEATURE_EXPERIMENT_SECRET cannot be this text')
    expect(resolve).not.toThrow('too short a secret')
  })
})
