// Flags that are checked and have no definition.
import { describe, expect, it } from 'vitest'
import { InvalidFeatureFlagError } from '../../../lib/errors.js'
import { Misuse } from '../../../lib/feature/check/misuse.js'
import { UndefinedFlags } from '../../../lib/feature/check/undefined-flags.js'
import { recordingLogger } from '../../support/recording-logger.js'

function make() {
  const logger = recordingLogger()
  const asked: string[] = []
  const usageFault = (name: string, type: string | undefined) => {
    asked.push(name)
    if (type === 'experiment') return null
    return new InvalidFeatureFlagError('unknown_flag', { problem: `no "${name}"`, remedy: 'define it' })
  }
  return { flags: new UndefinedFlags(usageFault, new Misuse(logger, false)), logger, asked }
}

describe('flags without a definition in production', () => {
  it('are looked into once each', () => {
    const { flags, logger, asked } = make()
    expect(flags.reported.has('one')).toBe(false)
    for (let time = 0; time < 3; time++) flags.report('one', undefined)
    flags.report('one', 'experiment')
    expect(flags.reported.has('one')).toBe(true)
    expect(asked).toEqual(['one'])
    expect(logger.lines.map(({ message }) => message)).toEqual(['no "one"; define it'])
  })

  it('are looked into once for a type that excuses them, and again for a call that names none', () => {
    const { flags, logger, asked } = make()
    for (let time = 0; time < 3; time++) flags.report('one', 'experiment')
    expect([flags.reported.has('one'), asked.length, logger.lines.length]).toEqual([false, 1, 0])
    flags.report('one', undefined)
    expect([flags.reported.has('one'), asked.length, logger.lines.length]).toEqual([true, 2, 1])
  })

  it('cost nothing beyond 10,000 names, and nothing where no flag can have so long a name', () => {
    const { flags, asked } = make()
    flags.report('x'.repeat(256), undefined)
    expect(asked).toHaveLength(0)
    for (let index = 0; index < 10_100; index++) flags.report(`made_up_${index}`, undefined)
    expect(asked).toHaveLength(10_000)
    expect(flags.reported.has('made_up_1')).toBe(true)
    expect(flags.reported.has('made_up_10099')).toBe(false)
  })

  it('are reported with what is wrong with them when a caller passes no text', () => {
    const { flags, logger } = make()
    for (const name of [null, undefined, 3, {}]) Reflect.apply(flags.report, flags, [name, undefined])
    expect(logger.lines.map(({ message }) => message)).toEqual(
      ['null', 'undefined', '3', '[object Object]'].map((name) => `no "${name}"; define it`),
    )
  })

  it('are looked into again after the definitions have changed', () => {
    const { flags, asked } = make()
    flags.report('one', undefined)
    flags.clear()
    flags.report('one', undefined)
    expect(asked).toEqual(['one', 'one'])
  })
})
