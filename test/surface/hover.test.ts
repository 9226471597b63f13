// What a user sees in the editor: signature and comment at the commonest calls, compared to the letter with the records beside
// this file. Where they are meant to change, `npx vitest run test/surface --update` writes the records anew.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build } from '../cli/built.js'
import { type Hovering, typescript7, typescript59 } from './hovers.js'
import { answerMs } from './language-server.js'

const hangMs = 2 * answerMs

const calls = [
  `Feature.enabled('x')`,
  `Feature.enabled('x', user)`,
  `Feature.disabled('x', user)`,
  `Feature.decide('x', user)`,
  `Feature.enable('x', user)`,
  `Feature.optOut('x', user)`,
  'Feature.start(',
  'createFeature(',
]

let folder: string

/** A project of its own that has this package installed, as users do. */
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-hover-')))
  cpSync(join(import.meta.dirname, '..', 'fixtures', 'hover'), folder, { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(build().folder, join(folder, 'node_modules', 'sluice'))
}, hangMs)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['7', typescript7],
  ['5.9', typescript59],
] as const)(
  'the editor shows signature and comment at a call, with TypeScript %s',
  { timeout: hangMs },
  async (version, start) => {
    const editor = await start(join(folder, 'usage.ts'))
    try {
      await expect(await shownBy(editor)).toMatchFileSnapshot(`hover-${version}.txt`)
    } finally {
      await editor.end()
    }
    expect(() => process.kill(editor.pid, 0)).toThrow('ESRCH')
  },
)

async function shownBy(editor: Hovering): Promise<string> {
  let shown = ''
  for (const call of calls) shown += `== ${call}\n${(await editor.at(call)).trim()}\n\n`
  return shown
}
