// A console that reads a pipe: each statement in turn, its answer on stdout, an end at the first error.
import { createInterface } from 'node:readline'
import { Recoverable, start } from 'node:repl'
import { PassThrough, Writable } from 'node:stream'
import { inspect } from 'node:util'
import { FeatureError } from '../../errors.js'
import type { Cli, Io } from '../io.js'
import { note, print } from '../output.js'
import { awaitAnswers, evaluate } from './evaluate.js'

/** Evaluates everything in stdin; the exit code becomes 1 at the first error. */
export async function runPiped(cli: Cli, globals: ReadonlyMap<string, unknown>): Promise<void> {
  const { io } = cli
  const server = start({
    input: new PassThrough(),
    output: errorSink(cli),
    prompt: '',
    terminal: false,
    // With globals of its own, arrays and objects typed here would be of other classes than those of the library.
    useGlobal: true,
  })
  awaitAnswers(server)
  Object.assign(server.context, Object.fromEntries(globals))
  try {
    await evaluateLines(cli, io, (code) => evaluate(server, code))
  } finally {
    server.close()
    for (const name of globals.keys()) Reflect.deleteProperty(server.context, name)
  }
}

interface Unfinished {
  readonly code: string
  /** Where it begins. */
  readonly line: number
  readonly error: unknown
}

async function evaluateLines(cli: Cli, io: Io, run: (code: string) => Promise<unknown>): Promise<void> {
  let unfinished: Unfinished | undefined
  let line = 0
  for await (const text of createInterface({ input: io.stdin, terminal: false })) {
    line += 1
    if (unfinished === undefined && text.trim() === '') continue
    if (unfinished === undefined && text.trim() === '.exit') return
    const code: string = `${unfinished?.code ?? ''}${text}\n`
    try {
      print(io, inspect(await run(code), { depth: 4, colors: false }))
      unfinished = undefined
    } catch (error) {
      if (!(error instanceof Recoverable)) return fail(cli, error, unfinished?.line ?? line)
      unfinished = { code, line: unfinished?.line ?? line, error: error.err }
    }
  }
  if (unfinished !== undefined) fail(cli, unfinished.error, unfinished.line)
}

function fail(cli: Cli, error: unknown, line: number): void {
  note(cli.io, `error: line ${line}: ${describeError(error)}`)
  cli.fail()
}

function describeError(error: unknown): string {
  if (error instanceof FeatureError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error)
}

/** What the REPL itself prints can only be an error that nobody awaited. */
function errorSink(cli: Cli): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: unknown, _, done) {
      const text = String(chunk).trim()
      if (text !== '') {
        note(cli.io, `error: ${text}`)
        cli.fail()
      }
      done()
    },
  })
}
