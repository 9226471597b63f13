// Several processes that share a database, and a Redis where there is one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.js'

/** A project that defines the flags, in a folder of its own. Ends with `close()`. */
export function createProject(names) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const folder = join(root, 'config', 'feature_flags', 'development')
  mkdirSync(folder, { recursive: true })
  for (const name of names) {
    const text = `---\nname: ${name}\nmilestone: '1.0'\ngroup: group::bench\ntype: development\ndefault_enabled: false\n`
    writeFileSync(join(folder, `${name}.yml`), text)
  }
  return { root, close: () => rmSync(root, { recursive: true, force: true }) }
}

export class Fleet {
  members

  /** Starts the processes; their replicas start with `start`. */
  constructor(size, module = './fleet-member.js', execArgv = []) {
    this.members = Array.from({ length: size }, () => new Child(module, { execArgv: ['--expose-gc', ...execArgv] }))
  }

  /** Resolves when every process can be asked: it has loaded the library. */
  async up() {
    await this.ask('look')
  }

  /** Starts replicas in all processes at once; `comparing`: as they are, or without. Resolves with what each replica said. */
  async start(options, copies = 1, comparing = true) {
    return (await this.ask('start', { options, copies, comparing })).flat()
  }

  ask(command, given) {
    return Promise.all(this.members.map((member) => member.ask(command, given)))
  }

  /** For each flag, when each replica saw it change. */
  async seen() {
    const all = new Map()
    for (const [name, times] of (await this.ask('seen')).flat()) all.set(name, [...(all.get(name) ?? []), ...times])
    return all
  }

  async end() {
    await Promise.all(this.members.map((member) => member.end()))
  }
}

/** Waits until it holds, at most that long; false where it never did. */
export async function waitUntil(holds, forMs) {
  const until = performance.now() + forMs
  while (!(await holds())) {
    if (performance.now() > until) return false
    await pause(20)
  }
  return true
}

export function pause(ms) {
  return new Promise((resume) => setTimeout(resume, ms))
}

/** The value below which that share of the values lie. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
