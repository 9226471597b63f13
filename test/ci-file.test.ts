// The versions that CI runs, and those that the package and its pages name, are the same ones. What the file does elsewhere cannot be
// tried here; that it says what it is meant to say can.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'

interface Step {
  readonly uses?: string
  readonly run?: string
}
interface Job {
  readonly steps: readonly Step[]
  readonly container?: { readonly image: string }
  readonly strategy?: { readonly matrix: { readonly include: readonly { node: string; postgres: string }[] } }
}
interface Workflow {
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const workflow = load(read('.github/workflows/ci.yml')) as Workflow
const manifest: { readonly engines: { readonly node: string }; readonly scripts: Readonly<Record<string, string>> } =
  JSON.parse(read('package.json'))

const pairs = workflow.jobs['tests']?.strategy?.matrix.include ?? []
const byNumber = (a: string, b: string) => Number(a) - Number(b)
const nodes = [...new Set(pairs.map(({ node }) => node))].sort(byNumber)
const postgres = [...new Set(pairs.map((pair) => pair.postgres))].sort(byNumber)
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
const commands = steps.flatMap(({ run }) => run?.split('\n') ?? [])

describe('the CI file', () => {
  it('begins with the Node that package.json and the README name as the oldest', () => {
    expect(manifest.engines.node).toBe(`>=${nodes[0]}`)
    expect(read('README.md')).toContain(`Node.js ${nodes[0]} or newer`)
    expect(read('SECURITY.md')).toContain(`Node.js ${nodes[0]} or newer`)
  })

  it('runs the versions of Node and Postgres that CONTRIBUTING.md says it runs', () => {
    const page = read('CONTRIBUTING.md').replaceAll('\n', ' ')
    const [, named = '', first, last] = /with Node\.js ([\d., and]+) and with Postgres (\d+) to (\d+)/.exec(page) ?? []
    expect(nodes).toEqual(named.split(/, | and /))
    expect([postgres[0], postgres.at(-1)]).toEqual([first, last])
    expect(page).toContain(`${first} is the oldest that has what the SQL uses`)
  })

  it('leaves out no major version of Postgres in between, and no line of Node that gets long support', () => {
    expect(postgres.map((version) => Number(version) - Number(postgres[0]))).toEqual(postgres.map((_, index) => index))
    expect(nodes.map((version) => Number.parseInt(version, 10) - Number.parseInt(nodes[0] ?? '', 10))).toEqual(
      nodes.map((_, index) => 2 * index),
    )
  })

  it('varies one of the two at a time', () => {
    const usual = pairs.filter(({ node }) => node === nodes[0])[0]?.postgres
    expect(pairs).toHaveLength(nodes.length + postgres.length - 1)
    expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(pairs.length)
    expect(new Set(pairs.filter((pair) => pair.postgres !== usual).map(({ node }) => node)).size).toBe(1)
    expect(workflow.jobs['tests']?.container?.image).toContain(`postgres:\${{ matrix.postgres }}`)
  })

  it('runs every part of npm run check, by scripts that package.json has', () => {
    const called = commands.flatMap((line) => /^npm (?:run (\S+)|(test))$/.exec(line)?.slice(1) ?? []).filter(Boolean)
    expect(called.filter((name) => manifest.scripts[name] === undefined)).toEqual([])
    const parts = [...(manifest.scripts['check'] ?? '').matchAll(/npm run (\S+)/g)].map(([, name]) => name)
    // The tests themselves are what `npm test` comes to.
    expect(parts.filter((name) => name !== 'test:run' && !called.includes(name ?? ''))).toEqual([])
    expect(called).toContain('test')
  })

  it('may read the repository and do nothing more, and uses no action that uploads', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    const used = new Set(steps.flatMap(({ uses }) => uses?.replace(/@.*/, '') ?? []))
    expect([...used].sort()).toEqual(['actions/checkout', 'actions/setup-node'])
    expect(read('.github/workflows/ci.yml')).not.toMatch(/secrets\.|npm publish|upload-artifact/)
  })
})
