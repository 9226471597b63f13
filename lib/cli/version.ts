import { readFileSync } from 'node:fs'

/** The version of this package. */
export function ownVersion(): string {
  // lib/cli and dist/cli are equally deep in the package.
  const own: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const version = typeof own === 'object' && own !== null && 'version' in own ? own.version : undefined
  return typeof version === 'string' ? version : 'unknown'
}
