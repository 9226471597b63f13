// What went wrong, in the words of the page. The server's own words are for all its callers, and name its addresses and commands as remedies.
import type { ApiFault } from '../../api/fault.js'
import { visible } from '../../text/visible.js'

/** What is to be done on the page, by the code and a part of the problem. */
const remedies: readonly (readonly [code: string, problem: string, remedy: string])[] = [
  ['invalid_point', '', 'Write how long ago it was (2h, 3d), or choose a time from the calendar.'],
  ['invalid_actor', '', 'Write an actor as its class and its id, such as User:7.'],
  ['invalid_arguments', 'the actor "', 'Write an actor as its class and its id, such as User:7.'],
  ['not_found', 'neither defined nor stored', 'Check how it is written.'],
  ['not_found', 'has no change', 'It may have been deleted from the history.'],
  [
    'not_restorable',
    'cannot be undone',
    '“Restore this…” in the history of the flag brings back all that it had at an earlier time.',
  ],
]

/** Such as: The actor "7" names no class. Write an actor as its class and its id, such as User:7. */
export function faultWords({ code, kind, message }: ApiFault): string {
  const said = visible(message)
  const known = remedies.find(([of, part]) => of === code && said.includes(part))
  // The problem ends where the remedy begins, and may quote any text.
  const [whole, problem = ''] = /^((?:[^";]|"(?:[^"\\]|\\.)*"|;(?! ))+); /.exec(said) ?? []
  if (kind !== 'refused' || known === undefined || whole === undefined) return said
  const [meant] = /^did you mean "[^"]*"\?/.exec(said.slice(whole.length)) ?? []
  return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}. ${meant === undefined ? known[2] : `D${meant.slice(1)}`}`
}
