// A server whose login is not the owner of the tables: from `migrate` to a person who signs in by a link and changes a flag, over HTTP.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { run, sampleFiles } from '../cli/run.js'
import { readEvents } from '../server/event-stream.js'
import { makeFolder } from '../support/project.js'
import { type Served, startServed } from '../support/served.js'
import { createDatabase, type TestDatabase } from '../support/services.js'

const root = makeFolder(sampleFiles)
const roles = { server: `server_${process.pid}`, application: `application_${process.pid}` }
let database: TestDatabase
let server: Served | null = null

beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  for (const role of Object.values(roles)) await database.query(`create role ${role} login`)
})
afterEach(async () => {
  if (server === null) return
  server.process.kill('SIGTERM')
  await once(server.process, 'close')
  server = null
})
afterAll(async () => {
  for (const role of Object.values(roles)) await database.query(`drop owned by ${role}; drop role ${role}`)
  await database.close()
  rmSync(root, { recursive: true, force: true })
})

const as = (role: string) => database.url.replace(/\/\/[^@]*@/, `//${role}@`)

async function command(databaseUrl: string, ...argv: readonly string[]) {
  const { code, stdout, stderr } = await run(argv, { root, options: { databaseUrl } })
  return { code, stdout, stderr }
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON, which the assertions look into. */
  readonly body: ReturnType<typeof JSON.parse>
}

async function call(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  payload?: object,
): Promise<Answer> {
  const answer = await fetch(`${server?.url}${path}`, {
    method,
    headers: payload === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
}

const codeIn = (link: string) => /#code=([\w-]{43})/.exec(link)?.[1] ?? ''

async function metrics(): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${server?.url}/-/metrics`)).text()
  const found = [
    ...text.matchAll(/^(sluice_(?:sign_ins_total|previews_total|changes_refused_total|web_streams)\S*) (\d+)$/gm),
  ]
  return Object.fromEntries(found.map(([, name = '', value]) => [name, Number(value)]))
}

it('a server with the granted rights alone signs a person in by a link, asks for a confirmation, changes, undoes, restores and counts it', async () => {
  expect(await command(database.url, 'migrate')).toMatchObject({ code: 0 })
  expect(await command(database.url, 'migrate', '--grant-server', roles.server)).toMatchObject({ code: 0 })
  server = await startServed(root, { DATABASE_URL: as(roles.server) })
  const before = await rowsOf('dark_mode')

  const link = await command(as(roles.server), 'open', '--url', server.url)
  expect(link).toMatchObject({ code: 0, stdout: expect.stringContaining('/sign-in#code=') })
  const given = { code: codeIn(link.stdout) }
  const signedIn = await call('POST', '/api/web/session', {}, given)
  expect(signedIn).toMatchObject({ status: 200, body: { name: expect.stringMatching(/^cli:/), role: 'admin' } })
  expect((await call('POST', '/api/web/session', {}, given)).status).toBe(401)
  const [cookie = ''] = String(signedIn.headers.get('set-cookie')).split(';')
  const person = { cookie, 'x-csrf-token': signedIn.body.csrf, origin: server.url }

  const ending = new AbortController()
  const events = readEvents(await fetch(`${server.url}/api/web/events`, { headers: { cookie }, signal: ending.signal }))
  expect(await events()).toMatchObject({ event: 'hello' })

  const changes = '/api/v4/features/dark_mode/changes'
  const operations = [{ op: 'percentage_of_actors', value: 25 }]
  expect(await call('POST', changes, person, { operations })).toMatchObject({
    status: 428,
    body: { code: 'confirmation_needed' },
  })
  expect(await rowsOf('dark_mode')).toEqual(before)
  /** What its preview gives, and then the change itself. */
  const make = async (path: string, payload: object) => {
    const shown = await call('POST', path, person, { ...payload, dry_run: true })
    expect(shown).toMatchObject({ status: 200, body: { confirm: expect.any(String) } })
    return {
      shown,
      made: await call('POST', path, person, { ...payload, confirm: shown.body.confirm, reason: 'by hand' }),
    }
  }
  const { shown, made } = await make(changes, { operations })
  expect(made).toMatchObject({ status: 200, body: { flag: { state: 'conditional' } } })
  expect(await rowsOf('dark_mode')).toEqual([{ key: 'percentage_of_actors', value: '25' }])
  let event = await events()
  while (event !== null && event.event !== 'flags') event = await events()
  expect(event).toMatchObject({ data: { changes: [{ change_id: made.body.change.id }] } })
  await expect.poll(metrics, { timeout: 30_000, interval: 200 }).toMatchObject({ sluice_web_streams: 1 })
  ending.abort()

  // Seen before the change, and used after it.
  const late = { operations: [{ op: 'enable' }] }
  expect(await call('POST', changes, { ...person, 'if-match': `"${shown.body.revision}"` }, late)).toMatchObject({
    status: 428,
  })
  const used = { operations, confirm: shown.body.confirm }
  expect(await call('POST', changes, person, used)).toMatchObject({ status: 412, body: { code: 'flag_changed' } })

  const undone = await make('/api/v4/features/dark_mode/undo', { change_id: made.body.change.id })
  expect([undone.made.status, await rowsOf('dark_mode')]).toEqual([200, before])
  const restored = await make('/api/v4/features/dark_mode/restore', { revision: made.body.flag.revision })
  expect([restored.made.status, await rowsOf('dark_mode')]).toEqual([
    200,
    [{ key: 'percentage_of_actors', value: '25' }],
  ])
  const [newest] = (await call('GET', '/api/web/history?flag=dark_mode', { cookie })).body.entries
  expect(newest).toMatchObject({ author: signedIn.body.name, source: 'http', reason: 'by hand' })

  // An answer of this route is kept for a while.
  await expect.poll(metrics, { timeout: 30_000, interval: 200 }).toMatchObject({
    'sluice_sign_ins_total{result="done"}': 1,
    'sluice_sign_ins_total{result="wrong"}': 1,
    sluice_previews_total: 3,
    'sluice_changes_refused_total{reason="conflict"}': 1,
    'sluice_changes_refused_total{reason="unconfirmed"}': 2,
    sluice_web_streams: 0,
  })
})

it('a server with the rights of an application serves and signs no person in: it names the command that gives the rights', async () => {
  expect(await command(database.url, 'migrate', '--grant', roles.application)).toMatchObject({ code: 0 })
  server = await startServed(root, { DATABASE_URL: as(roles.application) })
  const refused = {
    status: 503,
    body: { code: 'server_rights_missing', message: expect.stringContaining('migrate --grant-server ROLE') },
  }
  expect(await call('POST', '/api/web/session', {}, { code: 'x'.repeat(43) })).toMatchObject(refused)
  expect(await command(as(roles.application), 'open', '--url', server.url)).toMatchObject({
    ...{ code: 1, stdout: '' },
    stderr: expect.stringContaining('migrate --grant-server ROLE'),
  })
  // Its flags can be changed all the same.
  expect(await command(as(roles.application), 'set', 'canary', 'true')).toMatchObject({ code: 0 })

  // With the rights it needs no restart.
  expect(await command(database.url, 'migrate', '--grant-server', roles.application)).toMatchObject({ code: 0 })
  const good = await command(as(roles.application), 'open', '--url', server.url)
  expect(await call('POST', '/api/web/session', {}, { code: codeIn(good.stdout) })).toMatchObject({ status: 200 })
})

function rowsOf(flag: string) {
  return database.query('select key, value from feature_gates where feature_key = $1 order by 1, 2', [flag])
}
