// What applications can see of the package, compared with the report beside this file. Where the surface is meant to change,
// `npx vitest run test/surface --update` writes the report anew; its difference belongs in the commit.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Built, build } from '../cli/built.js'
import { type Surface, surfaceOf } from './api-extractor.js'

/** A machine that has much to do compiles and reads for a minute. */
const hangMs = 240_000

let built: Built

beforeAll(() => {
  built = build()
}, hangMs)
afterAll(() => built.remove())

it('the built package exports what the report says, and no type is reached that the report does not name', {
  timeout: hangMs,
}, async () => {
  const surface = surfaceOf(built.folder)
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
