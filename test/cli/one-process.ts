// Many command lines of the compiled package in one process, one after the other, each with streams and an environment of its own. To
// start Node and to load the program takes several times as long as a command does. What the process itself does, as its exit code
// and its signals, is seen with `runBuilt` only.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Built, StartOptions } from './built.js'
import type { Ran } from './run.js'

export interface OneProcess {
  /** Runs a command line to its end. Rejects where the process ends before. */
  run(argv: readonly string[], options: StartOptions & { readonly input?: string }): Promise<Ran>
  close(): Promise<void>
}

/** Starts the process, with these options of Node. */
export async function startOneProcess(built: Built, nodeOptions: readonly string[] = []): Promise<OneProcess> {
  const { PATH, HOME, TMPDIR } = process.env
  const program = join(built.folder, 'dist', 'cli', 'main.js')
  const child = fork(join(import.meta.dirname, 'one-process-child.js'), [program, built.command], {
    execArgv: [...nodeOptions],
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let written = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      written += text
    })
  }
  const ended = new Promise<never>((_, reject) => {
    child.once('close', (code) => reject(new Error(`the process ended with ${code}: ${written}`)))
  })
  ended.catch(() => {}) // Told to the command that is under way.
  await Promise.race([once(child, 'message'), ended])
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(argv, { root, env = {}, input = '' }) {
      const ran = last.then(() => Promise.race([ask(child, { argv, root, env, input }), ended]))
      last = ran.catch(() => {})
      return ran
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'close')
      child.kill()
      await gone
    },
  }
}

async function ask(child: ChildProcess, request: object): Promise<Ran> {
  const answer = once(child, 'message')
  child.send(request)
  const [ran] = await answer
  return ran as Ran
}
