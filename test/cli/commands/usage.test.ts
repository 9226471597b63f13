// The commands usage and validate --usage.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { definition, run, sampleFiles } from '../run.js'

const asking = `import { Feature } from 'sluice'\nexport const f = (user) => Feature.enabled('dark_mode', user) || Feature.enabled('missing')\n`
const files = {
  ...Object.fromEntries(Object.entries(sampleFiles).filter(([path]) => !path.includes('feature_flags'))),
  'config/feature_flags/development/dark_mode.yml': definition('dark_mode', 'development'),
  'src/page.ts': asking,
  'src/page.test.ts': `// dark_mode in a comment\nstubFeatureFlags({ dark_mode: false })\n`,
}

describe('usage', () => {
  it('ends with 1 for an error, with rule, place and remedy', async () => {
    const { code, stdout, stderr } = await run(['usage'], { root: makeRoot(files) })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(/^src\/page\.ts:2:\d+: error: flag "missing" has no definition; create /)
    expect(stdout).toContain('2 files: 1 definition, 1 error, 0 warnings\n')
  })

  it('ends with 0 where there is none, also with notes, which --quiet leaves out', async () => {
    const root = makeRoot({
      ...files,
      'src/page.ts': asking.replace(`'missing'`, `\`a_\${user}_b\``),
    })
    const shown = await run(['usage'], { root })
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/: note: .*\n2 files: .*, 1 note\n$/s) })
    expect(await run(['usage', '--quiet'], { root })).toMatchObject({ code: 0, stdout: '' })
  })

  it('reports the given files and folders alone, and reads all', async () => {
    const root = makeRoot(files)
    expect(await run(['usage', 'config'], { root })).toMatchObject({ code: 0 })
    expect(await run(['usage', 'src'], { root })).toMatchObject({ code: 1 })
    expect(await run(['usage', 'src/page.ts', 'config'], { root })).toMatchObject({ code: 1 })
  })

  it.each([
    ['json', /"rule": "undefined-flag",[\s\S]*"severity": "error"/],
    ['junit', /<failure type="undefined-flag"/],
    ['codequality', /"check_name": "feature-flag\/undefined-flag"/],
    ['github', /^::error file=src\/page\.ts,line=2,col=\d+,title=feature-flag\/undefined-flag::flag "missing" has no/],
    ['sarif', /"ruleId": "feature-flag\/undefined-flag",[\s\S]*"uri": "src\/page\.ts"[\s\S]*"startLine": 2/],
  ])('reports as %s, and so does validate --usage', async (format, shape) => {
    const root = makeRoot(files)
    for (const argv of [['usage'], ['validate', '--usage']]) {
      const { code, stdout } = await run([...argv, '--format', format], { root })
      expect([code, stdout]).toEqual([1, expect.stringMatching(shape)])
      if (format !== 'github' && format !== 'junit') JSON.parse(stdout)
    }
  })

  it('shows where a flag is asked, pushed, stubbed and named in text, also by its name in pages', async () => {
    const pushed = {
      'src/hook.js': `const darkMode = useFeature('darkMode')\nexport const f = () => darkMode && useFeature('darkModeOn')\n`,
      'src/layout.js': `exports.f = (r) => r.pushFrontendFeatureFlag('dark_mode', r.user)\n`,
    }
    const { code, stdout } = await run(['usage', 'dark_mode'], { root: makeRoot({ ...files, ...pushed }) })
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      `src/hook.js:1:30: named in text: const darkMode = useFeature('darkMode')`,
      `src/layout.js:1:46: pushed: exports.f = (r) => r.pushFrontendFeatureFlag('dark_mode', r.user)`,
      'src/page.test.ts:1:4: named in text in a test: // dark_mode in a comment',
      'src/page.test.ts:2:20: stubbed in a test: stubFeatureFlags({ dark_mode: false })',
      expect.stringMatching(/^src\/page\.ts:2:44: asked: export const f = /),
      expect.stringMatching(/^dark_mode: .*asked in 1 place; config\/feature_flags\/development\/dark_mode\.yml$/),
      '',
    ])
  })

  it('shows the same as JSON, for some folders', async () => {
    const { stdout } = await run(['usage', 'dark_mode', 'src/page.ts', '--json'], { root: makeRoot(files) })
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'dark_mode',
      definition: 'config/feature_flags/development/dark_mode.yml',
      places: [{ kind: 'check', how: 'asked', file: 'src/page.ts', line: 2, column: 44, test: false }],
    })
  })

  it.each([
    [['usage', 'dark_mod'], 1, 'there is no flag "dark_mod"'],
    [['usage', 'src/no.ts'], 2, '"src/no.ts" does not exist'],
    [['usage', '../..'], 2, 'is not in the folder'],
    [['usage', 'dark_mode', '--format', 'sarif'], 2, '--format sarif reports faults'],
    [['usage', '--format', 'xml'], 2, "argument 'xml' is invalid"],
  ])('%j is refused', async (argv, code, says) => {
    const ran = await run(argv, { root: makeRoot(files) })
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(says)])
  })

  it('of a project without sources fails', async () => {
    const { code, stdout } = await run(['usage'], { root: makeRoot() })
    expect([code, stdout]).toEqual([1, expect.stringContaining('no source files were found')])
  })

  it('refuses settings of another shape', async () => {
    const root = makeRoot({ ...files, 'feature.config.json': '{ "usage": { "allowUnused": { "a": "" } } }' })
    const { code, stderr } = await run(['usage'], { root })
    expect([code, stderr]).toEqual([1, expect.stringContaining('"usage" cannot be this object')])
  })

  it('keeps its cache in .feature/', async () => {
    const root = makeRoot(files)
    await run(['usage'], { root })
    expect(readFileSync(join(root, '.feature/usage.cache'), 'utf8')).toContain('dark_mode')
  })
})

describe('validate --usage', () => {
  it('shows faults of definitions and of their use in one report', async () => {
    const root = makeRoot({ ...files, 'config/feature_flags/ops/bad.yml': definition('worse', 'ops') })
    const { code, stdout } = await run(['validate', '--usage'], { root })
    expect(code).toBe(1)
    expect(stdout).toContain('config/feature_flags/ops/bad.yml:1: error: name: ')
    expect(stdout).toContain(`: error: flag "missing" has no definition`)
  })

  it('takes files of both kinds, and says nothing of the use without the option', async () => {
    const root = makeRoot(files)
    expect(await run(['validate', '--usage', 'src/page.ts'], { root })).toMatchObject({ code: 1 })
    expect(await run(['validate'], { root })).toMatchObject({ code: 0 })
  })
})
