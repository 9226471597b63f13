// Calls of declared flags, right and wrong, as the compilers of applications see them: all in one file, compiled once by TypeScript 7 and
// once by 5.9 against the declarations of the built package. Each wrong call has one error, which stands where the table says; what it
// says is compared to the letter with the records beside this file, which `npx vitest run test/surface --update` writes anew.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build } from '../cli/built.js'
import * as editors from './hovers.js'
import { rightCalls, wrongCalls } from './typed-calls.js'
import { folderOfTypescript59 } from './typescript59.js'

const hangMs = 240_000
const repository = join(import.meta.dirname, '..', '..')
const typescript7 = join(repository, 'node_modules', 'typescript')

let folder: string

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-typed-calls-')))
  cpSync(join(import.meta.dirname, '..', 'fixtures', 'typed-calls'), folder, { recursive: true })
  const installed = join(folder, 'node_modules', 'sluice')
  mkdirSync(installed, { recursive: true })
  const isRead = (path: string) => !/\.(js|map)$/.test(path)
  cpSync(join(build().folder, 'dist'), join(installed, 'dist'), { recursive: true, filter: isRead })
  cpSync(join(repository, 'package.json'), join(installed, 'package.json'))
  for (const packages of [installed, folder]) {
    mkdirSync(join(packages, 'node_modules'), { recursive: true })
    symlinkSync(join(repository, 'node_modules', '@types'), join(packages, 'node_modules', '@types'))
  }
  const lines = [...rightCalls, ...wrongCalls.map(([call]) => call)].map((call) => `void (() => ${call})`)
  writeFileSync(join(folder, 'calls.ts'), `${lines.join('\n')}\n`)
}, hangMs)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the table has at least 40 wrong calls, and as many right ones', () => {
  expect(wrongCalls.length).toBeGreaterThanOrEqual(40)
  expect(rightCalls.length).toBeGreaterThanOrEqual(wrongCalls.length)
})

describe.each([
  ['7', () => typescript7],
  ['5.9', folderOfTypescript59],
])('TypeScript %s', (version, compiler) => {
  it('compiles the right calls, and has one readable error for each wrong one', { timeout: hangMs }, async () => {
    // With the declarations of packages checked, as where skipLibCheck is off.
    const errors = errorsIn(compile(compiler(), folder, ['-p', '.', '--pretty', 'false']))
    expect(errors.filter(({ line }) => line <= rightCalls.length)).toEqual([])
    const wrong = errors.map(({ line, column, message }) => ({ call: line - rightCalls.length - 1, column, message }))
    expect(wrong.map(({ call }) => call)).toEqual(wrongCalls.map((_, index) => index))
    expect(wrong.map(({ column }, index) => placeIn(index, column))).toEqual(wrongCalls.map(([, at]) => at))
    expect(wrong.filter(({ message }) => message.includes('No overload matches'))).toEqual([])
    const told = wrong.map(({ message }, index) => `== ${wrongCalls[index]?.[0]}\n${message}\n`)
    await expect(told.join('\n')).toMatchFileSnapshot(`typed-calls-${version}.txt`)
  })
})

it.each([
  ['without declared flags', ''],
  [
    'with names alone, as a person declares them',
    "declare module 'sluice' { interface FlagNames { a_flag: true; other: true } }\n",
  ],
])('any type and any actor compile %s', { timeout: hangMs }, (_what, declared) => {
  const calls = [
    `Feature.enabled('a_flag')`,
    `Feature.enabled('a_flag', user)`,
    `Feature.decide('a_flag', 'request', { type: 'ops' })`,
    `Feature.disabled('a_flag', { type: 'beta' })`,
    `Feature.enable('a_flag', [project, staff], context)`,
    `Feature.optOut('a_flag', promisedUser)`,
  ]
  const other = join(folder, declared === '' ? 'undeclared' : 'by-hand')
  mkdirSync(other)
  for (const file of ['package.json', 'tsconfig.json', 'application.d.ts'])
    cpSync(join(folder, file), join(other, file))
  writeFileSync(
    join(other, 'calls.ts'),
    `export {}\n${declared}${calls.map((call) => `void (() => ${call})\n`).join('')}`,
  )
  expect(compile(typescript7, other, ['-p', '.', '--pretty', 'false'])).toBe('')
  writeFileSync(join(other, 'calls.ts'), `export {}\n${declared}void Feature.enabled('a_flga', user, { typ: 'ops' })\n`)
  const place =
    declared === ''
      ? /^calls\.ts\(2,40\): error TS2561/
      : /^calls\.ts\(3,22\): error TS2345: Argument of type '"a_flga"'/
  // The declarations of packages were checked with the right calls.
  expect(compile(typescript7, other, ['-p', '.', '--pretty', 'false', '--skipLibCheck'])).toMatch(place)
})

it.each([
  ['7', editors.typescript7],
  ['5.9', editors.typescript59],
])(
  'the editor offers the names of flags and the type of each, and strikes stale ones through, with TypeScript %s',
  { timeout: hangMs },
  async (version, start) => {
    const calls = [`Feature.enabled('')`, `Feature.enable('')`, `billing.decide('ops_projects', project, { type: '' })`]
    const other = join(folder, `editor-${version}`)
    mkdirSync(other)
    for (const file of ['package.json', 'tsconfig.json', 'application.d.ts', 'feature-flags.d.ts'])
      cpSync(join(folder, file), join(other, file))
    const file = join(other, 'calls.ts')
    const asked = [
      `Feature.enabled('stale_development', project)`,
      `Feature.decide('stale_ops', { type: 'ops' })`,
      `Feature.enabled('any_actor')`,
      `((name: import('sluice').FlagName) => Feature.enabled(name))('stale_development')`,
    ]
    writeFileSync(file, [...calls, ...asked].join('\n'))
    const editor = await start(file)
    try {
      const [checked, changed, type] = await Promise.all(calls.map((call) => editor.offeredAt(call)))
      expect(checked).toEqual(flagNames)
      expect(changed).toEqual(flagNames)
      expect(type).toEqual(['ops'])
      expect(await editor.struckLines()).toEqual([calls.length, calls.length + 1])
    } finally {
      await editor.end()
    }
  },
)

const flagNames = [
  'an_experiment',
  'any_actor',
  'beta_some',
  'by_hand',
  'for_pods',
  'for_projects_or_requests',
  'for_users',
  'ops_any',
  'ops_projects',
  'stale_development',
  'stale_ops',
]

/** The text at which an error stands, up to the length of what the table names. */
function placeIn(index: number, column: number): string {
  const [call = '', at = ''] = wrongCalls[index] ?? []
  return `void (() => ${call})`.slice(column - 1, column - 1 + at.length)
}

function compile(compiler: string, cwd: string, options: readonly string[]): string {
  return spawnSync(process.execPath, [join(compiler, 'bin', 'tsc'), ...options], { cwd, encoding: 'utf8' }).stdout
}

interface Told {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Throws where an error is not in the file of calls. */
function errorsIn(output: string): readonly Told[] {
  const parts = output.split(/\n(?=\S)/).map((part) => part.trimEnd())
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const [, line, column, message] = /^calls\.ts\((\d+),(\d+)\): error (TS\d+: [\s\S]*)$/.exec(part) ?? []
      if (message === undefined) throw new Error(`an error outside of the calls: ${part}`)
      return { line: Number(line), column: Number(column), message }
    })
}
