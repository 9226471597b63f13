// The version of this package. Applications do not import it: a bundle has no package.json beside it.
import { readFileSync } from 'node:fs'

export function ownVersion(): string {
  // lib/text and dist/text are equally deep in the package.
  const own: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const version = typeof own === 'object' && own !== null && 'version' in own ? own.version : undefined
  return typeof version === 'string' ? version : 'unknown'
}
