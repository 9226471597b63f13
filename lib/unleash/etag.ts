// Whether an SDK has the bytes already. Gateways make tags weak, and Apache appends the name of a compression: SDKs send that back.

const longestHeader = 8_192

/** Whether `If-None-Match` names the tag, in any form in which SDKs and gateways send it. */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > longestHeader) return false
  if (ifNoneMatch === etag) return true
  const wanted = plain(etag)
  return ifNoneMatch.split(',').some((given) => given.trim() === '*' || plain(given.trim()) === wanted)
}

function plain(tag: string): string {
  return tag
    .replace(/^W\//, '')
    .replace(/[-;]gzip$/, '')
    .replace(/^"(.*)"$/, '$1')
    .replace(/[-;]gzip$/, '')
}
