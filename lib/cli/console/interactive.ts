// A console on a terminal: Node's REPL with a history file.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { start } from 'node:repl'
import type { Config } from '../../config/config.js'
import { errorText, FeatureError } from '../../errors.js'
import type { Io } from '../terminal/io.js'
import { editableStream } from '../terminal/gate.js'
import { hasColours, note, rendered } from '../terminal/output.js'
import { awaitAnswers } from './evaluate.js'
import { shownValue } from './shown.js'

/** Runs until `.exit` or Ctrl-D. */
export async function runInteractive(io: Io, config: Config, globals: ReadonlyMap<string, unknown>): Promise<void> {
  const text = `${config.env}> `
  const prompt = rendered(io, io.stdout, config.env === 'production' ? [{ style: 'red', text }] : text)
  const colours = hasColours(io, io.stdout)
  const server = start({
    input: io.stdin,
    output: editableStream(io.stdout),
    prompt,
    useColors: colours,
    // The preview shows values while they are typed, without calling `writer`: stored text would reach the terminal as it is.
    preview: false,
    useGlobal: true,
    breakEvalOnSigint: true,
    writer: (value: unknown) => describe(value, colours),
  })
  awaitAnswers(server)
  Object.assign(server.context, Object.fromEntries(globals))
  const ended = new Promise<void>((resolve) => server.once('exit', resolve))
  const historyFault = await setUpHistory(config.root, (path, done) => server.setupHistory(path, done))
  if (historyFault !== null) note(io, `note: this console keeps no history: ${historyFault}`)
  await ended
}

/** An error of this package says everything in its message; the place where it was thrown does not help at a console. */
function describe(value: unknown, colours: boolean): string {
  if (value instanceof FeatureError) return `${value.name} (${value.code}): ${value.message}`
  return shownValue(value, colours)
}

/** The reason why the history cannot be kept, if any. Node makes the file readable by its user only (0600). */
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
