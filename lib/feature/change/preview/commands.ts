// A change as commands that a person may copy. Names and ids come from outside, so each word is quoted for a POSIX shell.
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

export function commandsFor(name: string, operations: readonly FlagOperation[], revision: string): CopiedCommands {
  const commands = operations.map((operation) => cliCommand(name, operation))
  const body = JSON.stringify({ operations })
  const curl = [
    `curl -X POST "$SLUICE_URL"${shellWord(`/api/v4/features/${encodeURIComponent(name)}/changes`)}`,
    '-H "PRIVATE-TOKEN: $SLUICE_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-H ${shellWord(`If-Match: "${revision}"`)}`,
    `-d ${shellWord(body)}`,
  ]
  return { cli: commands.includes(null) ? null : commands.join(' && '), curl: curl.join(' '), chatops: null }
}

function cliCommand(name: string, operation: FlagOperation): string | null {
  const words = (verb: string, ...more: readonly string[]) =>
    [programName(), verb, ...more].map((word, index) => (index === 0 ? word : shellWord(word))).join(' ')
  switch (operation.op) {
    case 'enable':
      return words('set', name, 'true')
    case 'disable':
      return words('set', name, 'false')
    case 'delete':
      return words('delete', name)
    case 'percentage_of_actors':
    case 'percentage_of_time': {
      const { value } = operation
      if (value === 0 || value === 100 || !/^\d+(?:\.\d+)?$/.test(String(value))) return null
      return words('set', name, String(value), operation.op === 'percentage_of_actors' ? '--actors' : '--random')
    }
    case 'add':
    case 'remove': {
      const { op, list, ids } = operation
      if (ids.some((id) => id.includes(',') || id.trim() !== id)) return null
      const target = [list === 'groups' ? '--feature-group' : '--actor', ids.join(',')]
      if (list === 'never') return words('set', name, op === 'add' ? '--opt-out' : '--remove-opt-out', ...target)
      return words('set', name, op === 'add' ? 'true' : 'false', ...target)
    }
  }
}
