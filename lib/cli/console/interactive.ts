// A console at a terminal: Node's REPL with a history file.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { start } from 'node:repl'
import { inspect } from 'node:util'
import type { Config } from '../../config.js'
import { errorText, FeatureError } from '../../errors.js'
import type { Io } from '../io.js'
import { coloursFor, note } from '../output.js'
import { awaitAnswers } from './evaluate.js'

/** Talks until `.exit` or Ctrl-D. */
export async function runInteractive(io: Io, config: Config, globals: ReadonlyMap<string, unknown>): Promise<void> {
  const colours = await coloursFor(io, io.stdout)
  const prompt = config.env === 'production' ? colours.red(`${config.env}> `) : `${config.env}> `
  const colors = colours.isColorSupported
  const server = start({
    input: io.stdin,
    output: io.stdout,
    prompt,
    useColors: colors,
    useGlobal: true,
    breakEvalOnSigint: true,
    writer: (value: unknown) => describe(value, colors),
  })
  awaitAnswers(server)
  Object.assign(server.context, Object.fromEntries(globals))
  const ended = new Promise<void>((resolve) => server.once('exit', resolve))
  const historyFault = await setUpHistory(config.root, (path, done) => server.setupHistory(path, done))
  if (historyFault !== null) note(io, `note: this console keeps no history: ${historyFault}`)
  await ended
}

/** An error of ours says all in its message; where it was thrown helps nobody at a console. */
function describe(value: unknown, colors: boolean): string {
  if (value instanceof FeatureError) return `${value.name} (${value.code}): ${value.message}`
  return inspect(value, { depth: 4, colors })
}

/** What keeps the history from being kept, if anything. Node makes the file for its user alone (0600). */
async function setUpHistory(
  root: string,
  setUp: (path: string, done: (error: Error | null) => void) => void,
): Promise<string | null> {
  const folder = join(root, '.feature')
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await new Promise<void>((resolve, reject) => {
      setUp(join(folder, 'console_history'), (error) => (error ? reject(error) : resolve()))
    })
    return null
  } catch (error) {
    return errorText(error)
  }
}
