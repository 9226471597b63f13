// The input and output of a command: the process in production, plain streams in tests.
import type { Readable } from 'node:stream'
import type { FeatureOptions } from '../../config/options.js'

export interface Input extends Readable {
  readonly isTTY?: boolean
}

export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Io {
  readonly stdin: Input
  /** Results only. */
  readonly stdout: Output
  /** Questions, notes, warnings and errors. */
  readonly stderr: Output
  readonly env: NodeJS.ProcessEnv
  /** Options that win over environment and configuration file. */
  readonly options: FeatureOptions
  /** Calls `then` at the first SIGINT or SIGTERM; returns a function that stops listening. */
  onInterrupt(then: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
}

/** The state that the commands share. */
export interface Cli {
  readonly io: Io
  /** The folder that holds the definitions. */
  root(): string
  /** The command did its work and the answer is "no": exit code 1 without an error. */
  fail(): void
}

/** The user pressed Ctrl-C, or another process asked this one to end. */
export class Interrupted extends Error {
  readonly exitCode: number

  constructor(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT') {
    super('interrupted')
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}

/** The streams and signals of this process. */
export function processIo(): Io {
  const { stdout, stderr, env } = process
  // The streams outlive what is made here, and each has the listener once.
  for (const stream of [stdout, stderr]) stream.off('error', passOverClosedPipe).on('error', passOverClosedPipe)
  return {
    // Node makes this stream when it is asked for, which takes a tenth of the time of `--help`.
    get stdin() {
      return process.stdin
    },
    stdout,
    stderr,
    env,
    options: {},
    onInterrupt,
  }
}

/** `list | head` closes the pipe early: the rest of the output has no reader, and the command still ends in order. */
function passOverClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

function onInterrupt(then: (signal: 'SIGINT' | 'SIGTERM') => void): () => void {
  const interrupt = () => then('SIGINT')
  const terminate = () => then('SIGTERM')
  // Once: if the first Ctrl-C takes too long, a second one ends the process at once.
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', terminate)
  return () => {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', terminate)
  }
}
