// A terminal into which a reader pastes lines: one shell, one line after the other, as they stand on the page.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface Pasted {
  readonly code: number
  readonly stdout: string
  /** With stderr. */
  readonly shown: string
}

/** Guards against a line that waits for an answer, which would swallow the rest of the paste. */
const patienceMs = 120_000

export class Terminal {
  readonly folder: string
  readonly #shell: ChildProcessWithoutNullStreams
  readonly #ended: Promise<void>
  #stdout = ''
  #shown = ''
  #told = () => {}

  /** Opens a shell in a folder. What it started ends with the test. */
  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder
    // A group of its own: Ctrl-C reaches all that runs in a terminal.
    this.#shell = spawn('sh', [], { cwd: folder, env, detached: true })
    this.#shell.stdin.on('error', () => {}) // The shell has ended: what waits for its output says so.
    const hear = (text: string) => {
      this.#shown += text
      this.#told()
    }
    this.#shell.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      hear(text)
    })
    this.#shell.stderr.setEncoding('utf8').on('data', hear)
    this.#ended = new Promise((resolve) => this.#shell.once('close', () => resolve()))
    onTestFinished(() => this.#signal('SIGKILL'))
  }

  /** Runs a line to its end. Throws where it does not end. */
  async paste(line: string): Promise<Pasted> {
    this.#stdout = ''
    this.#shown = ''
    const end = /@@(\d+)@@\n/
    this.#shell.stdin.write(`${line}\necho "@@$?@@"\n`)
    await this.#until(() => end.test(this.#stdout), line)
    const code = Number(end.exec(this.#stdout)?.[1])
    return { code, stdout: this.#stdout.replace(end, ''), shown: this.#shown.replace(end, '') }
  }

  /** Starts a line that goes on, and waits until it has shown a text. */
  async start(line: string, text: string): Promise<string> {
    this.#stdout = ''
    this.#shown = ''
    this.#shell.stdin.write(`${line}\n`)
    await this.shows(text)
    return this.#stdout
  }

  /** Gives text to the line that was started. */
  type(text: string): void {
    this.#shell.stdin.write(text)
  }

  /** Waits until the line that was started has shown a text. */
  async shows(text: string): Promise<void> {
    await this.#until(() => this.#shown.includes(text), text)
  }

  /** Ends the terminal as Ctrl-C and closing its window do. */
  async close(): Promise<void> {
    this.#signal('SIGINT')
    this.#shell.stdin.end()
    await this.#ended
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    const late = new Error(`"${what}" was waited for, and this was shown:\n`)
    await new Promise<void>((resolve, reject) => {
      const fail = () => {
        late.message += this.#shown
        reject(late)
      }
      const timer = setTimeout(fail, patienceMs)
      const check = () => {
        if (!done()) return
        clearTimeout(timer)
        this.#told = () => {}
        resolve()
      }
      void this.#ended.then(() => setImmediate(fail))
      this.#told = check
      check()
    })
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#shell
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // All of the group has ended.
    }
  }
}

/** The environment of a reader: only what a terminal has, and an `npm install` that needs no network. */
export function readersEnvironment(folder: string): NodeJS.ProcessEnv {
  const { PATH = '', HOME, TMPDIR } = process.env
  const npm = PATH.split(delimiter)
    .map((place) => join(place, 'npm'))
    .find((path) => existsSync(path))
  const programs = join(folder, 'programs')
  mkdirSync(programs, { recursive: true })
  const offline = join(import.meta.dirname, 'offline-npm.js')
  const script = `#!/bin/sh
if [ "$1" = install ]; then
  shift
  exec "${process.execPath}" "${offline}" "$@"
fi
exec "${npm}" "$@"
`
  writeFileSync(join(programs, 'npm'), script)
  chmodSync(join(programs, 'npm'), 0o755)
  return { PATH: `${programs}${delimiter}${PATH}`, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) }
}
