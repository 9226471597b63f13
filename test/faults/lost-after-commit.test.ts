// The database is lost between the commit of a change and its answer: the change is made, and the answer says so.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { type AppAt, startAppAt } from './app-at.js'
import { type Link, openLink } from './link.js'
import { hangMs } from './size.js'

describe('a change whose database is lost after the commit', { timeout: hangMs }, () => {
  let database: TestDatabase
  let link: Link
  let server: AppAt
  beforeAll(async () => {
    database = await createDatabase()
    const url = new URL(database.url)
    link = await openLink(Number(url.port))
    url.port = String(link.port)
    server = await startAppAt(url.href)
    // Called when the change is committed and read back, before it is answered.
    server.instance.onWritten(() => {
      if (!isCutting) return
      link.mode = 'refuse'
      link.cut()
    })
  }, hangMs)
  afterAll(async () => {
    await server?.close()
    await link?.close()
    await database?.close()
  })
  let isCutting = false

  async function post(path: string, body: object) {
    const answer = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'private-token': server.token, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const content: ReturnType<typeof JSON.parse> = await answer.json()
    return { status: answer.status, etag: answer.headers.get('etag'), content }
  }
  const share = (value: number) => ({ operations: [{ op: 'percentage_of_actors', value }], change_id: randomUUID() })
  const of = '/api/v4/features/my_flag'

  it.each([
    ['of operations', `${of}/changes`, async () => share(50)],
    ['that restores', `${of}/restore`, async (before: string) => ({ change_id: before })],
    ['that undoes', `${of}/undo`, async (before: string) => ({ change_id: before })],
    ['of several flags', '/api/web/changes', async () => ({ flags: [{ name: 'my_flag' }], operation: 'disable' })],
  ])('%s is answered as made, without the revision that cannot be read', async (_what, path, bodyAfter) => {
    await post('/api/web/changes', { flags: [{ name: 'my_flag' }], operation: 'delete' })
    const first = share(25)
    expect((await post(`${of}/changes`, first)).status).toBe(200)
    if (path.endsWith('restore')) await post(`${of}/changes`, share(75))
    const body = await bodyAfter(first.change_id)
    isCutting = true
    const answer = await post(path, body)
    isCutting = false
    link.mode = 'pass'
    const { change, flag, flags } = answer.content
    expect([answer.status, answer.etag, (flag ?? flags?.[0])?.revision]).toEqual([200, null, null])
    const rows = await database.query('select 1 from feature_history where change_id = $1', [change?.id])
    expect(rows.length).toBeGreaterThan(0)
  })
})
