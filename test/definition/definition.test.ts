// A definition as YAML, as JSON of the API, and as JSON Schema.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { definitionSchema } from '../../lib/definition/rules/schema.js'
import {
  type Definition,
  definitionToApi,
  fileFields,
  type NewDefinition,
  toYaml,
} from '../../lib/definition/definition.js'
import { loadDefinitions } from '../../lib/definition/load.js'
import { makeProject } from './project.js'

const full = {
  name: 'a_flag',
  description: 'Says "yes": no # maybe',
  featureIssueUrl: 'https://example.com/i/1#note',
  introducedByUrl: 'https://example.com/m/1',
  rolloutIssueUrl: 'https://example.com/i/2',
  milestone: '16.10',
  logStateChanges: true,
  group: 'group::frontend',
  type: 'ops',
  defaultEnabled: false,
  intendedToRolloutBy: '2030-01-01',
}

describe('toYaml', () => {
  it('writes the fields in their fixed order, quoted where a reader of YAML 1.1 would misread them', () => {
    expect(toYaml(full)).toBe(`---
name: a_flag
description: 'Says "yes": no # maybe'
feature_issue_url: https://example.com/i/1#note
introduced_by_url: https://example.com/m/1
rollout_issue_url: https://example.com/i/2
milestone: '16.10'
log_state_changes: true
group: group::frontend
type: ops
default_enabled: false
intended_to_rollout_by: '2030-01-01'
`)
  })

  it('leaves out what is null or not given', () => {
    expect(toYaml({ name: 'off', type: 'wip', defaultEnabled: false, group: null })).toBe(
      "---\nname: 'off'\ntype: wip\ndefault_enabled: false\n",
    )
  })

  it('writes one kind of actor as a word and several as a list', () => {
    const fields = { name: 'a_flag', type: 'wip', defaultEnabled: false }
    expect(toYaml({ ...fields, actor: ['project'] })).toContain('\nactor: project\n')
    expect(toYaml({ ...fields, actor: ['project', 'Ci::Runner'] })).toContain('\nactor: [project, Ci::Runner]\n')
  })

  it('is read back unchanged, whatever the texts are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
      fc.constantFrom('no', '~', '1e3', '0x1', '- a', '? b', '*a', "'", '\t'),
    )
    const fields = fc.record({
      description: text,
      milestone: text,
      group: text,
      intendedToRolloutBy: text,
      logStateChanges: fc.boolean(),
      actor: fc.uniqueArray(fc.constantFrom('project', 'null', 'Ci::Runner', 'true', 'User'), { minLength: 1 }),
    })
    const { options, write } = makeProject()
    fc.assert(
      fc.property(fields, (given) => {
        const written: NewDefinition = { ...full, ...given }
        write('config/feature_flags/ops/a_flag.yml', toYaml(written))
        const { definitions, faults } = loadDefinitions(options)
        expect(faults).toEqual([])
        expect(definitions.get('a_flag')).toMatchObject(written)
      }),
      { numRuns: 200 },
    )
  })
})

describe('definitionToApi', () => {
  it('shows every field in snake case, in the order of the file, and neither path nor ee', () => {
    const definition: Definition = { ...full, logStateChanges: null, actor: null, path: 'x.yml', ee: false }
    const api = definitionToApi(definition)
    expect(Object.keys(api)).toEqual(Object.keys(fileFields))
    expect(api).toMatchObject({
      name: 'a_flag',
      log_state_changes: null,
      default_enabled: false,
      rollout_issue_url: 'https://example.com/i/2',
    })
  })
})

describe('the JSON Schema', () => {
  it('covers exactly the fields of a file', () => {
    expect(Object.keys(definitionSchema.properties)).toEqual(Object.keys(fileFields))
  })
})
