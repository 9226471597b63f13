// The one function that asks Postgres: every statement goes through here, with a time limit, and answers with one JSON text.
import { type ClientBase, escapeLiteral, type Pool, type QueryConfig, type QueryResult } from 'pg'
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'

export type Values = readonly (string | number | boolean | null | Buffer | Date | readonly string[])[]

/** Values that can also be written into a statement. */
export type TextValues = readonly (string | null | readonly string[])[]

/** pg's own limit for one statement; after it the connection is given up, because it can no longer be used. */
interface TimedQuery extends QueryConfig {
  readonly query_timeout: number
}

export interface Done {
  readonly rowCount: number
  /** The parsed value that the statement selected as `answer`; undefined for a statement that selects nothing. */
  readonly answer: unknown
}

/** Runs one statement within `timeoutMs`. Throws the errors of pg. */
export async function query(asked: Pool | ClientBase, sql: string, values: Values, timeoutMs: number): Promise<Done> {
  const query: TimedQuery = { text: sql, values: [...values], query_timeout: timeoutMs }
  const result = await asked.query(query)
  return done(Array.isArray(result) ? result.at(-1) : result)
}

/**
 * Runs several statements in one message within `timeoutMs`, and gives what each has done. The way to the server and back costs
 * more than most statements. Inside a transaction each statement sees what was committed when it began, as if it were alone, and
 * the first error ends the message. Throws the errors of pg.
 */
export async function queryEach(
  client: ClientBase,
  statements: readonly string[],
  timeoutMs: number,
): Promise<readonly Done[]> {
  const query: TimedQuery = { text: statements.join(';\n'), query_timeout: timeoutMs }
  const result: QueryResult | readonly QueryResult[] = await client.query(query)
  return (isList(result) ? result : [result]).map(done)
}

/** Names and texts in quotes, in which `$1` is no value, come first. */
const quotedOrValue = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)/g

/** The statement with its values written into it, because a message of several statements takes none. For texts that hold no NUL. */
export function withLiterals(sql: string, values: TextValues): string {
  return sql.replace(quotedOrValue, (found, number: string | undefined) => {
    if (number === undefined) return found
    const value = values[Number(number) - 1] ?? null
    if (value === null) return 'null'
    return typeof value === 'string' ? escapeLiteral(value) : `array[${value.map(escapeLiteral).join(', ')}]`
  })
}

function isList(result: QueryResult | readonly QueryResult[]): result is readonly QueryResult[] {
  return Array.isArray(result)
}

function done(result: QueryResult | undefined): Done {
  const answer: unknown = result?.rows[0]?.answer
  return { rowCount: result?.rowCount ?? 0, answer: typeof answer === 'string' ? parse(answer) : undefined }
}

function parse(answer: string): unknown {
  try {
    return JSON.parse(answer)
  } catch (cause) {
    throw new FeatureError('store_rejected', {
      problem: `Postgres answered ${quoted(answer)}, which is not JSON`,
      remedy: 'check that DATABASE_URL leads to a Postgres server',
      cause,
    })
  }
}
