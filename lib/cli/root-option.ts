// `--root`: the folder that a command works on. It is an option of the program, and may stand before the command or after it.
import { type Command, Option } from 'commander'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { quoted } from '../text/printable.js'

const flags = '--root <folder>'

/**
 * Adds the option to the program and, unseen, to all its commands; of several the last one counts. Gives the function that says which
 * folder it is. A command does not run (ConfigurationError) if there is no such folder.
 */
export function addRoot(program: Command, otherwise: string | undefined): () => string {
  program.addOption(
    new Option(flags, 'the folder that holds the definitions, before or after the command (default: this one)'),
  )
  for (const command of commandsOf(program)) command.addOption(new Option(flags).hideHelp())
  let folder = resolve(otherwise ?? '.')
  program.hook('preAction', (_, running) => {
    const given = nearestRoot(running)
    if (given !== undefined) folder = existing(given)
  })
  return () => folder
}

function commandsOf(program: Command): readonly Command[] {
  return program.commands.flatMap((command) => [command, ...commandsOf(command)])
}

function nearestRoot(command: Command): string | undefined {
  const own: unknown = command.opts()['root']
  if (typeof own === 'string') return own
  return command.parent === null ? undefined : nearestRoot(command.parent)
}

/** Without this, a slip would look like a project without flags, or begin a new one. */
function existing(given: string): string {
  const folder = resolve(given)
  if (given !== '' && statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw new ConfigurationError({ problem: `--root: there is no folder ${quoted(given)}`, remedy: 'check the path' })
}

/** The words from the command on: the program's own option may come first. */
export function withoutRoot(argv: readonly string[]): readonly string[] {
  const [first = ''] = argv
  if (first === '--root') return withoutRoot(argv.slice(2))
  return first.startsWith('--root=') ? withoutRoot(argv.slice(1)) : argv
}
