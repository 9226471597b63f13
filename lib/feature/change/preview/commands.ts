// A change as commands that a person may copy. Names and ids come from outside, so each word is quoted for a POSIX shell.
import { actorLike, parseActor } from '../../../actors/actor-text.js'
import type { ActorClasses } from '../../../actors/classes.js'
import { programName } from '../../../text/program-name.js'
import { shellWord } from '../../../text/shell-word.js'
import type { FlagOperation } from '../operations.js'

export interface CopiedCommands {
  /** Null where the command line has no words for it: there, 0 and 100 percent mean off and on for everybody. */
  readonly cli: string | null
  /** With the address of the server in `$SLUICE_URL` and a token in `$SLUICE_TOKEN`. */
  readonly curl: string
  /** For a chat. Null: there is no chat that takes commands. */
  readonly chatops: string | null
}

export interface Copied {
  readonly name: string
  readonly operations: readonly FlagOperation[]
  readonly revision: string
  /** Whether the change was asked for with force. */
  readonly force: boolean
  readonly isDefined: boolean
}

/** What the command line reads targets with. */
export interface CommandWords {
  readonly classes: ActorClasses
  /** Whether the configuration registers the group: then its name is never mistaken for an actor. */
  readonly isGroup: (name: string) => boolean
}

export function commandsFor(copied: Copied, words: CommandWords): CopiedCommands {
  const { name, operations, revision, force } = copied
  const body = JSON.stringify({ operations, ...(force ? { force } : {}) })
  const curl = [
    `curl -X POST "$SLUICE_URL"${shellWord(`/api/v4/features/${encodeURIComponent(name)}/changes`)}`,
    '-H "PRIVATE-TOKEN: $SLUICE_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-H ${shellWord(`If-Match: "${revision}"`)}`,
    `-d ${shellWord(body)}`,
  ]
  return { cli: cliFor(copied, words), curl: curl.join(' '), chatops: null }
}

/** The operations as commands of the command line, one after the other; null where it has no words for one. */
export function cliFor(copied: Omit<Copied, 'revision'>, words: CommandWords): string | null {
  const commands = copied.operations.map((operation) => cliCommand(copied, operation, words))
  return commands.includes(null) ? null : commands.join(' && ')
}

function cliCommand(copied: Omit<Copied, 'revision'>, operation: FlagOperation, words: CommandWords): string | null {
  const verb = operation.op === 'delete' ? 'delete' : 'set'
  const given = cliArguments(operation, words)
  if (given === null) return null
  // Only this command asks for the definition: over HTTP any flag may be deleted.
  const isForced = copied.force || (verb === 'delete' && !copied.isDefined)
  const options = [...given.options, ...(isForced ? ['--force'] : [])]
  const positional = [copied.name, ...given.value]
  // After `--` a name is no option, whatever it begins with.
  const argv = copied.name.startsWith('-') ? [verb, ...options, '--', ...positional] : [verb, ...positional, ...options]
  return [programName(), ...argv.map(shellWord)].join(' ')
}

interface CliArguments {
  /** What stands after the name. */
  readonly value: readonly string[]
  readonly options: readonly string[]
}

/** Null where the command line has no words for it. */
function cliArguments(operation: FlagOperation, words: CommandWords): CliArguments | null {
  switch (operation.op) {
    case 'enable':
      return { value: ['true'], options: [] }
    case 'disable':
      return { value: ['false'], options: [] }
    case 'delete':
      return { value: [], options: [] }
    case 'percentage_of_actors':
    case 'percentage_of_time': {
      const { op, value } = operation
      if (value === 0 || value === 100 || !/^\d+(?:\.\d+)?$/.test(String(value))) return null
      return { value: [String(value)], options: [op === 'percentage_of_actors' ? '--actors' : '--random'] }
    }
    case 'add':
    case 'remove': {
      const { op, list, ids } = operation
      if (!ids.every((id) => isRead(id, operation, words))) return null
      const target = [list === 'groups' ? '--feature-group' : '--actor', ids.join(',')]
      if (list === 'never') return { value: [], options: [op === 'add' ? '--opt-out' : '--remove-opt-out', ...target] }
      return { value: [op === 'add' ? 'true' : 'false'], options: target }
    }
  }
}

/** Whether the command line reads the text as this id: it splits lists, and refuses what looks like a slip. */
function isRead(
  id: string,
  { op, list }: Extract<FlagOperation, { readonly ids: readonly string[] }>,
  { classes, isGroup }: CommandWords,
): boolean {
  if (id === '' || id.includes(',') || id.trim() !== id) return false
  if (list === 'groups') return isGroup(id) || actorLike(id, classes) === null
  try {
    return parseActor(id, classes, op === 'remove').flipperId === id
  } catch {
    return false // Refused there: the command would not do it.
  }
}
