// Tokens of the HTTP API in Postgres: only digests are stored.
import { DatabaseError } from 'pg'
import { errorText, FeatureError } from '../../../errors.js'
import { notMigrated } from '../existing-tables.js'
import { list, readToken } from '../parse-rows.js'
import type { Done, Values } from '../query.js'
import type { TokenStore } from '../../store.js'

/** Runs a statement in which `:tokens` stands for the table. */
export type AskTokens = (sql: string, values: Values) => Promise<Done>

/** A token as JSON, by the name of its row. A table of an older version has no column for the person yet. */
export function tokenJson(row: string): string {
  const columns = {
    id: 'id',
    name: 'name',
    scopes: 'scopes',
    created: 'created_at',
    expires: 'expires_at',
    used: 'last_used_at',
    revoked: 'revoked_at',
  }
  const parts = Object.entries(columns).map(([key, column]) => `'${key}', ${row}.${column}`)
  return `json_build_object(
    ${parts.join(', ')},
    'digest', encode(${row}.digest, 'hex'), 'person', to_jsonb(${row})->>'person'
  )`
}

export function postgresTokens(ask: AskTokens, mayCreate: () => Promise<boolean>): TokenStore {
  const askAsOwner: AskTokens = (sql, values) =>
    ask(sql, values).catch((error: unknown) => Promise.reject(ownersOnly(error)))
  return {
    mayCreate,
    async create({ id, name, digest, scopes, expiresAt, person = null }) {
      const given = [id, name, digest, scopes, expiresAt]
      const values = person === null ? given : [...given, person]
      const [column, place] = person === null ? ['', ''] : [', person', ', $6']
      await askAsOwner(
        `insert into :tokens (id, name, digest, scopes, expires_at${column}) values ($1, $2, $3, $4, $5${place})`,
        values,
      ).catch((error: unknown) => Promise.reject(withoutPerson(error)))
    },
    async find(id) {
      const { answer } = await ask(`select ${tokenJson('token')}::text as answer from :tokens token where id = $1`, [
        id,
      ])
      return answer === undefined ? null : readToken(answer)
    },
    async list() {
      const { answer } = await ask(
        `select coalesce(json_agg(${tokenJson('token')} order by created_at, id), '[]')::text as answer from :tokens token`,
        [],
      )
      return list(answer, 'tokens').map((token) => {
        const { digest: _, ...record } = readToken(token)
        return record
      })
    },
    async revoke(idOrName) {
      const { rowCount } = await askAsOwner(
        `update :tokens
        set revoked_at = coalesce(revoked_at, now())
        where id = $1
        or (name = $1 and not exists (select from :tokens where id = $1))`,
        [idOrName],
      )
      return rowCount > 0
    },
    async touch(id) {
      await ask(
        `update :tokens
        set last_used_at = now()
        where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
        [id],
      )
    },
  }
}

/** The column came later than the table. */
function withoutPerson(error: unknown): unknown {
  const cause = error instanceof FeatureError ? error.cause : undefined
  if (!(cause instanceof DatabaseError && cause.code === '42703')) return error
  return notMigrated('the table of tokens has no column for the person yet')
}

/** The rights that an application gets do not hold for these two: to grant them once more would change nothing. */
function ownersOnly(error: unknown): unknown {
  const cause = error instanceof FeatureError ? error.cause : undefined
  if (!(cause instanceof DatabaseError && cause.code === '42501')) return error
  return new FeatureError('store_rejected', {
    problem: `the login of DATABASE_URL may not make or revoke tokens: ${errorText(cause)} (42501)`,
    remedy: 'run this command with the login of the owner of the tables in DATABASE_URL',
    cause,
  })
}
