// A console that reads a pipe: it evaluates one statement after the other, writes each answer to stdout, and ends at the first
// error.
import { createInterface } from 'node:readline'
import { Recoverable } from 'node:repl'
import type { Cli } from '../terminal/io.js'
import { noteLines, printLines } from '../terminal/output.js'
import { Evaluator } from './evaluator.js'
import { shownError, shownValue } from './shown.js'

/** Evaluates everything in stdin; the exit code becomes 1 at the first error. */
export async function runPiped(cli: Cli, globals: ReadonlyMap<string, unknown>): Promise<void> {
  const evaluator = new Evaluator(globals, (error) => fail(cli, shownError(error)))
  try {
    await evaluateLines(cli, evaluator)
  } finally {
    evaluator.close()
  }
}

interface Unfinished {
  readonly code: string
  /** The line on which it begins. */
  readonly line: number
  readonly error: Error
}

async function evaluateLines(cli: Cli, evaluator: Evaluator): Promise<void> {
  let unfinished: Unfinished | undefined
  let line = 0
  for await (const text of createInterface({ input: cli.io.stdin, terminal: false })) {
    line += 1
    if (unfinished === undefined && text.trim() === '') continue
    if (unfinished === undefined && text.trim() === '.exit') return
    const begin: number = unfinished?.line ?? line
    const code: string = `${unfinished?.code ?? ''}${text}\n`
    try {
      printLines(cli.io, shownValue(await evaluator.evaluate(code), false))
      unfinished = undefined
    } catch (error) {
      if (!(error instanceof Recoverable)) return fail(cli, `line ${begin}: ${shownError(error)}`)
      unfinished = { code, line: begin, error: error.err }
    }
  }
  if (unfinished !== undefined) fail(cli, `line ${unfinished.line}: ${shownError(unfinished.error)}`)
}

function fail(cli: Cli, message: string): void {
  const [first = '', ...more] = message.split('\n')
  noteLines(cli.io, `error: ${first}`, more)
  cli.fail()
}
