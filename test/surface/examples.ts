// Every example in the doc comments of the public surface compiles in a project that has the built package installed.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Built, build } from '../cli/built.js'
import { surfaceOf } from './api-extractor.js'

/** A machine that has much to do compiles and reads for a minute. */
const hangMs = 240_000
const modules = join(import.meta.dirname, '..', '..', 'node_modules')

let built: Built
let folder: string

beforeAll(() => {
  built = build()
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-examples-')))
  cpSync(join(import.meta.dirname, '..', 'fixtures', 'examples'), folder, { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(built.folder, join(folder, 'node_modules', 'sluice'))
  symlinkSync(join(modules, '@types'), join(folder, 'node_modules', '@types'))
}, hangMs)
afterAll(() => {
  built.remove()
  rmSync(folder, { recursive: true, force: true })
})

it('every example of the public surface compiles', { timeout: hangMs }, () => {
  const declarations = [...surfaceOf(built.folder).exported.values()].flat()
  const examples = declarations.flatMap(examplesIn)
  const methods = declarations.filter((text) => /interface Flag(?:Checks|Experiments|Changes|Overview)\b/.test(text))
  expect(methods.map((text) => examplesIn(text).length)).toEqual(methods.map((text) => methodsIn(text)))
  expect(examples.length).toBeGreaterThan(methods.length)
  expect(faultsOf(examples)).toBe('')
})

it('an example that does not fit the surface is found, with its place', { timeout: hangMs }, () => {
  expect(faultsOf([`Feature.enabled('dark_mode')`, `Feature.enabled(project, 'dark_mode')`])).toMatch(
    /^example-2\.ts\(3,\d+\): error TS2345: /,
  )
})

/** What stands after `@example`, up to the next tag or the end of the comment. */
function examplesIn(declaration: string): string[] {
  const comments = declaration.match(/\/\*\*[\s\S]*?\*\//g) ?? []
  return comments.flatMap((comment) => {
    const text = comment.slice(3, -2).replace(/^[ \t]*\* ?/gm, '')
    return text
      .split(/^@example\b/m)
      .slice(1)
      .map((example) => (example.split(/^@\w/m)[0] ?? '').trim())
  })
}

/** How many methods, overloads and calls of a property the interface declares: each begins a line. */
function methodsIn(declaration: string): number {
  return declaration.match(/^ +(?:\w+|\w+<[^(]+>|<[^(]+>)\(/gm)?.length ?? 0
}

/** What the compiler says of the examples, each a module of its own. */
function faultsOf(examples: readonly string[]): string {
  const files = examples.map((example, index) => {
    const name = `example-${index + 1}.ts`
    writeFileSync(
      join(folder, name),
      `import { createFeature, Feature, signExperimentOverride } from 'sluice'\nexport const used = [createFeature, Feature, signExperimentOverride]\n${example}\n`,
    )
    return join(folder, name)
  })
  try {
    const compiler = join(modules, 'typescript', 'bin', 'tsc')
    const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', folder], { cwd: folder, encoding: 'utf8' })
    return `${stdout}${stderr}`
  } finally {
    for (const file of files) rmSync(file)
  }
}
