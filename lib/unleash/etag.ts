// Whether an SDK has the bytes already. Gateways make tags weak, and Apache appends the name of a compression: SDKs send that back.

const longestHeader = 8_192

/** Whether `If-None-Match` names the tag, in any form in which SDKs and gateways send it. */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > longestHeader) return false
  return ifNoneMatch.split(',').some((given) => plain(given.trim()) === plain(etag))
}

function plain(tag: string): string {
  return tag
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1')
    .replace(/[-;]gzip$/, '')
}
