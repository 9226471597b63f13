// `types --watch` as a process of its own, and what the commands say where the parser is not installed.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, vi } from 'vitest'
import { type Built, build, start } from '../built.js'
import { definition, makeRoot } from '../run.js'

let built: Built
beforeAll(() => {
  built = build()
})

const path = (name: string) => `config/feature_flags/development/${name}.yml`

it.each(['SIGINT', 'SIGTERM'] as const)(
  'the file follows definitions until %s, and a broken one is told',
  async (signal) => {
    const root = makeRoot({
      'tsconfig.json': '{ "include": ["src"] }',
      'src/a.ts': '',
      [path('one')]: definition('one'),
    })
    const read = () => readFileSync(join(root, 'src/feature-flags.d.ts'), 'utf8')
    const becomes = (text: string) =>
      vi.waitFor(() => expect(read()).toContain(text), { timeout: 20_000, interval: 20 })
    const watching = start(built, ['types', '--watch'], { root })
    await watching.shows('watching the definitions')
    writeFileSync(join(root, path('two')), definition('two'))
    await becomes('    two: DeclaredFlag')
    writeFileSync(join(root, path('bad')), 'name: [\n')
    await watching.shows(`error: ${path('bad')}`)
    writeFileSync(join(root, path('one')), `${definition('one')}actor: project\n`)
    await becomes("    one: DeclaredFlag<'development', 'Project'>")
    watching.child.kill(signal)
    expect(await watching.ended).toMatchObject({ code: 0, signal: null })
  },
)

it('usage names the command that installs the parser, where it is missing', async () => {
  const bare = makeRoot({})
  // A copy without the repository's packages but those that every command needs.
  cpSync(built.folder, bare, { recursive: true, filter: (from) => from !== join(built.folder, 'node_modules') })
  rmSync(join(bare, 'node_modules'), { recursive: true, force: true })
  for (const name of ['commander', 'js-yaml', 'fastest-levenshtein', 'jiti'])
    cpSync(join(built.folder, 'node_modules', name), join(bare, 'node_modules', name), { recursive: true, force: true })
  const root = makeRoot({ [path('one')]: definition('one'), 'src/a.ts': `Feature.enabled('one')` })
  const ran = await start({ ...built, command: join(bare, 'bin/feature-flag') }, ['usage'], { root }).ended
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 1, stdout: '' })
  expect(ran.stderr).toContain(
    'the check of usage needs the package oxc-parser, which is not installed; run "npm install oxc-parser@0.159"',
  )
})
