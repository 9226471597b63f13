// Where the servers that the tests need are installed.
import { findBinary } from '../../scripts/find-binary.js'

/** The path of a server's program. Throws where it is not installed. */
export function serverBinary(name: string): string {
  const found = findBinary(name)
  if (found !== null) return found
  throw new Error(`"${name}" is not installed: run npm test, which installs it or says how, or put it on PATH`)
}
