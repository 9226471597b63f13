// What applications can see of the package, compared with the report beside this file. Where the surface is meant to change,
// `npx vitest run test/surface --update` writes the report anew; its difference belongs in the commit. Its examples compile.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build } from '../cli/built.js'
import { type Surface, surfaceOf } from './api-extractor.js'
import { examplesIn, faultsOf, makeExamplesProject, methodsIn } from './examples.js'

/** A machine that has much to do compiles and reads for a minute. */
const hangMs = 240_000

const folder = mkdtempSync(join(tmpdir(), 'sluice-surface-'))
const project = makeExamplesProject(folder)
let surface: Surface

beforeAll(() => {
  // API Extractor takes what lies below node_modules for another package.
  const { folder: built } = build()
  execFileSync('cp', ['-R', 'dist', 'package.json', folder], { cwd: built })
  symlinkSync(join(built, 'node_modules'), join(folder, 'node_modules'))
  surface = surfaceOf(folder)
}, hangMs)
afterAll(() => {
  for (const made of [project, folder]) rmSync(made, { recursive: true, force: true })
})

it('the built package exports what the report says, and no type is reached that the report does not name', async () => {
  expect([...surface.exported.keys()]).toEqual([
    'sluice',
    'sluice/testing',
    'sluice/testing/vitest',
    'sluice/testing/jest',
    'sluice/testing/node',
    'sluice/frontend',
    'sluice/browser',
  ])
  expect(surface.unnamed).toEqual([])
  await expect(reportOf(surface)).toMatchFileSnapshot('api-report.md')
})

it('every example of the public surface compiles in a project that has the built package installed', {
  timeout: hangMs,
}, () => {
  const declarations = [...surface.exported.values()].flat()
  const examples = declarations.flatMap(examplesIn)
  const methods = declarations.filter((text) => /interface Flag(?:Checks|Experiments|Changes|Overview)\b/.test(text))
  expect(methods.map((text) => examplesIn(text).length)).toEqual(methods.map((text) => methodsIn(text)))
  expect(examples.length).toBeGreaterThan(methods.length)
  expect(faultsOf(project, examples)).toBe('')
})

it('an example that does not fit the surface is found, with its place', { timeout: hangMs }, () => {
  const examples = [`Feature.enabled('dark_mode')`, `Feature.enabled(project, 'dark_mode')`]
  expect(faultsOf(project, examples)).toMatch(/^example-2\.ts\(3,\d+\): error TS2345: /)
})

function reportOf({ exported, unnamed }: Surface): string {
  const entries = [...exported].map(([entry, texts]) => `## \`${entry}\`\n\n\`\`\`ts\n${texts.join('\n\n')}\n\`\`\``)
  const names = unnamed.map((name) => `- \`${name}\``).join('\n')
  return `${[
    '# The public surface',
    'Written by test/surface/api-report.test.ts from the built declaration files.',
    ...entries,
    `## Types that are reached from there, and exported by no name: ${unnamed.length}`,
    ...(names === '' ? [] : [names]),
  ].join('\n\n')}\n`
}
