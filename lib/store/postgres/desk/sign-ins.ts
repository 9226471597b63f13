// Sign-ins, one-time codes and keys in Postgres. Each call is one statement, or two that may be repeated. The clock is the
// database's: several servers share a sign-in.
import { randomBytes } from 'node:crypto'
import { fields, list, readDate, readToken, text, textOrNull } from '../parse-rows.js'
import type { Done, Values } from '../query.js'
import { mostPruned, type SignInRecord, type SignInStore, signInTimes } from '../../sign-ins.js'
import { isTokenScope } from '../../token-scope.js'
import { tokenJson } from './tokens.js'

/** Runs a statement in which `:sessions`, `:secrets` and `:tokens` stand for the tables. */
export type AskSignIns = (sql: string, values: Values) => Promise<Done>

const milliseconds = (count: number) => `interval '${count} milliseconds'`
const { lifeMs, idleMs, codeMs } = signInTimes

const findSql = `select json_build_object(
    'person', coalesce(sign_in.person, to_jsonb(token)->>'person'),
    'scopes', sign_in.scopes,
    'created', sign_in.created_at,
    'expires', least(sign_in.expires_at, token.expires_at),
    'token', case when token.id is null then null else ${tokenJson('token')} end
  )::text as answer
  from :sessions sign_in
  left join :tokens token on token.id = sign_in.token_id
  where sign_in.id_hash = $1
  and sign_in.kind = 'session'
  and sign_in.expires_at > now()
  and sign_in.seen_at > now() - ${milliseconds(idleMs)}
  and (
    sign_in.token_id is null
    or (token.id is not null and token.revoked_at is null and (token.expires_at is null or token.expires_at > now()))
  )`

const todaySql = `(date_trunc('day', now() at time zone 'UTC') at time zone 'UTC')`

export function postgresSignIns(ask: AskSignIns): SignInStore {
  const find = async (idHash: Buffer) => {
    const { answer } = await ask(findSql, [idHash])
    return answer === undefined ? null : readSignIn(answer)
  }
  const readKeys = async (name: string) => {
    const { answer } = await ask(
      `select json_build_object(
        'keys', coalesce(json_agg(encode(key, 'hex') order by created_at desc), '[]'),
        'isNew', coalesce(max(created_at) >= ${todaySql}, false)
      )::text as answer
      from :secrets
      where name = $1 and retired_at > now()`,
      [name],
    )
    const found = fields(answer, 'keys')
    return {
      keys: list(found['keys'], 'keys').map((key) => Buffer.from(text(key, 'key'), 'hex')),
      isNew: found['isNew'] === true,
    }
  }
  return {
    find,
    async create({ kind, idHash, tokenId, person, scopes }) {
      await ask(
        `insert into :sessions (id_hash, kind, token_id, person, scopes, expires_at)
        values ($1, $2, $3, $4, $5, now() + case $2 when 'code' then ${milliseconds(codeMs)} else ${milliseconds(lifeMs)} end)
        on conflict (id_hash) do nothing`,
        [idHash, kind, tokenId, person, scopes],
      )
    },
    async redeem(codeHash, idHash) {
      await ask(
        `with code as (
          delete from :sessions
          where id_hash = $1 and kind = 'code' and expires_at > now()
          returning token_id, person, scopes
        )
        insert into :sessions (id_hash, kind, token_id, person, scopes, expires_at)
        select $2, 'session', token_id, person, scopes, now() + ${milliseconds(lifeMs)}
        from code
        on conflict (id_hash) do nothing`,
        [codeHash, idHash],
      )
      // If the answer was lost and the caller asks again, the code is gone and the sign-in is there.
      return find(idHash)
    },
    async touch(idHash) {
      await ask(
        `update :sessions
        set seen_at = now()
        where id_hash = $1 and kind = 'session' and seen_at < now() - interval '1 minute'`,
        [idHash],
      )
    },
    async end(idHash) {
      const { rowCount } = await ask(`delete from :sessions where id_hash = $1`, [idHash])
      return rowCount > 0
    },
    async endAll({ tokenId, person }) {
      const { rowCount } = await ask(
        `delete from :sessions
        where token_id = $1 or ($1::text is null and token_id is null and person = $2)`,
        [tokenId, person],
      )
      return rowCount
    },
    async keys(name) {
      const found = await readKeys(name)
      if (found.isNew) return found.keys
      await ask(
        `insert into :secrets (name, key, created_at, retired_at)
        values ($1, $2, ${todaySql}, ${todaySql} + interval '2 days')
        on conflict do nothing`,
        [name, randomBytes(32)],
      )
      return (await readKeys(name)).keys
    },
    async prune() {
      await ask(`delete from :secrets where retired_at <= now()`, [])
      const { rowCount } = await ask(
        // Rows that another server deletes at the moment are left to it.
        `delete from :sessions
        where id_hash in (
          select id_hash
          from :sessions
          where expires_at <= now() or (kind = 'session' and seen_at <= now() - ${milliseconds(idleMs)})
          limit ${mostPruned}
          for update skip locked
        )`,
        [],
      )
      return rowCount
    },
  }
}

function readSignIn(answer: unknown): SignInRecord {
  const found = fields(answer, 'sign-in')
  const scopes = list(found['scopes'], 'scopes').filter(isTokenScope)
  const dates = { createdAt: readDate(found['created']), expiresAt: readDate(found['expires']) }
  const person = textOrNull(found['person'], 'person')
  if (found['token'] === null) return { token: null, person, scopes, ...dates }
  const { digest: _, ...token } = readToken(found['token'])
  return { token, person, scopes: scopes.filter((scope) => token.scopes.includes(scope)), ...dates }
}
