// All commands, as the help of the program lists them. Only the one that runs is loaded: importing all of them would take longer than
// most of them run. test/cli/usage.test.ts holds this list equal to what the commands say of themselves.
import type { Command } from 'commander'
import type { Cli } from './terminal/io.js'
import { withoutRoot } from './root-option.js'

/** Adds a command to the program. */
export type AddCommand = (program: Command, cli: Cli) => void

export interface ListedCommand {
  readonly name: string
  /** Name, options and arguments, as the list shows them. */
  readonly term: string
  readonly description: string
  readonly load: () => Promise<AddCommand>
}

/** The command for a first word that is not one: it defines a flag of that name. */
const otherwise = 'create'

/** In the order in which the help shows them. */
export const commandList: readonly ListedCommand[] = [
  {
    name: 'create',
    term: 'create [options] <name>',
    description: 'define a new flag: asks what it needs to know and writes the file',
    load: async () => (await import('./commands/create.js')).addCreate,
  },
  {
    name: 'validate',
    term: 'validate [options] [files...]',
    description: 'check all definition files, or the ones given',
    load: async () => (await import('./commands/validate.js')).addValidate,
  },
  {
    name: 'usage',
    term: 'usage [options] [name] [paths...]',
    description: 'check how the code asks its flags, or show where one is named',
    load: async () => (await import('./commands/usage.js')).addUsage,
  },
  {
    name: 'types',
    term: 'types [options]',
    description: 'write the types of all flags, so that the compiler knows names, types and actors',
    load: async () => (await import('./commands/types.js')).addTypes,
  },
  {
    name: 'review',
    term: 'review [options]',
    description: 'show what a change does to flags, and what is wrong with it',
    load: async () => (await import('./commands/review.js')).addReview,
  },
  {
    name: 'list',
    term: 'list [options]',
    description: 'show all flags, defined or stored',
    load: async () => (await import('./commands/list.js')).addList,
  },
  {
    name: 'get',
    term: 'get [options] <name>',
    description: 'show one flag: state, gates, definition, and what they mean',
    load: async () => (await import('./commands/get.js')).addGet,
  },
  {
    name: 'explain',
    term: 'explain [options] [words...]',
    description: 'say why a flag is on or off for an actor',
    load: async () => (await import('./commands/explain.js')).addExplain,
  },
  {
    name: 'set',
    term: 'set [options] <name> [value]',
    description: 'turn a flag on or off, for everybody, for some, or for a share',
    load: async () => (await import('./commands/change/set.js')).addSet,
  },
  {
    name: 'delete',
    term: 'delete [options] <name>',
    description: 'delete what is stored of a flag, so that its default counts again',
    load: async () => (await import('./commands/change/delete.js')).addDelete,
  },
  {
    name: 'undo',
    term: 'undo [options] [change]',
    description: 'undo one change, your own newest one if none is named',
    load: async () => (await import('./commands/change/undo.js')).addUndo,
  },
  {
    name: 'restore',
    term: 'restore [options] <name>',
    description: 'bring a flag back to exactly what it was at a time, a revision or a change',
    load: async () => (await import('./commands/change/restore.js')).addRestore,
  },
  {
    name: 'history',
    term: 'history [options] [name]',
    description: 'show who changed a flag, when, and why',
    load: async () => (await import('./commands/history.js')).addHistory,
  },
  {
    name: 'diff',
    term: 'diff [options] [name]',
    description: 'show what is different in one flag, or in all, between two points in time',
    load: async () => (await import('./commands/diff.js')).addDiff,
  },
  {
    name: 'status',
    term: 'status [options]',
    description: 'show the database, its position, and whether it can be read',
    load: async () => (await import('./commands/status.js')).addStatus,
  },
  {
    name: 'console',
    term: 'console [options]',
    description: 'a console with Feature, Project, User, Group and Namespace',
    load: async () => (await import('./commands/console.js')).addConsole,
  },
  {
    name: 'serve',
    term: 'serve [options]',
    description: 'serve the HTTP API',
    load: async () => (await import('./commands/serve.js')).addServe,
  },
  {
    name: 'open',
    term: 'open [options]',
    description: 'print a link that signs you in to the page in the browser, once',
    load: async () => (await import('./commands/open.js')).addOpen,
  },
  {
    name: 'migrate',
    term: 'migrate [options]',
    description: 'bring the tables of the database up to date',
    load: async () => (await import('./commands/migrate.js')).addMigrate,
  },
  {
    name: 'token',
    term: 'token [options]',
    description: 'make, list and revoke tokens of the HTTP API',
    load: async () => (await import('./commands/token.js')).addToken,
  },
  {
    name: 'project',
    term: 'project [options]',
    description: 'flags of projects, which Unleash SDKs read',
    load: async () => (await import('./commands/project/project.js')).addProject,
  },
  {
    name: 'export',
    term: 'export [options] [file]',
    description: 'write all stored gates as JSON',
    load: async () => (await import('./commands/export.js')).addExport,
  },
  {
    name: 'import',
    term: 'import [options] <file>',
    description: 'store flags exactly as exported, all or none',
    load: async () => (await import('./commands/import.js')).addImport,
  },
]

/** Adds all commands: the one that the words ask for as it is, the others by name. */
export async function addCommands(program: Command, cli: Cli, argv: readonly string[]): Promise<void> {
  const wanted = commandAskedFor(argv)
  for (const { name, description, load } of commandList) {
    if (name === wanted) (await load())(program, cli)
    else program.command(name).description(description)
  }
}

/** How the list of the program's help shows a command. */
export function termOf(name: string): string | undefined {
  return commandList.find((one) => one.name === name)?.term
}

/** Null where no command runs: for the program's own help and version. */
function commandAskedFor(argv: readonly string[]): string | null {
  const [first, second] = withoutRoot(argv)
  if (first === undefined || ['-h', '--help', '-V', '--version'].includes(first)) return null
  const word = first === 'help' ? second : first
  if (word === undefined) return null
  return commandList.some(({ name }) => name === word) ? word : otherwise
}
