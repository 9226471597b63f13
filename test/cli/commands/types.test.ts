// `types`: writes and checks the file of declared flags.
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { firstLine } from '../../../lib/definition/declarations/text.js'
import { makeRoot, run } from '../run.js'

const path = (name: string, type = 'development') => `config/feature_flags/${type}/${name}.yml`
const yaml = (name: string, more = '', type = 'development') =>
  `name: ${name}\ngroup: group::test\nmilestone: '1.4'\ntype: ${type}\ndefault_enabled: false\n${more}`
const files = {
  'tsconfig.json': '{ "include": ["src"] }',
  'src/main.ts': '',
  [path('dark_mode')]: yaml('dark_mode', 'actor: project\n'),
  'ee/config/feature_flags/ops/paid.yml': yaml('paid', '', 'ops'),
}
const usual = 'src/feature-flags.d.ts'

function project(more: Readonly<Record<string, string>> = {}) {
  const root = makeRoot({ ...files, ...more })
  return {
    root,
    read: (file = usual) => readFileSync(join(root, file), 'utf8'),
    types: (...options: readonly string[]) => run(['types', ...options], { root }),
    typesIn: (milestones: Readonly<Record<string, string>>, ...options: readonly string[]) =>
      run(['types', ...options], { root, options: { milestones } }),
  }
}

describe('types', () => {
  it('writes the file to the usual place, with the flags of ee/, and leaves it alone the next time', async () => {
    const { read, types, root } = project()
    expect(await types()).toEqual({ code: 0, stdout: `${usual}: 2 flags\n`, stderr: '' })
    expect(read()).toContain("    dark_mode: DeclaredFlag<'development', 'Project'>\n")
    expect(read()).toContain("    paid: DeclaredFlag<'ops'>\n")
    expect(await types()).toEqual({ code: 0, stdout: `${usual}: 2 flags, unchanged\n`, stderr: '' })
    expect(await run(['types', '--check'], { root, env: { FOSS_ONLY: '1' } })).toMatchObject({ code: 0 })
  })

  it('marks a flag past the lifetime of its type, and --check passes over that mark alone', async () => {
    const { read, types, typesIn, root } = project()
    await typesIn({ '1.4': '2020-01-01' })
    expect(read()).toContain("    dark_mode: DeclaredFlag<'development', 'Project', true>\n")
    expect(read()).toContain("    paid: DeclaredFlag<'ops'>\n")
    expect(await types('--check')).toEqual({ code: 0, stdout: `${usual}: up to date\n`, stderr: '' })
    await types()
    expect(read()).not.toContain('true>')
    expect(await typesIn({ '1.4': '2020-01-01' }, '--check')).toMatchObject({ code: 0 })
    writeFileSync(join(root, path('dark_mode')), yaml('dark_mode', 'actor: user\n'))
    const checked = await types('--check')
    expect(checked.code).toBe(1)
    expect(checked.stderr).toMatch(
      /^error: src\/feature-flags\.d\.ts is not what the definitions say; run .+ types and commit the file\n$/,
    )
    expect(read()).toContain("'Project'>")
  })

  it('--check fails where the file is missing, and writes nothing', async () => {
    const { read, types } = project()
    expect(await types('--check')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('is missing; run'),
    })
    expect(() => read()).toThrow('ENOENT')
  })

  it('--check takes the line ends of Windows', async () => {
    const { read, types, root } = project()
    await types()
    writeFileSync(join(root, usual), read().replaceAll('\n', '\r\n'))
    expect(await types('--check')).toMatchObject({ code: 0 })
  })

  it('writes the types of the good definitions where one is broken, names the broken one and exits with 1', async () => {
    const { read, types } = project({ [path('broken')]: 'name: broken\ntype: [' })
    const { code, stdout, stderr } = await types()
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${usual}: 2 flags\n` })
    expect(stderr).toContain(`error: ${path('broken')}: is not valid YAML`)
    expect(read()).toContain('dark_mode')
  })

  it('says so where no tsconfig includes the file', async () => {
    const { types } = project()
    const { code, stderr } = await types('--out', 'config/flags.d.ts')
    expect(code).toBe(0)
    expect(stderr).toBe(
      'warning: no tsconfig includes config/flags.d.ts (looked at tsconfig.json): the compiler does not see it; add it to "include", or write it to an included folder with --out\n',
    )
  })

  it.each([
    ['outside of the root', '../flags.d.ts', 2, 'is not in the folder'],
    ['an absolute path elsewhere', '/tmp/flags.d.ts', 2, 'is not in the folder'],
    ['through a link out of the root', 'out/flags.d.ts', 1, 'is not in the folder'],
    ['a file that a person wrote', 'src/main.ts', 1, 'was not written by this command, and is not overwritten'],
    ['a folder', 'src/folder.d.ts', 1, 'is no plain file'],
    ['what is no file of TypeScript', 'src/flags.json', 2, 'is no file of TypeScript'],
  ])('refuses --out that is %s', async (_what, out, code, message) => {
    const { root, types, read } = project()
    mkdirSync(join(root, 'src/folder.d.ts'))
    symlinkSync(makeRoot(), join(root, 'out'))
    const ran = await types('--out', out)
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toContain(message)
    expect(read('src/main.ts')).toBe('')
  })

  it('refuses --check with --watch', async () => {
    expect(await project().types('--check', '--watch')).toMatchObject({ code: 2 })
  })

  it('writes the file that the configuration names', async () => {
    const { root, read } = project()
    await run(['types'], { root, options: { typesFile: 'src/types/flags.d.ts' } })
    expect(read('src/types/flags.d.ts').startsWith(firstLine)).toBe(true)
  })

  it('writes 10,000 definitions', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [path(`flag_${index}`), yaml(`flag_${index}`)]),
    )
    const { read, types } = project(many)
    expect(await types()).toMatchObject({ code: 0, stdout: `${usual}: 10002 flags\n` })
    expect(read()).toContain('    flag_9999: DeclaredFlag\n')
  })
})

describe('create', () => {
  const given = ['-g', 'group::test', '-m', '', '-i', '']

  it('keeps a file that is there current, and makes none', async () => {
    const { root, read, types } = project()
    await run(['create', 'first', ...given], { root })
    expect(() => read()).toThrow('ENOENT')
    await types()
    const { code, stderr } = await run(['create', 'second', ...given], { root })
    expect({ code, stderr }).toEqual({ code: 0, stderr: `update ${usual}\n` })
    expect(read()).toContain('    second: DeclaredFlag\n')
    rmSync(join(root, path('second')))
    await run(['create', 'third', ...given, '--dry-run'], { root })
    expect(read()).not.toContain('third')
  })

  it('leaves a file of a person alone, and says so', async () => {
    const { root, read } = project({ [usual]: 'export {}\n' })
    const { code, stderr } = await run(['create', 'first', ...given], { root })
    expect(code).toBe(0)
    expect(stderr).toContain('the types of the flags were not updated')
    expect(read()).toBe('export {}\n')
  })
})
