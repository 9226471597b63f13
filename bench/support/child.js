// A child process that answers commands, one at a time.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./child-commands.js').Commands} Commands */

/**
 * What a command is given: an object, or nothing.
 * @template {(given: never) => unknown} F
 * @typedef {Parameters<F> extends [infer Given] ? [given: Given] : []} Given
 */

/** @typedef {{ done: (value: unknown) => void, fail: (error: Error) => void }} Asking */
/** @typedef {{ readonly id: number } & ({ readonly value: unknown } | { readonly error: string })} Answer */

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/**
 * The parent's side. `C`: the commands that the module answers.
 * @template {Commands} C
 */
export class Child {
  #child
  /** @type {Map<number, Asking>} */
  #asked = new Map()
  #count = 0

  /**
   * Starts a module.
   * @param {URL} module
   * @param {{ execArgv?: readonly string[] }} [options]
   */
  constructor(module, { execArgv = [] } = {}) {
    const path = fileURLToPath(module)
    // The parent's own flags for Node must not reach the child: they would change what is measured.
    this.#child = fork(path, {
      execArgv: [...execArgv],
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    alive.add(this.#child)
    this.#child.on('message', (message) => this.#hear(/** @type {Answer} */ (message)))
    this.#child.on('error', () => {}) // The caller of `ask` is told by 'exit'.
    this.#child.on('exit', (code, signal) => {
      alive.delete(this.#child)
      for (const { fail } of this.#asked.values()) fail(new Error(`${basename(path)} ended with ${code ?? signal}`))
      this.#asked.clear()
    })
  }

  /**
   * Sends a command and resolves with its answer.
   * @template {keyof C & string} K
   * @param {K} command
   * @param {Given<C[K]>} given
   * @returns {Promise<Awaited<ReturnType<C[K]>>>}
   */
  async ask(command, ...given) {
    const id = this.#count++
    const value = await new Promise((done, fail) => {
      this.#asked.set(id, { done, fail })
      this.#child.send({ id, command, ...(given[0] ?? {}) }, (error) => error && fail(error))
    })
    // The child's module names the function that made it.
    return /** @type {Awaited<ReturnType<C[K]>>} */ (value)
  }

  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    this.#child.send({ id: -1, command: 'end' }, () => {})
    await gone
    clearTimeout(patience)
  }

  /** @param {Answer} message */
  #hear(message) {
    const asked = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if ('error' in message) asked?.fail(new Error(message.error))
    else asked?.done(message.value)
  }
}
