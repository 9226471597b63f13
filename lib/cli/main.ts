// The command line's edge: builds the program, runs one command, and turns errors into messages and exit codes. 0 done, 1
// failed, 2 wrong usage; 130 and 143 for SIGINT and SIGTERM. Commands import modules only when they run.
import { Command, CommanderError, Help } from 'commander'
import { setFlagsFromString } from 'node:v8'
import { errorText, FeatureError } from '../errors.js'
import { parseLogLevel } from '../log.js'
import { gatedIo } from './terminal/gate.js'
import { type Cli, Interrupted, type Io, type Output, processIo } from './terminal/io.js'
import { hasColours, noteLines } from './terminal/output.js'
import { wrap } from './terminal/table.js'
import { addCommands, termOf } from './command-list.js'
import { addRoot, withoutRoot } from './root-option.js'
import { oneLine } from '../text/printable.js'
import { ownVersion } from '../text/own-version.js'
import { programName } from '../text/program-name.js'
import { isUsageCode, UsageError } from './usage-error.js'

/** Runs one command line (without `node` and the script's path) and resolves to its exit code. Never throws. */
export async function main(argv: readonly string[], streams: Io): Promise<number> {
  const io = gatedIo(streams)
  let failed = false
  const program = makeProgram(io)
  let root = (): string => ''
  const cli: Cli = {
    io,
    root: () => root(),
    fail: () => {
      failed = true
    },
  }
  try {
    await addCommands(program, cli, argv)
    nameOwnHelp(program, programName())
    root = addRoot(program, io.options.root)
    if (argv.length === 0) {
      program.outputHelp({ error: true })
      return 2
    }
    await refuseMistypedCommand(program, argv)
    await program.parseAsync(argv, { from: 'user' })
    return failed ? 1 : 0
  } catch (error) {
    return report(error, io)
  }
}

/**
 * Throws UsageError if the first word was probably meant in another way. What tells that is loaded only where it may be so: not without a
 * first word, as in `--help`, and not for a command without options.
 */
async function refuseMistypedCommand(program: Command, argv: readonly string[]): Promise<void> {
  const [first, ...rest] = withoutRoot(argv)
  if (first === undefined || first.startsWith('-')) return
  const isCommand = program.commands.some((command) => command.name() === first)
  if (isCommand && !rest.some((word) => word.startsWith('-'))) return
  const { refuseMistyped } = await import('./command-typos.js')
  refuseMistyped(program, first, rest)
}

/** Runs this process's command line. Sets the exit code; the process ends when no work is left. */
export async function runProcess(): Promise<void> {
  const argv = process.argv.slice(2)
  compileLess(endsSoon(argv))
  const code = await main(argv, processIo())
  process.exitCode = code
  // An interrupt must end the process, even if the input is still open.
  if (code === 130 || code === 143) process.exit()
}

/** `serve` runs for months, and everything else for seconds or as long as a person types. */
function endsSoon(argv: readonly string[]): boolean {
  return withoutRoot(argv)[0] !== 'serve'
}

/**
 * V8 compiles WebAssembly (the embedded Postgres) twice: at once, and again to faster code what runs often. That second time takes
 * longer than all that a short command does, and is in vain: without it a command takes half of the processor's time. A server is to
 * become fast, but not before it has started: what counts as often is so much that a start has none of it, and that some thousand
 * queries have. The flags are known to be some in V8 11 to 14 (Node 20 to 25); a version without them would print an error.
 */
function compileLess(onlyOnce: boolean): void {
  const v8 = Number.parseInt(process.versions.v8, 10)
  if (v8 >= 11 && v8 <= 14) setFlagsFromString(onlyOnce ? '--liftoff-only' : '--wasm-tiering-budget=1000000000')
}

/** As help is written; the executable of a package in `node_modules/.bin` is called so everywhere. */
const inCheckout = /(?<!node_modules\/\.)bin\/feature-flag/g

function makeProgram(io: Io): Command {
  const name = programName()
  const helpFor = (stream: Output, text: string) => paragraphs(text.replace(inCheckout, name), helpWidth(stream))
  const program = new Command(name)
  return (
    program
      .description('Feature flags: define them, change them, look at them.')
      .usage('COMMAND [options]\n       bin/feature-flag NAME [options]   (short for create NAME)')
      .version(ownVersion(), '-V, --version', 'show the version')
      .helpOption('-h, --help', 'show this help')
      .helpCommand('help [command]', 'show the help of a command')
      .enablePositionalOptions()
      .exitOverride()
      // At 80 columns the descriptions beside the longest commands have 33: they are to break too, and commander leaves less than 40 whole.
      .configureHelp({ sortSubcommands: false, subcommandTerm, minWidthToWrap: 30 })
      .configureOutput({
        writeOut: (text) => io.stdout.write(helpFor(io.stdout, text)),
        writeErr: (text) => io.stderr.write(helpFor(io.stderr, text)),
        // On one line: it quotes the typed text, which a script may have from another source.
        outputError: (text) => io.stderr.write(`${oneLine(text.trimEnd())}\n`),
        getOutHelpWidth: () => helpWidth(io.stdout),
        getErrHelpWidth: () => helpWidth(io.stderr),
        getOutHasColors: () => hasColours(io, io.stdout),
        getErrHasColors: () => hasColours(io, io.stderr),
      })
      .addHelpText(
        'after',
        `
Examples:
  bin/feature-flag dark_mode -g group::frontend      define a flag
  bin/feature-flag set dark_mode true --project 42   turn it on for one project
  bin/feature-flag set dark_mode 25 --actors         turn it on for 25 % of actors
  bin/feature-flag get dark_mode                     what is stored, and what it means`,
      )
  )
}

/** After an error each command names its own help: that of the program does not have its options. */
function nameOwnHelp(command: Command, words: string): void {
  command.showHelpAfterError(`See ${words} --help.`)
  for (const one of command.commands) nameOwnHelp(one, `${words} ${one.name()}`)
}

/** A command of the program is listed without being loaded; one of a command is loaded with it. */
function subcommandTerm(command: Command): string {
  const listed = command.parent?.parent === null ? termOf(command.name()) : undefined
  return listed ?? new Help().subcommandTerm(command)
}

/** Help is text of this package, written as in a checkout. Its sentences break between words, as its lists do; examples stay whole. */
function paragraphs(help: string, width: number): string {
  // Lines follow each other in a paragraph where neither is indented, as lists and examples are.
  const joined = help.replace(/(?<=^[^\s].*)\n(?=[^\s])/gm, ' ')
  return joined
    .split('\n')
    .flatMap((line) => (line.startsWith(' ') ? line : wrap(line, width)))
    .join('\n')
}

function helpWidth({ columns }: Output): number {
  return columns ?? 100
}

function report(error: unknown, io: Io): number {
  // Commander has printed the error; it exits with 0 only after showing help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Interrupted) return error.exitCode
  const [first = '', ...more] = messageOf(error).split('\n')
  noteLines(io, [{ style: 'red', text: 'error' }, `: ${first}`], more)
  if (error instanceof UsageError) return 2
  if (error instanceof FeatureError) return isUsageCode(error.code) ? 2 : 1
  const showsStack = parseLogLevel(io.env['FEATURE_LOG_LEVEL'] ?? '') === 'debug'
  if (showsStack && error instanceof Error) noteLines(io, 'stack:', stackOf(error))
  return 1
}

/** Only messages of this package have several lines, such as one for each broken definition. */
function messageOf(error: unknown): string {
  return error instanceof FeatureError ? error.message : errorText(error)
}

function stackOf(error: Error): readonly string[] {
  return (error.stack ?? '').split('\n').map((line) => line.trim())
}
