// The headers of a poll that matter to it, found without parsing all the others: Node makes an object of all headers only where it
// is asked for one, and that takes longer than to find the caller.
import type { IncomingMessage } from 'node:http'

/** Names in lower case. */
export type PollHeaders = Readonly<Record<string, string | string[] | undefined>>

export const wantedHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'app_name',
  'authorization',
  'if-none-match',
  'instance_id',
  'unleash-appname',
  'unleash-client-spec',
  'unleash-connection-id',
  'unleash-instanceid',
  'unleash-interval',
  'unleash-sdk',
  'x-forwarded-for',
])
/** By spelling, the name in lower case; null for a header that says nothing to a poll. */
const spellings = new Map<string, string | null>()
const mostSpellings = 1_000

/** The same values as in `request.headers`, of the headers that say something to a poll. */
export function pollHeaders(request: IncomingMessage): PollHeaders {
  const { rawHeaders } = request
  const found: Record<string, string> = {}
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = nameOf(rawHeaders[at] ?? '')
    if (name === null) continue
    // Which one counts, or how they are joined, is Node's knowledge.
    if (found[name] !== undefined) return request.headers
    found[name] = rawHeaders[at + 1] ?? ''
  }
  return found
}

function nameOf(spelling: string): string | null {
  const known = spellings.get(spelling)
  if (known !== undefined) return known
  const lower = spelling.toLowerCase()
  const name = wantedHeaders.has(lower) ? lower : null
  if (spellings.size < mostSpellings) spellings.set(spelling, name)
  return name
}
