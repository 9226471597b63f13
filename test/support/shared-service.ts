// What is made once for all test files, when the first of them asks for it: test files run in processes of their own, and ask over
// loopback HTTP.
import { inject } from 'vitest'

export type SharedService = 'postgres' | 'pooler' | 'cluster' | 'embedded'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test files ask. */
    sharedServices: string
  }
}

/**
 * The URL of the shared PostgreSQL, that of a pooler before all of its databases, the folder of an empty cluster to copy, or that of an
 * application with an embedded one. Throws where it could not be made.
 */
export function sharedService(name: SharedService): Promise<string> {
  const told = known.get(name) ?? ask(name)
  known.set(name, told)
  return told
}

/** A process asks once: what is made stays until all tests have ended. */
const known = new Map<SharedService, Promise<string>>()

async function ask(name: SharedService): Promise<string> {
  const response = await fetch(`${inject('sharedServices')}/${name}`)
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}
