// The one function that asks Postgres: every statement goes through here, with a time limit, and answers with one JSON text.
import type { ClientBase, Pool, QueryConfig } from 'pg'
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'

export type Values = readonly (string | number | boolean | null | Buffer | Date | readonly string[])[]

/** pg's own limit for one statement; after it the connection is given up, because it can no longer be used. */
interface TimedQuery extends QueryConfig {
  readonly query_timeout: number
}

export interface Done {
  readonly rowCount: number
  /** The parsed value that the statement selected as `answer`; undefined for a statement that selects nothing. */
  readonly answer: unknown
}

/**
 * Runs one statement within `timeoutMs`, or several without values in one message, of which the last one's result counts.
 * Throws the errors of pg.
 */
export async function query(asked: Pool | ClientBase, sql: string, values: Values, timeoutMs: number): Promise<Done> {
  const query: TimedQuery = { text: sql, values: [...values], query_timeout: timeoutMs }
  const result = await asked.query(query)
  const last = Array.isArray(result) ? result.at(-1) : result
  const answer: unknown = last?.rows[0]?.answer
  return { rowCount: last?.rowCount ?? 0, answer: typeof answer === 'string' ? parse(answer) : undefined }
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
