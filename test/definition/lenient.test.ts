// How production reads definition files: what an answer depends on must be right, everything else is a warning.
import { describe, expect, it } from 'vitest'
import { Catalog } from '../../lib/definition/catalog.js'
import { loadDefinitions } from '../../lib/definition/load.js'
import { makeProject, yamlOf } from './project.js'

const place = 'config/feature_flags/beta/a_flag.yml'
const on = (lines: Readonly<Record<string, string | null>> = {}) =>
  yamlOf('a_flag', 'beta', { default_enabled: 'true', ...lines })

function load(files: Readonly<Record<string, string>>, lenient = true) {
  const { definitions, faults } = loadDefinitions(makeProject(files, { lenient }).options)
  const warnings = faults.filter(({ severity }) => severity === 'warning').map(({ message }) => message)
  const errors = faults.filter(({ severity }) => severity === 'error').map(({ message }) => message)
  return { definitions, warnings, errors }
}

interface Row {
  readonly what: string
  readonly text: string
  readonly path?: string
}

const usable: readonly Row[] = [
  { what: 'a rollout issue that is no URL', text: on({ rollout_issue_url: 'TBD' }) },
  { what: 'an empty URL', text: on({ rollout_issue_url: "''" }) },
  { what: 'a padded URL', text: on({ introduced_by_url: "' https://example.com/1 '" }) },
  { what: 'a URL that is a number', text: on({ feature_issue_url: '123' }) },
  { what: 'a URL of another scheme', text: on({ introduced_by_url: 'javascript:alert(1)' }) },
  { what: 'an unquoted milestone', text: on({ milestone: '16.10' }) },
  { what: 'a milestone that is a list', text: on({ milestone: '[16, 10]' }) },
  { what: 'a group that is a mapping', text: on({ group: '{name: web}' }) },
  { what: 'a description without end', text: on({ description: 'x'.repeat(5_000) }) },
  { what: 'log_state_changes as text', text: on({ log_state_changes: '"yes"' }) },
  { what: 'a rollout date that is a number', text: on({ intended_to_rollout_by: '2024' }) },
  { what: 'a type that may not default on', text: on({ type: 'wip' }), path: 'config/feature_flags/wip/a_flag.yml' },
  { what: 'a type that is not known', text: on({ type: 'betta' }) },
  { what: 'a padded type', text: on({ type: "' beta '" }) },
  { what: 'a padded name', text: on({ name: "' a_flag '" }) },
  { what: 'the folder of another type', text: on(), path: 'config/feature_flags/ops/a_flag.yml' },
  { what: 'no folder of a type', text: on(), path: 'config/feature_flags/a_flag.yml' },
  { what: 'a folder too deep', text: on(), path: 'config/feature_flags/beta/web/a_flag.yml' },
  { what: 'another file name', text: on(), path: 'config/feature_flags/beta/b_flag.yml' },
  { what: 'a file name that is no flag’s', text: on(), path: 'config/feature_flags/beta/a-flag.yml' },
  { what: 'a field with a tag', text: `${on()}x: !ruby/object:Foo {}\n` },
  { what: 'a field with an anchor', text: on({ description: '&a [x, *a]' }) },
  { what: 'the ending .yaml', text: on(), path: 'config/feature_flags/beta/a_flag.yaml' },
  { what: 'the ending .YML', text: on(), path: 'config/feature_flags/beta/a_flag.YML' },
]

describe('a file that breaks a rule, read as in production', () => {
  it.each(usable)('defines its flag all the same, with a warning: $what', ({ text, path = place }) => {
    const { definitions, warnings, errors } = load({ [path]: text })
    expect([...definitions.keys()]).toEqual(['a_flag'])
    expect(definitions.get('a_flag')).toMatchObject({ name: 'a_flag', defaultEnabled: true, path })
    expect(warnings).toHaveLength(1)
    expect(errors).toEqual([])
  })

  it.each(usable)('defines nothing where rules are kept strictly: $what', ({ text, path = place }) => {
    const { definitions, warnings, errors } = load({ [path]: text }, false)
    expect(definitions.size).toBe(0)
    expect([errors.length, warnings.length]).toEqual([1, 0])
  })

  it('warns of each of several faults', () => {
    const { definitions, warnings } = load({
      [place]: on({ rollout_issue_url: 'TBD', milestone: '16.10', group: '1' }),
    })
    expect(definitions.get('a_flag')?.defaultEnabled).toBe(true)
    expect(warnings).toHaveLength(3)
  })

  it('counts a field that breaks its rule as absent, and keeps the others', () => {
    const text = on({
      rollout_issue_url: 'javascript:alert(1)',
      milestone: '16.10',
      introduced_by_url: 'https://a.example/1',
    })
    expect(load({ [place]: text }).definitions.get('a_flag')).toMatchObject({
      rolloutIssueUrl: null,
      milestone: null,
      introducedByUrl: 'https://a.example/1',
      group: 'group::test',
    })
  })

  it('has no fault at all for absent, null and unknown fields', () => {
    const text = `name: a_flag\ntype: beta\ndefault_enabled: true\ngroup:\nmilestone: ~\ncolour: blue\n`
    expect(load({ [place]: text })).toMatchObject({ warnings: [], errors: [], definitions: { size: 1 } })
  })

  it('is used under a name that only a lenient reader takes', () => {
    const { definitions, warnings } = load({ 'config/feature_flags/beta/My-Flag.yml': on({ name: 'My-Flag' }) })
    expect(definitions.get('My-Flag')?.defaultEnabled).toBe(true)
    expect(warnings).toHaveLength(1)
  })
})

describe('a file that says too little, read as in production', () => {
  it.each([
    ['a broken list', 'name: [broken'],
    ['an empty file', ''],
    ['a list', '- a_flag'],
    ['a name given twice', `${on()}name: a_flag\n`],
    ['no name', on({ name: null })],
    ['a null name', on({ name: '~' })],
    ['an empty name', on({ name: "' '" })],
    ['a name that is a number', on({ name: '123' })],
    ['a name too long to be stored', on({ name: 'a'.repeat(256) })],
    ['a name with NUL', on({ name: '"a\\0b"' })],
    ['no type', on({ type: null })],
    ['an empty type', on({ type: "''" })],
    ['a type that is a list', on({ type: '[beta]' })],
    ['no default', on({ default_enabled: null })],
    ['a null default', on({ default_enabled: '~' })],
    ['a default that is text', on({ default_enabled: 'yes' })],
    ['a default in quotes', on({ default_enabled: '"true"' })],
    ['a default that is a number', on({ default_enabled: '1' })],
  ])('defines nothing, and the fault is an error: %s', (_what, text) => {
    const { definitions, errors } = load({ [place]: text })
    expect(definitions.size).toBe(0)
    expect(errors.length).toBeGreaterThan(0)
  })
})

describe('a flag with two files, read as in production', () => {
  const off = yamlOf('a_flag', 'beta')

  it.each([
    ['one under another name', 'config/feature_flags/beta/a_copy.yml'],
    ['one in the folder of another type', 'config/feature_flags/alpha/a_flag.yml'],
    ['one in a folder too deep', 'config/feature_flags/beta/Old/a_flag.yml'],
    ['one that ends in .yaml', 'config/feature_flags/beta/a_flag.yaml'],
  ])('is defined by the file in its right place, and the other file is a fault: %s', (_what, other) => {
    const { definitions, errors } = load({ [other]: off, [place]: on() })
    expect(definitions.get('a_flag')).toMatchObject({ defaultEnabled: true, path: place })
    expect(errors).toEqual([
      `${other}: name: is already defined in ${place}, got "a_flag"; remove one of the two (ee/ adds flags and never redefines one)`,
    ])
  })

  it('is defined by the first file where both are in their places, whatever other faults it has', () => {
    const second = 'ee/config/feature_flags/beta/a_flag.yml'
    const { definitions, errors } = load({ [place]: on({ milestone: '16.10' }), [second]: off })
    expect(definitions.get('a_flag')).toMatchObject({ defaultEnabled: true, path: place })
    expect(errors).toHaveLength(1)
  })

  it('is not defined by the second file where the first cannot be read', () => {
    const copy = 'config/feature_flags/beta/copy.yml'
    const { definitions, errors } = load({ [place]: 'name: [', [copy]: on() })
    expect(definitions.size).toBe(0)
    expect(errors).toHaveLength(2)
  })
})

describe('the catalog of production', () => {
  it('has the faults of the file of a flag that is used all the same, and no error', () => {
    const catalog = new Catalog(makeProject({ [place]: on({ rollout_issue_url: 'TBD' }) }, { lenient: true }).options)
    expect(catalog.firstError()).toBeNull()
    expect(catalog.brokenFault('a_flag')).toBeNull()
    expect(catalog.faultsOf('a_flag')).toMatchObject([{ field: 'rollout_issue_url', severity: 'warning' }])
    expect(catalog.faultsOf('b_flag')).toEqual([])
  })
})
