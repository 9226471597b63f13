// README.md as a newcomer reads it: its blocks are pasted line by line, into a clone and into a new project beside it. What the
// page says is what runs, so a page that is not true fails here.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Block, fencedBlocks, fileNameOf } from '../support/markdown.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { type Pasted, readersEnvironment, Terminal } from '../support/terminal.js'

const repository = dirname(dirname(import.meta.dirname))
const readme = readFileSync(join(repository, 'README.md'), 'utf8')
const blocks = fencedBlocks(readme)

/** Lines that go on until they are stopped, with what they show once they run. */
const staying: readonly (readonly [end: string, shows: string])[] = [
  ['npm start', 'Console, from a second terminal'],
  ['bin/feature-flag console', 'Feature flags, development'],
  ['npm run demo', '--percent 25'],
  ['node app.mjs', 'the old page'],
]

/** A promise of the page's prose: it has to stand there, in backticks. */
function promised(text: string): string {
  expect(readme).toContain(`\`${text}\``)
  return text
}

let folder: string
let clone: string
let project: string
let env: NodeJS.ProcessEnv
let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  folder = mkdtempSync(join(tmpdir(), 'sluice-readme-'))
  clone = join(folder, 'sluice')
  project = join(folder, 'flags-demo')
  mkdirSync(clone)
  const without = new Set(
    ['node_modules', 'dist', 'test', 'bench', '.git', '.feature', '.ci'].map((name) => join(repository, name)),
  )
  cpSync(repository, clone, { recursive: true, filter: (path) => !without.has(path) })
  symlinkSync(join(repository, 'node_modules'), join(clone, 'node_modules'))
  env = readersEnvironment(folder)
})

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await database.close()
})

/** The blocks below a heading. */
function under(heading: string): readonly Block[] {
  const found = blocks.filter((block) => block.heading === heading)
  expect(found.length, `blocks under "${heading}"`).toBeGreaterThan(0)
  return found
}

/** Follows blocks: pastes lines, saves files, types into what waits, and opens the next terminal beside what stays. */
class Reader {
  #place: string
  #terminal: Terminal
  #url: string | null = null
  /** What each line showed. */
  readonly #pasted = new Map<string, Pasted>()
  /** The terminals of what stays, by the end of the line that started it. */
  readonly #staying = new Map<string, Terminal>()
  /** What they showed until they ran. */
  readonly #shown = new Map<string, string>()

  constructor(place: string) {
    this.#place = place
    this.#terminal = new Terminal(place, env)
  }

  async follow(blocks: readonly Block[]): Promise<void> {
    for (const block of blocks) {
      const file = fileNameOf(block)
      if (file !== undefined) writeFileSync(join(this.#place, file), block.text)
      else if (block.language === 'js') this.staying('bin/feature-flag console').type(block.text)
      else for (const line of block.lines) await this.paste(line)
    }
  }

  async paste(line: string): Promise<string> {
    const stay = staying.find(([end]) => line.endsWith(end))
    if (stay !== undefined) {
      await this.#leaveRunning(line, ...stay)
      return ''
    }
    const pasted = await this.#terminal.paste(this.#withOwnPlaces(line))
    expect(pasted, `${line}\n${pasted.shown}`).toMatchObject({ code: 0 })
    this.#pasted.set(line, pasted)
    this.#place = (await this.#terminal.paste('pwd')).stdout.trim()
    return pasted.stdout
  }

  /** What the line that begins in this way wrote to stdout. */
  wrote(start: string): string {
    const [, pasted] = [...this.#pasted].find(([line]) => line.startsWith(start)) ?? []
    if (pasted === undefined) throw new Error(`README.md has no line "${start} …"`)
    return pasted.stdout
  }

  staying(end: string): Terminal {
    const terminal = this.#staying.get(end)
    if (terminal === undefined) throw new Error(`README.md has not started "${end}"`)
    return terminal
  }

  /** What the line that stays showed at its start. */
  showed(end: string): string {
    return this.#shown.get(end) ?? ''
  }

  /** Stops what stays, the last one first. */
  async leave(): Promise<void> {
    await this.#terminal.close()
    for (const terminal of [...this.#staying.values()].reverse()) await terminal.close()
  }

  async #leaveRunning(line: string, end: string, shows: string): Promise<void> {
    await this.#staying.get(end)?.close()
    const shown = await this.#terminal.start(this.#withOwnPlaces(line), shows)
    this.#url ??= /listening on (\S+)/.exec(shown)?.[1] ?? null
    this.#staying.set(end, this.#terminal)
    this.#shown.set(end, shown)
    this.#terminal = new Terminal(this.#place, env)
  }

  /** As the page says: another port than 4242 is put there, and one's own database. */
  #withOwnPlaces(line: string): string {
    return line.replace('http://127.0.0.1:4242', this.#url ?? '').replace(/postgres:\/\/\S+/, database.url)
  }
}

it('the tour of the clone works as it is written', async () => {
  const reader = new Reader(clone)
  await reader.follow(under('A tour of the clone'))

  expect(reader.wrote('bin/feature-flag get dark_mode')).toContain('Project:42')
  const [list, changed] = ['curl -H "PRIVATE-TOKEN: $TOKEN" http', 'curl -H "PRIVATE-TOKEN: $TOKEN" -d value=25']
  expect(JSON.parse(reader.wrote(list ?? ''))).toMatchObject([{ name: 'dark_mode', state: 'conditional' }])
  expect(JSON.parse(reader.wrote(changed ?? ''))).toMatchObject({ name: 'new_layout', state: 'conditional' })
  await reader.staying('bin/feature-flag console').shows(`\n${promised('true')}\n`)

  // The page of the demo has its four cards, and is dark once the SDK has asked after the command.
  const shown = reader.showed('npm run demo')
  const page = /^Demo page: +(\S+)$/m.exec(shown)?.[1] ?? ''
  const html = async () => (await fetch(page)).text()
  expect((await html()).match(/data-flag="\w+"/g)).toHaveLength(4)
  expect(shown).toContain(`  ${readme.match(/bin\/feature-flag project set demo .*/)?.[0]}\n`)
  await vi.waitUntil(async () => /<body class="[^"]*dark_mode/.test(await html()), { timeout: 60_000, interval: 250 })

  const [introduction] = under('Sluice')
  writeFileSync(join(clone, 'introduction.mjs'), introduction?.text ?? '')
  expect(await reader.paste('node introduction.mjs')).toBe('dark\n')
  await reader.leave()
}, 300_000)

it('an own project works as it is written', async () => {
  const reader = new Reader(clone)
  await reader.follow(under('In your own project').slice(0, -1))

  const definition = promised('config/feature_flags/development/my_first_flag.yml')
  expect(readFileSync(join(project, definition), 'utf8')).toContain('name: my_first_flag')
  expect(reader.wrote('npx feature-flag validate')).toBe('1 file: 1 definition, 0 errors, 0 warnings\n')
  await reader.staying('node app.mjs').shows(promised("the new page { value: true, reason: 'actor' }"))
  expect(reader.wrote('npx feature-flag history')).toContain('added User:7')

  await reader.follow(under('In your own project').slice(-1))
  await reader.staying('node app.mjs').shows("the old page { value: false, reason: 'default' }")
  const tables = await database.query(`select tablename from pg_tables where tablename like 'feature%'`)
  expect(tables.map(({ tablename }) => tablename)).toContain('feature_gates')
  await reader.leave()
}, 300_000)

it('the test of an application works as it is written', async () => {
  const reader = new Reader(project)
  await reader.follow(under('Testing your application'))
  expect(reader.wrote('node --test app.test.mjs')).toContain('# pass 3')
  await reader.leave()
}, 100_000)

it('no block is left out, and each can be pasted into every shell', () => {
  const followed = ['Sluice', 'A tour of the clone', 'In your own project', 'Testing your application']
  expect(blocks.filter(({ heading }) => !followed.includes(heading))).toEqual([])
  expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['ts', 'sh', 'js']))
})
