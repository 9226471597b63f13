// Time and rights: sign-ins in memory, and on Postgres for a server with the granted rights only.
import { expect, it } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { MemoryStore } from '../../lib/store/memory/store.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { createDatabase } from '../support/services.js'
import { signInTimesContract } from './sign-ins.contract.js'

const tables = { features: 'features', gates: 'feature_gates' }

signInTimesContract('in memory', async () => {
  const clock = { ms: Date.parse('2026-01-01T12:00:00Z') }
  const store = new MemoryStore({ now: () => new Date(clock.ms) })
  return {
    store,
    later: async (ms) => {
      clock.ms += ms
    },
    close: () => store.close(),
  }
})

/** A database, and a store whose login has the rights of a server or of an application. */
async function withRole(grant: 'grant' | 'grantServer') {
  const database = await createDatabase({ migrated: false })
  const role = `role_${Date.now()}_${process.pid}`
  await database.query(`create role ${role} login`)
  await migrate({ connection: { connectionString: database.url }, tables, [grant]: role })
  const url = new URL(database.url)
  url.username = role
  const store = new PostgresStore({ connection: { connectionString: url.href }, tables, logger: silentLogger })
  return { database, role, store, close: () => store.close().then(() => database.close()) }
}

signInTimesContract('on Postgres, for a server with the granted rights only', async () => {
  const { database, store, close } = await withRole('grantServer')
  const later = async (ms: number) => {
    const past = `interval '${ms} milliseconds'`
    await database.query(
      `update feature_sessions
      set created_at = created_at - ${past}, seen_at = seen_at - ${past}, expires_at = expires_at - ${past}`,
    )
    await database.query(
      `update feature_secrets set created_at = created_at - ${past}, retired_at = retired_at - ${past}`,
    )
  }
  return { store, later, close }
})

it('the role of an application may not sign in or make keys, and is told which command gives the rights to a server', async () => {
  const { database, role, store, close } = await withRole('grant')
  try {
    const signIn = {
      kind: 'session',
      idHash: Buffer.alloc(32, 1),
      tokenId: null,
      person: 'cli:a',
      scopes: ['admin'],
    } as const
    const refused = {
      code: 'server_rights_missing',
      status: 503,
      remedy: expect.stringContaining('migrate --grant-server'),
    }
    await expect(store.signIns.create(signIn)).rejects.toMatchObject(refused)
    await expect(store.signIns.find(signIn.idHash)).rejects.toMatchObject(refused)
    await expect(store.signIns.keys('confirm')).rejects.toMatchObject(refused)
    await migrate({ connection: { connectionString: database.url }, tables, grantServer: role })
    await store.signIns.create(signIn)
    expect(await store.signIns.find(signIn.idHash)).toMatchObject({ person: 'cli:a' })
  } finally {
    await close()
  }
})

it('a database from before has no table for sign-ins, says so, and its tokens work', async () => {
  const database = await createDatabase()
  await database.query('drop table feature_sessions, feature_secrets; alter table feature_tokens drop column person')
  const store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
  try {
    const token = { id: 'a', name: 'a', digest: Buffer.alloc(32), scopes: ['read' as const], expiresAt: null }
    await store.tokens.create(token)
    expect(await store.tokens.find('a')).toMatchObject({ name: 'a', person: null })
    await expect(store.tokens.create({ ...token, id: 'b', person: 'ann' })).rejects.toMatchObject({
      code: 'not_migrated',
    })
    await expect(store.signIns.find(Buffer.alloc(32))).rejects.toMatchObject({ code: 'not_migrated', status: 503 })
  } finally {
    await store.close()
    await database.close()
  }
})
