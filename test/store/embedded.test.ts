// The embedded store in one process.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { EmbeddedStore } from '../../lib/store/embedded.js'
import { embeddedPackages } from '../../lib/embedded-postgres/engine.js'
import { prepareFolder, publicPort } from '../../lib/embedded-postgres/folder.js'
import { changeOf } from '../support/change.js'
import { copyMadeDatabase } from '../support/made-database.js'
import { recordingLogger } from '../support/recording-logger.js'

let root: string
const stores: EmbeddedStore[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-embedded-'))
})

afterEach(async () => {
  for (const store of stores.splice(0).reverse()) await store.close()
  await rm(root, { recursive: true, force: true })
})

function newStore(onProgress: (message: string) => void = () => {}): EmbeddedStore {
  const tables = { features: 'features', gates: 'feature_gates' }
  const store = new EmbeddedStore({
    root,
    tables,
    logger: silentLogger,
    progress: { info: (_, message) => onProgress(message) },
  })
  stores.push(store)
  return store
}

function enable(store: EmbeddedStore, feature: string) {
  const id = `change of ${feature}`
  return store.apply({ ...changeOf({ feature, operation: { kind: 'enable' } }), id })
}

it('the embedded store refuses to work before it is opened and after it is closed', async () => {
  const store = newStore()
  await expect(store.head(null)).rejects.toMatchObject({ code: 'not_started' })
  await store.open()
  await store.close()
  await store.close()
  await expect(store.readAll()).rejects.toMatchObject({ code: 'not_started' })
  await expect(store.tokens.list()).rejects.toMatchObject({ code: 'not_started' })
  await expect(store.open()).rejects.toMatchObject({ code: 'not_started' })
})

it('the embedded store says what takes long, differently the first time', async () => {
  const heard: string[] = []
  const first = newStore((message) => heard.push(message))
  await first.open()
  await first.close()
  await newStore((message) => heard.push(message)).open()
  expect(heard).toEqual(['Making the embedded Postgres (first start) …', 'Starting the embedded Postgres …'])
})

it('the embedded store goes on with reads, writes and tokens when the owner leaves, in whichever of the others asks first', async () => {
  await copyMadeDatabase(root)
  const [owner, second, third] = [newStore(), newStore(), newStore()]
  await owner.open()
  await Promise.all([second.open(), third.open()])
  await enable(owner, 'one')
  await owner.close()
  const applied = await Promise.all([enable(second, 'two'), enable(third, 'three')])
  expect(applied.map(({ changed }) => changed)).toEqual([true, true])
  expect([second.owning, third.owning].toSorted()).toEqual([false, true])
  const next = second.owning ? second : third
  const last = second.owning ? third : second
  await next.close()
  const digest = Buffer.alloc(32)
  await last.tokens.create({ id: 'id', name: 'name', digest, scopes: ['read'], expiresAt: null })
  expect(await last.tokens.find('id')).toMatchObject({ name: 'name' })
  expect((await last.readAll()).items.map(({ key }) => key)).toEqual(['one', 'three', 'two'])
  // The position and the history go on as well.
  expect((await last.history({ limit: 100 })).map(({ changeId }) => changeId)).toContain('change of two')
})

it('the embedded store says what to install where PGlite is missing', async () => {
  vi.doMock('@electric-sql/pglite', () => {
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  })
  // Not after each test: Vitest takes up what waits at once, and an old word to unmock may come after this mock.
  onTestFinished(() => {
    vi.doUnmock('@electric-sql/pglite')
    vi.resetModules()
  })
  await expect(newStore().open()).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining(`npm install ${embeddedPackages.map(({ install }) => install).join(' ')}`),
  })
})

it('the embedded store names the versions that it is tested with', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const wanted = Object.fromEntries(embeddedPackages.map(({ install }) => install.match(/^(.+)@(.+)$/)?.slice(1) ?? []))
  expect(manifest).toMatchObject({ devDependencies: wanted })
})

it('the embedded store repairs by itself, when it starts, triggers that were lost, and says so', async () => {
  await copyMadeDatabase(root)
  const first = newStore()
  await first.open()
  const { sockets } = await prepareFolder(root)
  const client = new Client({ host: sockets, port: publicPort, user: 'postgres', database: 'postgres' })
  await client.connect()
  await client.query('drop function feature_gate_changed cascade')
  await client.end()
  await enable(first, 'before')
  const before = await first.head(null)
  await first.close()
  const logger = recordingLogger()
  const tables = { features: 'features', gates: 'feature_gates' }
  const second = new EmbeddedStore({ root, tables, logger })
  stores.push(second)
  await second.open()
  expect(await second.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
  expect((await second.readSince(before.position)).delta).toBeNull()
  expect((await second.head(null)).identity).toBe(before.identity)
  const repaired = [
    'function feature_gate_changed (missing)',
    'trigger feature_history_record on public.feature_gates (missing)',
  ]
  expect(logger.lines.map(({ fields }) => fields)).toContainEqual({ repaired })
  expect((await second.migrate()).repaired).toEqual(repaired)
})
