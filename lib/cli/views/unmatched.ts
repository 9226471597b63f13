// What a change was to take off a list and was not there, as the commands and the console say it.
import { namedFew } from '../../definition/named-few.js'
import type { Unmatched } from '../../feature/change/misses.js'
import { quoted } from '../../text/printable.js'

/** Such as `note: "User:6" was not on the list of "dark_mode", so there was nothing to take off`. */
export function unmatchedText({ feature, action, things }: Unmatched): string {
  const named = namedFew(things.map(quoted))
  if (action === 'remove_opt_out') {
    return `note: ${named} had no opt-out of ${quoted(feature)}, so there was nothing to take back`
  }
  const were = things.length === 1 ? 'was' : 'were'
  return `note: ${named} ${were} not on the list of ${quoted(feature)}, so there was nothing to take off`
}
