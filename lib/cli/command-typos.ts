// A first word that is not a command is the name of a flag to create. A word that is nearly a command was more likely meant as
// one. If options of `create` follow a command's name, a flag of that name was to be created.
import type { Command } from 'commander'
import { suggestion } from '../text/suggest.js'
import { printable, quoted } from '../text/printable.js'
import { UsageError } from './usage-error.js'

/** Throws UsageError if the first word was probably meant in another way. */
export function refuseMistypedCommand(program: Command, argv: readonly string[]): void {
  const [first, ...rest] = argv
  if (first === undefined || first.startsWith('-')) return
  refuseLateRoot(first, rest)
  const commands = ['help', ...program.commands.map((command) => command.name())]
  const own = program.commands.find((command) => command.name() === first)
  if (own !== undefined) refuseCreatorsOptions(program, own, rest)
  if (own !== undefined || first === 'help') return
  const near = suggestion(first, commands)
  if (near === null) return
  throw new UsageError({
    problem: `there is no command ${quoted(first)}`,
    remedy: `did you mean "${near}"? To define a flag of this name: bin/feature-flag create ${printable(first)}`,
  })
}

/** Options of the program itself come before the command; after it they would be the command's, and no command has this one. */
function refuseLateRoot(command: string, rest: readonly string[]): void {
  const end = rest.indexOf('--')
  const options = end === -1 ? rest : rest.slice(0, end)
  if (!options.some((argument) => argument === '--root' || argument.startsWith('--root='))) return
  throw new UsageError({
    problem: '--root goes before the command',
    remedy: `write bin/feature-flag --root FOLDER ${command} …`,
  })
}

function refuseCreatorsOptions(program: Command, own: Command, rest: readonly string[]): void {
  const creator = program.commands.find((command) => command.name() === 'create')
  // `set NAME --force` and `token create --name` are not about definitions: only options that no other command has prove a
  // slip.
  const foreign = creator?.options.flatMap(({ short, long }) => [short, long]).filter((flag) => flag !== undefined)
  if (own === creator || foreign === undefined || own.commands.length > 0) return
  const known = new Set(own.options.flatMap(({ short, long }) => [short, long]))
  const found = rest.find((argument) => foreign.includes(argument) && !known.has(argument))
  if (found === undefined) return
  throw new UsageError({
    problem: `"${own.name()}" is a command and has no option ${found}`,
    remedy: `to define a flag of this name: bin/feature-flag create ${own.name()}`,
  })
}
