// The validation of definitions and its reports.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultDefinitionPaths } from '../../lib/definition/files/files.js'
import { formatReport, isReportFormat, reportCounts, reportFormats, reportLines } from '../../lib/definition/report.js'
import { builtInTypes } from '../../lib/definition/types.js'
import { validateDefinitions } from '../../lib/definition/validate.js'
import { makeProject, yamlOf } from './project.js'

const here = 'config/feature_flags/ops/a_flag.yml'

function reportOf(lines: Readonly<Record<string, string | null>>) {
  return validateDefinitions(makeProject({ [here]: yamlOf('a_flag', 'ops', lines) }).options)
}

describe('validation', () => {
  it('finds nothing to say about a complete definition', () => {
    expect(reportOf({})).toEqual({ valid: true, files: [here], definitions: 1, errors: 0, warnings: 0, faults: [] })
  })

  it.each([
    ['a missing group', { group: null }, `${here}: group: is missing; name the owner, such as group: group::frontend`],
    [
      'an empty group',
      { group: '""' },
      `${here}: group: is missing, got ""; name the owner, such as group: group::frontend`,
    ],
    [
      'a null group',
      { group: '~' },
      `${here}: group: is missing, got "~"; name the owner, such as group: group::frontend`,
    ],
  ])('fails for %s, with which a definition loads', (_what, lines, message) => {
    const report = reportOf(lines)
    expect(report).toMatchObject({ valid: false, definitions: 1, errors: 1 })
    expect(report.faults).toEqual([expect.objectContaining({ message, severity: 'error', rule: 'owner' })])
  })

  it('fails for a kind of actor that is not registered, and names it', () => {
    const { options } = makeProject({ [here]: yamlOf('a_flag', 'ops', { actor: '[project, Acount]' }) })
    const report = validateDefinitions({ ...options, actors: new Map([['Account', {}]]) })
    expect(report.faults.map(({ rule, severity, line, message }) => ({ rule, severity, line, message }))).toEqual([
      {
        rule: 'actor',
        severity: 'error',
        line: 7,
        message: `${here}: actor: is no class that the configuration registers, got "project"; add Project to \`actors\` of the configuration`,
      },
      {
        rule: 'actor',
        severity: 'error',
        line: 7,
        message: `${here}: actor: is no class that the configuration registers, got "Acount"; did you mean Account? Otherwise add Acount to \`actors\` of the configuration`,
      },
    ])
    expect(
      validateDefinitions({
        ...options,
        actors: new Map([
          ['Acount', {}],
          ['Project', {}],
        ]),
      }).valid,
    ).toBe(true)
  })

  it.each([
    [
      'a missing description',
      { description: null },
      'description: is missing; say in a sentence what the flag turns on',
    ],
    [
      'a missing milestone',
      { milestone: null },
      'milestone: is missing; write the version that introduces it, in quotes, such as milestone: "1.2"',
    ],
    [
      'a milestone that is no version',
      { milestone: 'soon' },
      'milestone: is not a version, got "soon"; write major.minor in quotes, such as milestone: "1.2"',
    ],
    [
      'a misspelt field',
      { defaultenabled: '1' },
      'defaultenabled: is not a field of a definition and is ignored, got "1"; did you mean default_enabled? Otherwise remove it',
    ],
    [
      'a field unlike any',
      { colour: 'red' },
      'colour: is not a field of a definition and is ignored, got "red"; remove it',
    ],
    [
      'the field __proto__',
      { ['__proto__']: '1' },
      '__proto__: is not a field of a definition and is ignored, got "1"; remove it',
    ],
  ])('passes with a warning for %s', (_what, lines, message) => {
    const report = reportOf(lines)
    expect(report).toMatchObject({ valid: true, definitions: 1, errors: 0, warnings: 1 })
    expect(report.faults.map((fault) => fault.message)).toEqual([`${here}: ${message}`])
  })

  it('finds no fault in the definitions of this project', () => {
    const root = join(import.meta.dirname, '../..')
    const report = validateDefinitions({ root, paths: defaultDefinitionPaths, types: builtInTypes, foss: false })
    expect(report).toMatchObject({ valid: true, faults: [] })
    expect(report.definitions).toBeGreaterThanOrEqual(11)
  })

  it('takes five hundred definitions of all types', () => {
    const { options, write } = makeProject()
    const types = [...builtInTypes.keys()]
    for (let index = 0; index < 500; index += 1) {
      const type = types[index % types.length] ?? ''
      const edition = index % 10 === 0 ? 'ee/' : ''
      write(`${edition}config/feature_flags/${type}/flag_${index}.yml`, yamlOf(`flag_${index}`, type))
    }
    expect(validateDefinitions(options)).toMatchObject({ valid: true, definitions: 500, errors: 0, warnings: 0 })
  })
})

/** One file that is good, one with two faults on known lines, one with a hostile value, and a folder that is a fault. */
function mixedReport() {
  const { options } = makeProject({
    'config/feature_flags/ops/good.yml': yamlOf('good', 'ops'),
    'config/feature_flags/ops/bad.yml': yamlOf('bad', 'ops', { milestone: '16.10', default_enabled: 'no' }),
    'config/feature_flags/wip/odd.yml': yamlOf('odd', 'wip', { group: '"group::x"', extra: '"<&\\"\\u0007\'>"' }),
    'config/feature_flags/wip/folder.yml/x.txt': '',
  })
  return validateDefinitions(options)
}

describe('the report', () => {
  it('knows its formats', () => {
    expect(reportFormats).toEqual(['json', 'junit', 'codequality', 'github', 'sarif'])
    expect(isReportFormat('junit')).toBe(true)
    expect(isReportFormat('toString')).toBe(false)
  })

  it('as lines has file and line in front, and the errors after the warnings', () => {
    const lines = [
      'config/feature_flags/wip/odd.yml:7: warning: extra: is not a field of a definition and is ignored, got "<&"\\u{7}\'>"; remove it',
      'config/feature_flags/ops/bad.yml:3: error: milestone: must be text of at most 64 characters, got "16.10"; quote it: milestone: "16.10"',
      'config/feature_flags/ops/bad.yml:6: error: default_enabled: must be true or false, got "no"; write true or false',
      'config/feature_flags/wip/folder.yml: error: is a folder; write the definition as a file',
    ]
    const report = mixedReport()
    expect(reportLines(report).map(({ place, severity, text }) => `${place}: ${severity}: ${text}`)).toEqual(lines)
    expect(reportCounts(report)).toBe('4 files: 2 definitions, 3 errors, 1 warning')
  })

  it('as JSON holds every part of every fault', () => {
    const parsed: unknown = JSON.parse(formatReport(mixedReport(), 'json'))
    expect(parsed).toMatchObject({ valid: false, files: 4, definitions: 2, errors: 3, warnings: 1 })
    expect(parsed).toMatchObject({
      faults: expect.arrayContaining([
        expect.objectContaining({
          file: 'config/feature_flags/ops/bad.yml',
          line: 6,
          flag: 'bad',
          field: 'default_enabled',
          value: 'no',
          remedy: 'write true or false',
          severity: 'error',
        }),
      ]),
    })
  })

  it('as JUnit has a case a file, failed by errors only, with every value escaped', () => {
    const xml = formatReport(mixedReport(), 'junit')
    expect(xml).toContain('<testsuite name="feature flag definitions" tests="4" failures="2" errors="0">')
    const counts = [...xml.matchAll(/<property name="(\w+)" value="(\d+)"\/>/g)].map(
      ([, name, value]) => `${name} ${value}`,
    )
    expect(counts).toEqual(['files 4', 'definitions 2', 'errors 3', 'warnings 1'])
    expect(xml).toContain(
      '<testcase classname="definitions" name="config/feature_flags/ops/good.yml" file="config/feature_flags/ops/good.yml"/>',
    )
    expect(xml).toContain(
      '<failure type="milestone" message="milestone: must be text of at most 64 characters, got &quot;16.10&quot;;',
    )
    expect(xml).toContain('got &quot;&lt;&amp;&quot;\\u{7}&apos;&gt;&quot;; remove it</system-out>')
    expect(xml.match(/<failure /g)).toHaveLength(2)
  })

  it('as Code Quality has what GitLab reads, with a fingerprint that outlives moved lines', () => {
    const parse = (text: string): { fingerprint: string; location: { lines: { begin: number } } }[] => JSON.parse(text)
    const issues = parse(formatReport(reportOf({ default_enabled: 'no' }), 'codequality'))
    expect(issues).toEqual([
      {
        description: 'default_enabled: must be true or false, got "no"; write true or false',
        check_name: 'feature-flag/default-enabled',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        severity: 'major',
        location: { path: here, lines: { begin: 6 } },
      },
    ])
    const moved = parse(formatReport(reportOf({ name: 'a_flag\n# a comment', default_enabled: 'no' }), 'codequality'))
    expect(moved[0]?.location.lines.begin).toBe(7)
    expect(moved[0]?.fingerprint).toBe(issues[0]?.fingerprint)
    const all = parse(formatReport(mixedReport(), 'codequality'))
    expect(new Set(all.map((issue) => issue.fingerprint)).size).toBe(4)
  })
})
