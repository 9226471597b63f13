// `usage` over a made project: without its cache, with it, and what merely reading and hashing the same files takes.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLineEntry } from '../support/build.js'
import { median } from '../support/figures.js'
import { timedRun } from '../support/timed-run.js'

const flagCount = 500
/** In GitLab's own sources it is one in twenty-five. */
const oneAsksIn = 5
const linesOfFile = 116

/** @type {import('../benchmarks.js').Benchmark['run']} */
export async function codeUsage({ quick, say }) {
  const fileCount = quick ? 1_000 : 5_000
  const project = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    const bytes = writeProject(project, fileCount)
    /** @type {{ node: number[], reading: number[], cold: number[], cached: number[] }} */
    const times = { node: [], reading: [], cold: [], cached: [] }
    const rounds = quick ? 2 : 3
    for (let round = 0; round < rounds; round++) {
      say(`usage: round ${round + 1} of ${rounds}`)
      times.node.push(timedRun(project, ['-e', '0']))
      times.reading.push(readAndHash(project))
      rmSync(join(project, '.feature'), { recursive: true, force: true })
      times.cold.push(timedRun(project, [commandLineEntry, 'usage']))
      times.cached.push(timedRun(project, [commandLineEntry, 'usage']))
    }
    const size = `${fileCount.toLocaleString('en')} files, ${(bytes / 1e6).toFixed(0)} MB`
    const [node, reading] = [median(times.node), median(times.reading)]
    const beside = `reading and hashing ${reading.toFixed(0)} ms, starting Node ${node.toFixed(0)} ms`
    /**
     * @param {string} what
     * @param {readonly number[]} values
     * @param {number} most
     */
    const goal = (what, values, most) => {
      const measured = median(values)
      const row = `bin/feature-flag usage, ${size}, ${what}`
      return { row, goal: `≤ ${most} ms`, measured: `${measured.toFixed(0)} ms (${beside})`, met: measured <= most }
    }
    const goals = [goal('without its cache', times.cold, 4_000), goal('with its cache', times.cached, 500)]
    return { goals, tables: [], figures: { milliseconds: times, bytes } }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/**
 * Milliseconds.
 * @param {string} project
 */
function readAndHash(project) {
  const before = performance.now()
  const source = join(project, 'src')
  for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ts'))
      createHash('sha256')
        .update(readFileSync(join(source, path)))
        .digest()
  }
  return performance.now() - before
}

/**
 * Every flag is asked, so that the command ends with 0. Gives the bytes of the sources.
 * @param {string} project
 * @param {number} fileCount
 */
function writeProject(project, fileCount) {
  const definitions = join(project, 'config', 'feature_flags', 'development')
  mkdirSync(definitions, { recursive: true })
  for (let flag = 0; flag < flagCount; flag++) {
    const text = `---\nname: bench_flag_${flag}\ngroup: group::bench\ntype: development\ndefault_enabled: false\n`
    writeFileSync(join(definitions, `bench_flag_${flag}.yml`), text)
  }
  let bytes = 0
  const asking = Math.ceil(fileCount / oneAsksIn)
  const perFile = Math.ceil(flagCount / asking)
  for (let file = 0; file < fileCount; file++) {
    const folder = join(project, 'src', `part_${file % 50}`)
    mkdirSync(folder, { recursive: true })
    const asks = file % oneAsksIn === 0
    const first = Math.floor(file / oneAsksIn) * perFile
    const flags = asks ? Array.from({ length: perFile }, (_, index) => (first + index) % flagCount) : []
    const text = source(file, flags)
    bytes += text.length
    writeFileSync(join(folder, `module_${file}.ts`), text)
  }
  return bytes
}

/**
 * @param {number} file
 * @param {readonly number[]} flags
 */
function source(file, flags) {
  const lines = [
    ...(flags.length > 0 ? ["import { Feature } from 'sluice'"] : []),
    "import type { Order, User } from '../models.js'",
    '',
  ]
  for (const flag of flags) {
    lines.push(
      `export function renderPart${flag}(user: User, order: Order): string {`,
      `  if (Feature.enabled('bench_flag_${flag}', user)) return renderNew(order)`,
      "  return ['<p>', order.total.toFixed(2), '</p>'].join('')",
      '}',
      '',
    )
  }
  for (let index = 0; lines.length < linesOfFile; index++) {
    lines.push(
      `export async function updateOrder${file}x${index}(order: Order, changes: Partial<Order>): Promise<Order> {`,
      '  const before = { ...order, total: order.total ?? 0, lines: order.lines.filter((line) => line.amount > 0) }',
      `  const next = { ...before, ...changes, version: order.version + ${index}, at: new Date().toISOString() }`,
      '  for (const [key, value] of Object.entries(changes)) {',
      '    if (value === undefined || (key in before && Reflect.get(before, key) === value)) continue',
      "    logger.info('order changed', { id: order.id, key, from: Reflect.get(before, key), to: value })",
      '  }',
      '  if (next.lines.length === 0) throw new ValidationError(order.id)',
      '  return repository.save(next)',
      '}',
      '',
    )
  }
  return `${lines.join('\n')}\n`
}
