// A console that reads a pipe: each statement in turn, its answer on stdout, an end at the first error.
import { createInterface } from 'node:readline'
import { Recoverable } from 'node:repl'
import { inspect } from 'node:util'
import { FeatureError } from '../../errors.js'
import type { Cli } from '../io.js'
import { note, print } from '../output.js'
import { Evaluator } from './evaluator.js'

/** Evaluates everything in stdin; the exit code becomes 1 at the first error. */
export async function runPiped(cli: Cli, globals: ReadonlyMap<string, unknown>): Promise<void> {
  const evaluator = new Evaluator(globals, (error) => fail(cli, describeError(error)))
  try {
    await evaluateLines(cli, evaluator)
  } finally {
    evaluator.close()
  }
}

interface Unfinished {
  readonly code: string
  /** Where it begins. */
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
      print(cli.io, inspect(await evaluator.evaluate(code), { depth: 4, colors: false }))
      unfinished = undefined
    } catch (error) {
      if (!(error instanceof Recoverable)) return fail(cli, `line ${begin}: ${describeError(error)}`)
      unfinished = { code, line: begin, error: error.err }
    }
  }
  if (unfinished !== undefined) fail(cli, `line ${unfinished.line}: ${describeError(unfinished.error)}`)
}

function fail(cli: Cli, message: string): void {
  note(cli.io, `error: ${message}`)
  cli.fail()
}

/** An error of ours says all in its message; of any other the kind matters too. */
function describeError(error: unknown): string {
  if (error instanceof FeatureError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error)
}
