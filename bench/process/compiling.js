// What the file of declared flags costs the compiler of an application, from the start of the process to its end.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkout, commandLineEntry } from '../support/build.js'
import { median } from '../support/figures.js'
import { table } from '../support/table.js'
import { timedRun } from '../support/timed-run.js'

const flagCount = 1_000
const callCount = 2_000
const goals = [
  { name: '7', most: 1.5, folder: typescript7 },
  { name: '5.9', most: 1.7, folder: typescript59 },
]

/**
 * 2,000 calls of 1,000 flags, compiled with the file that `types` writes and without it, in turn.
 * @type {import('../benchmarks.js').Benchmark['run']}
 */
export async function compiling({ quick, say }) {
  const project = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    define(project)
    const rounds = quick ? 3 : 7
    const measured = goals.map(({ name, most, folder }) => {
      /** @type {{ with: number[], without: number[] }} */
      const times = { with: [], without: [] }
      for (let round = 0; round < rounds; round++) {
        say(`types: TypeScript ${name}, round ${round + 1} of ${rounds}`)
        times.without.push(compile(project, folder(), 'tsconfig.without.json'))
        times.with.push(compile(project, folder(), 'tsconfig.with.json'))
      }
      const [withFile, without] = [median(times.with), median(times.without)]
      return { name, most, times, withFile, without, ratio: withFile / without }
    })
    const rows = measured.map(({ name, withFile, without, ratio }) => {
      return [`TypeScript ${name}`, `${without.toFixed(0)} ms`, `${withFile.toFixed(0)} ms`, ratio.toFixed(2)]
    })
    const title = `tsc over ${flagCount.toLocaleString('en')} flags and ${callCount.toLocaleString('en')} calls`
    return {
      goals: measured.map(({ name, most, ratio }) => ({
        row: `${title}, TypeScript ${name}`,
        goal: `≤ ${most} × without the file`,
        measured: `${ratio.toFixed(2)} ×`,
        met: ratio <= most,
      })),
      tables: [{ title, text: table(['compiler', 'without the file', 'with it', 'ratio'], rows) }],
      figures: Object.fromEntries(measured.map(({ name, times }) => [name, times])),
    }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/**
 * Milliseconds.
 * @param {string} project
 * @param {string} compiler
 * @param {string} config
 */
function compile(project, compiler, config) {
  return timedRun(project, [join(compiler, 'bin', 'tsc'), '-p', config])
}

function typescript7() {
  return join(checkout, 'node_modules', 'typescript')
}

/** The one that API Extractor brings along. */
function typescript59() {
  const require = createRequire(createRequire(import.meta.url).resolve('@microsoft/api-extractor'))
  return dirname(require.resolve('typescript/package.json'))
}

/** Flags of three types, a third of each for any actor, for users and for projects or groups. */
const types = ['development', 'ops', 'beta']
const kinds = ['', 'actor: user\n', 'actor: [project, group]\n']

/** @param {string} project */
function define(project) {
  for (const type of types) mkdirSync(join(project, 'config', 'feature_flags', type), { recursive: true })
  for (let index = 0; index < flagCount; index++) {
    const type = types[index % types.length]
    const text = `name: ${nameOf(index)}
description: A flag that only exists to be compiled.
group: group::bench
type: ${type}
default_enabled: false
${kinds[(index % 7) % kinds.length]}`
    writeFileSync(join(project, 'config', 'feature_flags', type, `${nameOf(index)}.yml`), text)
  }
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(checkout, join(project, 'node_modules', 'sluice'))
  const options = { target: 'es2023', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [] }
  const config = (/** @type {readonly string[]} */ include) => JSON.stringify({ compilerOptions: options, include })
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(project, 'tsconfig.without.json'), config(['src']))
  writeFileSync(join(project, 'tsconfig.with.json'), config(['src', 'feature-flags.d.ts']))
  timedRun(project, [commandLineEntry, 'types', '--out', 'feature-flags.d.ts'])
  mkdirSync(join(project, 'src'))
  const perFile = 100
  for (let first = 0; first < callCount; first += perFile) {
    const calls = Array.from({ length: perFile }, (_, index) => callOf(first + index))
    writeFileSync(join(project, 'src', `calls-${first}.ts`), `${head}${calls.join('\n')}\n`)
  }
}

const head = `import { Feature, FeatureGate } from 'sluice'
class User extends FeatureGate('User') {}
class Project extends FeatureGate('Project') {}
const [user, project] = [new User(1), new Project(1)]
export let on = 0
`

/** @param {number} call */
function callOf(call) {
  const index = call % flagCount
  const type = types[index % types.length]
  const actor = (index % 7) % kinds.length === 2 ? 'project' : 'user'
  const options = type === 'development' ? '' : `, { type: '${type}' }`
  return `if (Feature.enabled('${nameOf(index)}'${call % 2 === 0 ? `, ${actor}` : ''}${options})) on++`
}

/** @param {number} index */
function nameOf(index) {
  return `bench_flag_${index}`
}
