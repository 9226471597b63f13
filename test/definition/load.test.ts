// Definitions loaded from several folders.
import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../lib/definition/load.js'
import { makeProject, yamlOf } from './project.js'

const here = 'config/feature_flags/ops/a_flag.yml'
const there = 'ee/config/feature_flags/ops/a_flag.yml'

describe('the ee folder', () => {
  it('adds flags, marked as such', () => {
    const { options } = makeProject({
      [here]: yamlOf('a_flag', 'ops'),
      'ee/config/feature_flags/wip/b_flag.yml': yamlOf('b_flag', 'wip'),
    })
    const { definitions, faults } = loadDefinitions(options)
    expect(faults).toEqual([])
    expect([...definitions.values()].map(({ name, ee }) => [name, ee])).toEqual([
      ['a_flag', false],
      ['b_flag', true],
    ])
  })

  it('redefines no flag: the fault names the earlier file, and the first definition stays', () => {
    const { options } = makeProject({
      [here]: yamlOf('a_flag', 'ops'),
      [there]: yamlOf('a_flag', 'ops', { default_enabled: 'true' }),
    })
    const { definitions, faults } = loadDefinitions(options)
    expect(definitions.get('a_flag')).toMatchObject({ path: here, defaultEnabled: false })
    expect(faults).toEqual([
      expect.objectContaining({ file: there, flag: 'a_flag', field: 'name', line: 1, code: 'duplicate_definition' }),
    ])
    expect(faults[0]?.message).toBe(
      `${there}: name: is already defined in ${here}, got "a_flag"; remove one of the two (ee/ adds flags and never redefines one)`,
    )
  })

  it.each([
    ['breaks a rule', yamlOf('a_flag', 'ops', { default_enabled: 'no' })],
    ['is no YAML', 'name: [\n'],
    ['lacks its name', yamlOf('a_flag', 'ops', { name: null })],
  ])('does not redefine a flag whose first file %s', (_what, first) => {
    const { options } = makeProject({ [here]: first, [there]: yamlOf('a_flag', 'ops', { default_enabled: 'true' }) })
    const { definitions, faults } = loadDefinitions(options)
    expect(definitions.size).toBe(0)
    expect(faults.map(({ file, code }) => [file, code])).toEqual([
      [here, 'invalid_definition'],
      [there, 'duplicate_definition'],
    ])
  })

  it('is left out in FOSS mode, with its faults and its duplicates', () => {
    const { options } = makeProject(
      { [here]: yamlOf('a_flag', 'ops'), [there]: yamlOf('a_flag', 'ops'), 'ee/config/feature_flags/ops/b.yml': '[' },
      { foss: true },
    )
    const { definitions, faults, files } = loadDefinitions(options)
    expect([[...definitions.keys()], faults, files]).toEqual([['a_flag'], [], [here]])
  })
})

describe('two files of one folder', () => {
  it('may not define one flag under two types', () => {
    const beta = 'config/feature_flags/beta/a_flag.yml'
    const { options } = makeProject({ [here]: yamlOf('a_flag', 'ops'), [beta]: yamlOf('a_flag', 'beta') })
    const { definitions, faults } = loadDefinitions(options)
    expect(definitions.get('a_flag')?.path).toBe(beta)
    expect(faults.map(({ file, code }) => [file, code])).toEqual([[here, 'duplicate_definition']])
  })

  it('are both judged when one was copied and kept the old name', () => {
    const copy = 'config/feature_flags/ops/a_copy.yml'
    const { options } = makeProject({ [here]: yamlOf('a_flag', 'ops'), [copy]: yamlOf('a_flag', 'ops') })
    const { definitions, faults } = loadDefinitions(options)
    expect([...definitions.keys()]).toEqual(['a_flag'])
    expect(faults.map(({ file, field, code }) => [file, field, code])).toEqual([[copy, 'name', 'invalid_definition']])
  })
})

describe('a type of the project', () => {
  it('is taken like a built-in one', () => {
    const types = new Map([
      [
        'cache',
        {
          name: 'cache',
          description: '',
          optional: true,
          rolloutIssue: false,
          mayDefaultOn: true,
          lifetimeMonths: null,
          example: '',
        },
      ],
    ])
    const { options } = makeProject(
      { 'config/feature_flags/cache/a_flag.yml': yamlOf('a_flag', 'cache', { default_enabled: 'true' }) },
      { types },
    )
    expect(loadDefinitions(options).definitions.get('a_flag')).toMatchObject({ type: 'cache', defaultEnabled: true })
  })
})
