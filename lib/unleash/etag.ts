// Whether an SDK has the bytes already, and whether it comes back from a stream. Gateways make tags weak, and Apache appends the name of a compression: SDKs send that back.

const longestHeader = 8_192

/** Whether `If-None-Match` names the tag, in any form in which SDKs and gateways send it. */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > longestHeader) return false
  if (ifNoneMatch === etag) return true
  const wanted = plain(etag)
  return ifNoneMatch.split(',').some((given) => given.trim() === '*' || plain(given.trim()) === wanted)
}

/** The tag of the answer that sends an SDK to the stream. No other answer has it: an SDK that shows it has no body of ours. */
export const streamTag = '"stream"'
/** What ends the tags of an SDK that has come back from a stream, for as long as its process lives. */
const returnedMark = '-p'

/** The tag for an SDK that has come back from a stream. */
export function returnedTag(etag: string): string {
  return `${etag.slice(0, -1)}${returnedMark}"`
}

/**
 * Whether an SDK has been sent to the stream before, and polls again: then it could not be reached by it, or was told to poll. It is never
 * sent there again, because it would go to and fro.
 */
export function hasReturned(ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > longestHeader) return false
  return ifNoneMatch.split(',').some((given) => {
    const tag = withoutEncoding(given.trim())
    return `"${tag}"` === streamTag || tag.endsWith(returnedMark)
  })
}

/** A tag of ours has 22 characters, of which the last is A, Q, g or w: none ends as the mark does. */
function plain(tag: string): string {
  const bare = withoutEncoding(tag)
  return bare.endsWith(returnedMark) ? bare.slice(0, -returnedMark.length) : bare
}

function withoutEncoding(tag: string): string {
  return tag
    .replace(/^W\//, '')
    .replace(/[-;]gzip$/, '')
    .replace(/^"(.*)"$/, '$1')
    .replace(/[-;]gzip$/, '')
}
