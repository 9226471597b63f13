// The connection over which a process of tests makes and drops its databases. A connection takes more of the processor than to make a
// database does, so there is one for all tests of a process; it is closed where none of them needs it.
import { Client } from 'pg'

interface Connection {
  readonly url: string
  readonly client: Promise<Client>
  /** Statements that are under way. */
  asking: number
  idle: NodeJS.Timeout | null
}

/** Tests may stop the clock; those of the global object are the clock's. */
const { setTimeout: later, clearTimeout: notLater } = globalThis
const idleMs = 2_000

let kept: Connection | null = null

/** Runs a statement on the server as its administrator, in no transaction. Rejects with what the server says. */
export async function administer(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  const connection = kept?.url === url ? kept : open(url)
  if (connection.idle !== null) notLater(connection.idle)
  connection.asking += 1
  try {
    const client = await connection.client
    return (await client.query(sql, [...values])).rows ?? []
  } catch (error) {
    forget(connection) // It may be the connection that is broken.
    throw error
  } finally {
    connection.asking -= 1
    if (connection.asking === 0) connection.idle = later(() => forget(connection), idleMs)
  }
}

function open(url: string): Connection {
  const opened: Connection = { url, client: connected(url, () => forget(opened)), asking: 0, idle: null }
  kept = opened
  return opened
}

async function connected(url: string, onLost: () => void): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', onLost)
  client.on('end', onLost)
  await client.connect()
  return client
}

function forget(connection: Connection): void {
  if (kept === connection) kept = null
  if (connection.asking > 0) return
  void connection.client.then(
    (client) => client.end(),
    () => {}, // It never was one; who asked has heard of it.
  )
}
