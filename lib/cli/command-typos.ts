// A first word that is not a command is the name of a flag to create. It was more likely meant in another way if it is nearly a
// command, if it is a command of other tools, or if another word follows it. If options of `create` alone follow a command's name, a flag of
// that name was to be created.
import type { Command } from 'commander'
import { suggestion } from '../text/suggest.js'
import { printable, quoted } from '../text/printable.js'
import { programName } from '../text/program-name.js'
import { UsageError } from './usage-error.js'
import { adviceFor } from './words-of-other-tools.js'

/** Throws UsageError if the first word was probably meant in another way. */
export function refuseMistyped(program: Command, first: string, rest: readonly string[]): void {
  const commands = ['help', ...program.commands.map((command) => command.name())]
  const own = program.commands.find((command) => command.name() === first)
  if (own !== undefined) refuseCreatorsOptions(program, own, rest)
  if (own !== undefined || first === 'help') return
  const advice = adviceOn(first, rest, commands)
  if (advice === null) return
  throw new UsageError({
    problem: `there is no command ${quoted(first)}`,
    remedy: `${advice} To define a flag of this name: ${programName()} create ${printable(first)}`,
  })
}

function adviceOn(first: string, rest: readonly string[], commands: readonly string[]): string | null {
  const [second] = rest
  const follows = second !== undefined && !second.startsWith('-')
  const elsewhere = adviceFor(first)
  if (elsewhere !== null) {
    const flag = follows && /^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(second) ? second : 'NAME'
    return `use ${programName()} ${elsewhere.replaceAll('NAME', flag)}.`
  }
  const near = suggestion(first, commands)
  if (near !== null) return `did you mean "${near}"?`
  if (!follows) return null
  if (/^(?:true|false|\d+(?:\.\d+)?)$/.test(second))
    return `did you mean ${programName()} set ${printable(first)} ${second}?`
  return `${programName()} help shows all commands.`
}

/** Options that mean a definition and nothing else: `--group`, `--force` and `--type` may mean another thing elsewhere. */
const definingOptions: ReadonlySet<string> = new Set([
  '-m',
  '--introduced-by-url',
  '-i',
  '--rollout-issue-url',
  '-e',
  '--ee',
  '--amend',
])

function refuseCreatorsOptions(program: Command, own: Command, rest: readonly string[]): void {
  const creator = program.commands.find((command) => command.name() === 'create')
  if (own === creator || own.commands.length > 0) return
  const known = new Set(own.options.flatMap(({ short, long }) => [short, long]))
  const found = rest.find((argument) => definingOptions.has(argument) && !known.has(argument))
  if (found === undefined) return
  throw new UsageError({
    problem: `"${own.name()}" is a command and has no option ${found}`,
    remedy: `to define a flag of this name: ${programName()} create ${own.name()}`,
  })
}
