// A child process that answers commands, one at a time.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const alive = new Set()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export class Child {
  #child
  #asked = new Map()
  #count = 0
  #onEvent

  /** Starts a module of this folder. `onEvent` hears what the child tells without being asked. */
  constructor(module, { execArgv = [], env = {}, onEvent = () => {} } = {}) {
    const path = fileURLToPath(new URL(module, import.meta.url))
    // The parent's own flags for Node must not reach the child: they would change what is measured.
    this.#child = fork(path, {
      execArgv,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#onEvent = onEvent
    alive.add(this.#child)
    this.#child.on('message', (message) => this.#hear(message))
    this.#child.on('error', () => {}) // Whoever asked is told by 'exit'.
    this.#child.on('exit', (code, signal) => {
      alive.delete(this.#child)
      for (const { fail } of this.#asked.values()) fail(new Error(`${module} ended with ${code ?? signal}`))
      this.#asked.clear()
    })
  }

  get pid() {
    return this.#child.pid
  }

  /** Sends a command and resolves with its answer. */
  ask(command, given = {}) {
    const id = this.#count++
    return new Promise((done, fail) => {
      this.#asked.set(id, { done, fail })
      this.#child.send({ id, command, ...given }, (error) => error && fail(error))
    })
  }

  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    this.#child.send({ id: -1, command: 'end' }, () => {})
    await gone
    clearTimeout(patience)
  }

  #hear(message) {
    if (message.id === undefined) return this.#onEvent(message)
    const asked = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if ('error' in message) asked?.fail(new Error(message.error))
    else asked?.done(message.value)
  }
}
