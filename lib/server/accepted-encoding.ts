// Which compressions a client takes.

export type Encoding = 'gzip' | 'br'

/** `gzip;q=0` says that a client does not take it. */
const refusals: Readonly<Record<Encoding, RegExp>> = {
  gzip: /\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)/,
  br: /\bbr\s*;\s*q=0(?:\.0*)?\s*(?:,|$)/,
}

/** Whether `Accept-Encoding` names the compression and does not refuse it. One search for a text, because thousands of polls a second ask. */
export function takesEncoding(accepted: string | string[] | undefined, encoding: Encoding): boolean {
  if (typeof accepted !== 'string' || !accepted.includes(encoding)) return false
  return !refusals[encoding].test(accepted)
}
