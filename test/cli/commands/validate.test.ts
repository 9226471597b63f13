// The command validate.
import { symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { definition, run, sampleFiles } from '../run.js'

const broken = { ...sampleFiles, 'config/feature_flags/ops/bad.yml': definition('worse', 'ops') }

describe('validate', () => {
  it('ends with 0 for good definitions, and counts them', async () => {
    const { code, stdout, stderr } = await run(['validate'], { root: makeRoot(sampleFiles) })
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '3 files: 3 definitions, 0 errors, 0 warnings\n',
      stderr: '',
    })
  })

  it('ends with 1 for a bad definition, with file, field, value and remedy', async () => {
    const { code, stdout } = await run(['validate'], { root: makeRoot(broken) })
    expect(code).toBe(1)
    expect(stdout).toMatch(/config\/feature_flags\/ops\/bad\.yml:1: error: name: .*"worse".*rename/)
  })

  it.each([
    ['json', /^\{[\s\S]*"valid": false/],
    ['junit', /^<\?xml[\s\S]*<failure/],
    ['codequality', /^\[[\s\S]*"fingerprint"/],
  ])('reports as %s', async (format, shape) => {
    const { code, stdout } = await run(['validate', '--format', format], { root: makeRoot(broken) })
    expect(code).toBe(1)
    expect(stdout).toMatch(shape)
  })

  it.each([
    [
      'a project without definitions',
      {},
      'config/feature_flags: error: no definition files were found under config/feature_flags, ee/config/feature_flags; check',
    ],
    [
      'a configured folder that is not there',
      { ...sampleFiles, 'feature.config.mjs': "export default { definitionPaths: ['config/feature_flags', 'flgas'] }" },
      'flgas: error: does not exist; correct definitionPaths',
    ],
    [
      'a configured folder without definitions',
      {
        ...sampleFiles,
        'flags/x.txt': '',
        'feature.config.mjs': "export default { definitionPaths: ['config/feature_flags', 'flags'] }",
      },
      'flags: error: holds no definition files; correct definitionPaths',
    ],
  ])('fails for %s, unless that is allowed', async (_what, files, says) => {
    const root = makeRoot(files)
    const { code, stdout } = await run(['validate'], { root })
    expect([code, stdout]).toEqual([1, expect.stringContaining(says)])
    expect(await run(['validate', '--json'], { root })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/"errors": 1,/),
    })
    expect(await run(['validate', '--allow-empty'], { root })).toMatchObject({ code: 0 })
  })

  it('fails for a root that is not there', async () => {
    expect(await run(['--root', '/no/such/folder', 'validate'], { root: makeRoot() })).toMatchObject({ code: 1 })
  })

  it("knows the configuration's own types and folders", async () => {
    const root = makeRoot({
      'flags/billing/invoice_v2.yml': definition('invoice_v2', 'billing'),
      'feature.config.mjs': `export default { definitionPaths: ['flags'], types: { billing: { description: 'Billing' } } }`,
    })
    const { code, stdout } = await run(['validate'], { root })
    expect([code, stdout]).toEqual([0, '1 file: 1 definition, 0 errors, 0 warnings\n'])
  })

  it('shows warnings before errors, in colours on a terminal', async () => {
    const root = makeRoot({
      ...broken,
      'config/feature_flags/ops/worth_a_word.yml': `${definition('worth_a_word', 'ops')}colour: red\n`,
    })
    const { stdout } = await run(['validate'], { root, typed: [] })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/;.*/, ''))).toEqual([
      '\u001b[1mconfig/feature_flags/ops/worth_a_word.yml:7\u001b[22m: \u001b[33mwarning\u001b[39m: colour: is not a field of a definition and is ignored, got "red"',
      expect.stringContaining('ops/bad.yml:1\u001b[22m: \u001b[31merror\u001b[39m: name: '),
      '5 files: 4 definitions, 1 error, 1 warning',
    ])
  })

  it('shows errors only when it has to be quiet, and nothing where there are none', async () => {
    const path = 'config/feature_flags/ops/worth_a_word.yml'
    const files = { [path]: `${definition('worth_a_word', 'ops')}colour: red\n` }
    expect(await run(['validate', '-q'], { root: makeRoot(files) })).toEqual({ code: 0, stdout: '', stderr: '' })
    const { code, stdout } = await run(['validate', '--quiet'], { root: makeRoot({ ...broken, ...files }) })
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/^config.*: error: .*\n5 files: 4 definitions, 1 error, 0 warnings\n$/),
    ])
  })
})

describe('validate FILE…', () => {
  const bad = 'config/feature_flags/ops/bad.yml'
  const good = 'config/feature_flags/ops/canary.yml'
  const twice = { ...sampleFiles, 'config/feature_flags/beta/canary.yml': definition('canary', 'beta') }

  /** What was asked, and `files: definitions, errors` of the answer. */
  const cases: readonly [string, Readonly<Record<string, string>>, readonly string[], number, string][] = [
    ['a good file beside a bad one', broken, [good], 0, '1 file: 1 definition, 0 errors'],
    ['a bad file', broken, [bad], 1, '1 file: 0 definitions, 1 error'],
    ['several files, absolute and relative', broken, [good, `ROOT/${bad}`, good], 1, '2 files: 1 definition, 1 error'],
    ['a path with detours', broken, [`ROOT/config/../${good}`], 0, '1 file: 1 definition, 0 errors'],
    [
      'a folder',
      broken,
      ['config/feature_flags/beta', 'ROOT/config/feature_flags/development/'],
      0,
      '2 files: 2 definitions',
    ],
    ['the root', broken, ['ROOT'], 1, '4 files: 3 definitions, 1 error'],
    ['a flag that is defined elsewhere too, by its later file', twice, [good], 1, '1 file: 0 definitions, 1 error'],
    [
      'a flag that is defined elsewhere too, by its first file',
      twice,
      ['config/feature_flags/beta/canary.yml'],
      1,
      '2 files: 1 definition, 1 error',
    ],
    [
      'a file that is not there',
      sampleFiles,
      [good, 'config/feature_flags/ops/gone.yml'],
      1,
      'ops/gone.yml: error: does not exist; check',
    ],
    ['a folder that is not there', sampleFiles, ['config/feature_flags/wip'], 1, 'wip: error: does not exist'],
    [
      'a folder without definitions',
      { ...sampleFiles, 'docs/a.md': '' },
      ['docs'],
      1,
      'docs: error: holds no definition files',
    ],
    [
      'another file',
      { ...sampleFiles, 'ci.yml': '' },
      ['ci.yml'],
      1,
      'ci.yml: error: is not a definition of this project; definitions are .yml files under config/feature_flags',
    ],
    [
      'another file, allowed',
      { ...sampleFiles, 'ci.yml': '' },
      ['ci.yml', good, '--allow-empty'],
      0,
      '1 file: 1 definition, 0 errors',
    ],
    [
      'a file with another ending',
      { ...sampleFiles, 'config/feature_flags/ops/x.yaml': '' },
      ['config/feature_flags/ops/x.yaml'],
      1,
      'rename to .yml',
    ],
  ]

  it.each(cases)('reports those alone: %s', async (_what, files, asked, code, says) => {
    const root = makeRoot(files)
    const argv = ['validate', ...asked.map((path) => path.replace('ROOT', root))]
    const ran = await run(argv, { root })
    expect([ran.code, ran.stdout]).toEqual([code, expect.stringContaining(says)])
  })

  it('refuses a path outside of the root', async () => {
    const { code, stderr } = await run(['validate', '/etc/hosts'], { root: makeRoot(sampleFiles) })
    expect([code, stderr]).toEqual([2, expect.stringContaining('"/etc/hosts" is not in the folder')])
  })

  it('takes the spelling of a root that is a link', async () => {
    const root = makeRoot(broken)
    const link = `${makeRoot()}/link`
    symlinkSync(root, link)
    for (const [from, path] of [
      [link, `${root}/${good}`],
      [root, `${link}/${good}`],
    ] as const) {
      expect(await run(['--root', from, 'validate', path], { root: from })).toMatchObject({ code: 0 })
    }
  })
})
