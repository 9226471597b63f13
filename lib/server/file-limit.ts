// How many files the system lets this process have open: each connection is one. Node raises the limit to the highest that it may have
// by itself, so a low one was set by the system.
import { readFile } from 'node:fs/promises'

/** The pool of the database, Redis, definition files, logs. */
const others = 100

/** What to tell a person who starts a server; null where all connections fit, and where the system does not say. */
export async function fewFilesNote(connections: number): Promise<string | null> {
  const most = await openFileLimit()
  if (most === null || most >= connections + others) return null
  return (
    `the system allows this process ${most} open files, and \`server.connections\` is ${connections}: raise the limit (ulimit -n, LimitNOFILE), ` +
    'or lower `server.connections` and `server.streams`'
  )
}

async function openFileLimit(): Promise<number | null> {
  try {
    return readLimit(await readFile('/proc/self/limits', 'utf8'))
  } catch {
    // Not Linux.
    return null
  }
}

/** The soft limit in the text of /proc/self/limits; null if it is unlimited or not there. */
export function readLimit(limits: string): number | null {
  const [, soft] = /^Max open files +(\d+) /m.exec(limits) ?? []
  return soft === undefined ? null : Number(soft)
}
