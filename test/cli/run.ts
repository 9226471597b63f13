// Runs command lines in this process, with streams of the test's own.
import { PassThrough, Readable } from 'node:stream'
import type { Io } from '../../lib/cli/terminal/io.js'
import { main } from '../../lib/cli/main.js'
import type { FeatureOptions } from '../../lib/config/options.js'
import { silentLogger } from '../../lib/log.js'

export { makeRoot } from '../support/project.js'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly root: string
  /** What comes through the pipe. */
  readonly input?: string
  /** The program at the other end of the pipe keeps it open. */
  readonly staysOpen?: boolean
  readonly options?: FeatureOptions
  readonly env?: NodeJS.ProcessEnv
  /** Answers to type when this text appears on a terminal; without it there is no terminal. */
  readonly typed?: readonly (readonly [shown: string, keys: string])[]
  /** How wide the terminal is; 100 without it. */
  readonly columns?: number
}

/** Runs one command line and gives what it wrote. */
export async function run(argv: readonly string[], options: RunOptions): Promise<Ran> {
  const terminal = options.typed !== undefined
  const stdin = terminal || options.staysOpen ? new PassThrough() : Readable.from(inputOf(options))
  if (options.staysOpen) for (const chunk of inputOf(options)) stdin.push(chunk)
  const stdout = collect(terminal, options.columns)
  const stderr = collect(terminal, options.columns)
  if (options.typed) typeWhen(stderr.stream, options.typed, (keys) => stdin.push(keys))
  const io: Io = {
    stdin: Object.assign(stdin, { isTTY: terminal }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: options.env ?? {},
    options: { root: options.root, env: 'test', logger: silentLogger, ...options.options },
    onInterrupt: () => () => {},
  }
  const code = await main(argv, io)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function inputOf({ input }: RunOptions): Buffer[] {
  return input === undefined ? [] : [Buffer.from(input)]
}

function collect(isTTY: boolean, columns = 100) {
  const chunks: string[] = []
  const stream = new PassThrough({ encoding: 'utf8' })
  stream.on('data', (chunk: string) => chunks.push(chunk))
  return { stream: Object.assign(stream, { isTTY, columns }), text: () => chunks.join('') }
}

function typeWhen(
  stream: PassThrough,
  typed: readonly (readonly [shown: string, keys: string])[],
  type: (keys: string) => void,
): void {
  const waiting = [...typed]
  let seen = ''
  stream.on('data', (chunk: string) => {
    seen += chunk
    const [next] = waiting
    if (next === undefined || !seen.includes(next[0])) return
    waiting.shift()
    seen = ''
    // After the question has been asked for good: the reader listens by then.
    setImmediate(() => type(next[1]))
  })
}

/** The text of a definition that is valid in every respect. */
export function definition(name: string, type = 'development', defaultEnabled = false): string {
  return [
    `name: ${name}`,
    `description: What ${name} does.`,
    `milestone: '1.0'`,
    'group: group::test',
    `type: ${type}`,
    `default_enabled: ${defaultEnabled}`,
    '',
  ].join('\n')
}

/** A project with three flags: off, on by default, and one for operations. */
export const sampleFiles: Readonly<Record<string, string>> = {
  'config/feature_flags/development/dark_mode.yml': definition('dark_mode'),
  'config/feature_flags/beta/new_layout.yml': definition('new_layout', 'beta', true),
  'config/feature_flags/ops/canary.yml': definition('canary', 'ops'),
}
