// A share of a flag, from a preview to its undoing: by the command line and over HTTP, on a real Postgres and a real server.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run, sampleFiles } from '../cli/run.js'
import { makeFolder } from '../support/project.js'
import { type Served, startServed } from '../support/served.js'
import { createDatabase, type TestDatabase } from '../support/services.js'

let database: TestDatabase
let server: Served
let token: string
const root = makeFolder(sampleFiles)

beforeAll(async () => {
  database = await createDatabase()
  server = await startServed(root, { DATABASE_URL: database.url })
  token = (await commandLine('token', 'create', '--name', 'flow')).stdout.trim()
}, 180_000)

afterAll(async () => {
  server.process.kill('SIGTERM')
  await once(server.process, 'close')
  await database.close()
  rmSync(root, { recursive: true, force: true })
})

const commandLine = (...argv: string[]) => run(argv, { root, options: { databaseUrl: database.url } })

interface Sent {
  readonly status: number
  readonly etag: string | null
  /** Parsed JSON, which the assertions look into. */
  readonly body: ReturnType<typeof JSON.parse>
}

async function send(body: object, revision?: string, what = 'changes'): Promise<Sent> {
  const answer = await fetch(`${server.url}/api/v4/features/dark_mode/${what}`, {
    method: 'POST',
    headers: {
      'private-token': token,
      'content-type': 'application/json',
      ...(revision === undefined ? {} : { 'if-match': `"${revision}"` }),
    },
    body: JSON.stringify(body),
  })
  return { status: answer.status, etag: answer.headers.get('etag'), body: await answer.json() }
}

const share = (value: number) => ({ operations: [{ op: 'percentage_of_actors', value }] })
const rows = () => database.query("select key, value from feature_gates where feature_key = 'dark_mode' order by 1, 2")

it('shows what a change will do, makes it for the revision that was seen, refuses it for another, and undoes it', async () => {
  await commandLine('set', 'dark_mode', '25', '--actors')
  await commandLine('set', 'dark_mode', 'true', '--user', '1,2,3')
  const before = await rows()

  const shown = JSON.parse((await commandLine('set', 'dark_mode', '50', '--actors', '--dry-run', '--json')).stdout)
  const previewed = await send({ ...share(50), dry_run: true })
  expect(previewed).toEqual({ status: 200, etag: `"${shown.revision}"`, body: shown })
  expect(shown).toMatchObject({
    before: { state: 'conditional', summary: 'on for 3 actors and 25 % of actors; off for everybody else' },
    after: { state: 'conditional', summary: 'on for 3 actors and 50 % of actors; off for everybody else' },
    gates: [{ gate: 'percentage_of_actors', before: 25, after: 50 }],
    effect: { actor_class: 'User', known: 3, gain: 0, lose: 0 },
  })
  expect(await rows()).toEqual(before)

  const made = await send({ ...share(50), reason: 'second step' }, shown.revision)
  expect(made.status).toBe(200)
  expect(made.body.flag).toMatchObject({ name: 'dark_mode', revision: made.etag?.slice(1, -1) })
  expect(await rows()).toContainEqual({ key: 'percentage_of_actors', value: '50' })

  const refused = await send(share(75), shown.revision)
  expect(refused).toMatchObject({
    status: 412,
    etag: made.etag,
    body: {
      code: 'flag_changed',
      current: { revision: made.body.flag.revision },
      changes: [{ change_id: made.body.change.id, author: 'token:flow', reason: 'second step' }],
      rebase: 'conflict',
    },
  })
  expect(refused.body.changes[0].sentence).toBe('25 → 50 % of actors')

  await commandLine('set', 'dark_mode', 'true', '--user', '4')
  const undone = await commandLine('undo', made.body.change.id, '--json')
  expect(JSON.parse(undone.stdout)).toMatchObject({
    undone: made.body.change.id,
    flags: [{ name: 'dark_mode', summary: 'on for 4 actors and 25 % of actors; off for everybody else' }],
  })
  expect(await rows()).toEqual([...before.slice(0, 3), { key: 'actors', value: 'User:4' }, ...before.slice(3)])
  expect((await commandLine('undo', made.body.change.id)).stderr).toContain('was changed again since')

  const to = { revision: shown.revision }
  const { body } = await send({ ...to, dry_run: true }, undefined, 'restore')
  expect(body.later).toMatchObject([{ reason: 'undo of: 25 → 50 % of actors' }, {}, { reason: 'second step' }])
  const restored = await send({ ...to, reason: 'as it was' }, body.revision, 'restore')
  expect([restored.status, await rows()]).toEqual([200, before])
  await send({ change_id: restored.body.change.id }, undefined, 'undo')
  expect(await rows()).toContainEqual({ key: 'actors', value: 'User:4' })
})
