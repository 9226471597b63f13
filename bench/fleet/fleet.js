// Several processes that share a database, and a Redis where there is one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '../support/child.js'

/** @typedef {import('../../lib/index.js').FeatureOptions} FeatureOptions */
/** @typedef {import('../support/child.js').Commands & { look: () => unknown }} FleetCommands */

/**
 * A project that defines the flags, in a folder of its own. Ends with `close()`.
 * @param {readonly string[]} names
 */
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

/**
 * Processes of one module. `C`: the commands that it answers.
 * @template {FleetCommands} C
 */
export class Fleet {
  /** @type {readonly Child<C>[]} */
  members

  /**
   * Starts the processes; their replicas start with `start`.
   * @param {number} size
   * @param {URL} module
   * @param {readonly string[]} execArgv
   */
  constructor(size, module, execArgv = []) {
    this.members = Array.from({ length: size }, () => new Child(module, { execArgv: ['--expose-gc', ...execArgv] }))
  }

  /** Resolves when every process can be asked: it has loaded the library. */
  async up() {
    await Promise.all(this.members.map((member) => /** @type {Child<FleetCommands>} */ (member).ask('look')))
  }

  /**
   * @template {keyof C & string} K
   * @param {K} command
   * @param {import('../support/child.js').Given<C[K]>} given
   */
  ask(command, ...given) {
    return Promise.all(this.members.map((member) => member.ask(command, ...given)))
  }

  async end() {
    await Promise.all(this.members.map((member) => member.end()))
  }
}

/**
 * Processes of replicas that answer.
 * @extends {Fleet<typeof import('./fleet-member.js').commands>}
 */
export class ReplicaFleet extends Fleet {
  /** @param {number} size */
  constructor(size) {
    super(size, new URL('fleet-member.js', import.meta.url))
  }

  /**
   * Starts replicas in all processes at once; `comparing`: as they are, or without. Resolves with what each replica said.
   * @param {FeatureOptions} options
   */
  async start(options, copies = 1, comparing = true) {
    return (await this.ask('start', { options, copies, comparing })).flat()
  }

  /** For each flag, when each replica saw it change. */
  async seen() {
    /** @type {Map<string, number[]>} */
    const all = new Map()
    for (const [name, times] of (await this.ask('seen')).flat()) all.set(name, [...(all.get(name) ?? []), ...times])
    return all
  }
}

/**
 * Waits until it holds, at most that long; false where it never did.
 * @param {() => boolean | Promise<boolean>} holds
 * @param {number} forMs
 */
export async function waitUntil(holds, forMs) {
  const until = performance.now() + forMs
  while (!(await holds())) {
    if (performance.now() > until) return false
    await pause(20)
  }
  return true
}

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
export function pause(ms) {
  return new Promise((resume) => setTimeout(resume, ms))
}
