// Random edits of a project, some of which put times back: a run with its cache always finds what a run without it finds.
// SLUICE_USAGE_EDITS=500 plays more of them.
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Random, seededRandom } from '../support/random.js'
import { defined, readIn, usageProject } from './project.js'

const rounds = Number(process.env['SLUICE_USAGE_EDITS'] ?? 40)
const flags = ['flag_a', 'flag_b', 'flag_c', 'no_such'] as const
const sources = ['src/a.ts', 'src/b.ts', 'src/names.ts', 'src/deep/c.ts', 'test/a.test.ts'] as const
const definitions = ['flag_a', 'flag_b', 'flag_c'] as const
const pathOf = (flag: string) => `config/feature_flags/development/${flag}.yml`

/** All contents of one kind have the same number of bytes. */
function sourceText(path: string, random: Random): string {
  const flag = random.pick(flags.map((name) => name.padEnd(7, '_')))
  if (path === 'src/names.ts') return `export const NAME = '${flag}'\n`
  const asked = random.pick([`'${flag}'`, 'NAME     '])
  const names = path === 'src/deep/c.ts' ? '../names' : './names'
  return `import { Feature } from 'sluice'\nimport { NAME } from '${names}'\nexport const f = () => Feature.enabled(${asked})\n`
}

function definitionText(flag: string, random: Random): string {
  const [text = ''] = Object.values(defined(flag.padEnd(7, '_')))
  return text.replace('group::x', `group::${random.pick(['x', 'y', 'z'])}`)
}

type Edit = (root: string, random: Random) => void

const edits: Readonly<Record<string, Edit>> = {
  'writes as many bytes': (root, random) => write(root, random),
  'writes as many bytes and puts the times back': (root, random) => {
    const path = write(root, random, (file) => {
      const { atime, mtime } = statSync(file)
      return () => utimesSync(file, atime, mtime)
    })
    expect(existsSync(path)).toBe(true)
  },
  'puts another file in the place, with the times of the first': (root, random) => {
    const { path, text } = chosen(root, random)
    const { atime, mtime } = existsSync(path) ? statSync(path) : statSync(root)
    writeFileSync(`${path}.tmp`, text)
    utimesSync(`${path}.tmp`, atime, mtime)
    renameSync(`${path}.tmp`, path)
  },
  touches: (root, random) => {
    const { path } = chosen(root, random)
    const time = new Date(1_000_000_000_000 + random.below(900_000_000) * 1_000)
    if (existsSync(path)) utimesSync(path, time, time)
  },
  'gives two files each other’s names': (root, random) => {
    const [one = '', two = ''] = random.shuffled(['src/a.ts', 'src/b.ts']).map((path) => join(root, path))
    if (!existsSync(one)) return
    renameSync(one, `${one}.tmp`)
    if (existsSync(two)) renameSync(two, one)
    renameSync(`${one}.tmp`, two)
  },
  removes: (root, random) => rmSync(chosen(root, random).path, { force: true }),
  'checks all files out anew, with their old times': (root) => {
    for (const folder of ['src', 'config']) {
      cpSync(join(root, folder), join(root, `${folder}.new`), { recursive: true, preserveTimestamps: true })
      rmSync(join(root, folder), { recursive: true })
      renameSync(join(root, `${folder}.new`), join(root, folder))
    }
  },
  'damages the cache': (root, random) => {
    const [path] = readdirSync(join(root, '.feature')).map((name) => join(root, '.feature', name))
    if (path !== undefined) writeFileSync(path, random.pick(['', 'x', '{}\n{}\n']))
  },
}

function chosen(root: string, random: Random): { readonly path: string; readonly text: string } {
  if (random.below(3) > 0) {
    const path = random.pick(sources)
    return { path: join(root, path), text: sourceText(path, random) }
  }
  const flag = random.pick(definitions)
  return { path: join(root, pathOf(flag)), text: definitionText(flag, random) }
}

function write(root: string, random: Random, before: (path: string) => () => void = () => () => {}): string {
  const { path, text } = chosen(root, random)
  const after = existsSync(path) ? before(path) : () => {}
  writeFileSync(path, text)
  after()
  return path
}

/** Until the file system gives another time than before: the runs here are told that all files are old. */
function waitForTick(root: string): void {
  const path = join(root, 'clock')
  const time = () => {
    writeFileSync(path, '')
    return statSync(path).ctimeMs
  }
  for (const first = time(); time() === first; );
}

it('a run with its cache finds what a run without it finds, after any edits', async () => {
  const random = seededRandom()
  const files = Object.fromEntries([
    ...sources.map((path) => [path, sourceText(path, random)]),
    ...definitions.map((flag) => [pathOf(flag), definitionText(flag, random)]),
  ])
  const { root } = usageProject(files)
  const done: string[] = []
  for (let round = 0; round < rounds; round++) {
    const now = () => Date.now() + 60_000
    const cached = await readIn(root, {}, {}, { now })
    const whole = await readIn(root, {}, {}, { cache: false })
    expect({ ...cached, done }).toEqual({ ...whole, done })
    waitForTick(root)
    for (let count = random.below(3); count >= 0; count--) {
      const name = random.pick(Object.keys(edits))
      edits[name]?.(root, random)
      done.push(name)
    }
  }
})
