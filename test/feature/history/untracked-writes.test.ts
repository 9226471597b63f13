// What was written past the triggers is found wherever one flag is looked at.
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { UntrackedWrites } from '../../../lib/feature/history/untracked-writes.js'
import { application, createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { buildApp } from '../../../lib/server/app.js'
import { createToken } from '../../../lib/tokens/tokens.js'
import { createProject, type TestProject } from '../../support/project.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

const unavailable = () =>
  Promise.reject(new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' }))

describe('a look for what was written past the triggers', () => {
  it('never rejects, and says what could not be done', async () => {
    const logger = recordingLogger()
    const found = new UntrackedWrites({ store: { untracked: unavailable, recordUntracked: unavailable }, logger })
    expect([await found.look('a'), await found.look('a'), await found.record('a')]).toEqual([[], [], false])
    expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['warn', { error: 'it is away; wait' }],
      ['warn', { flag: 'a', error: 'it is away; wait' }],
    ])
  })

  it('is silent where nothing was written past them, where the login may not add it, and without a history', async () => {
    const logger = recordingLogger()
    const asked: string[] = []
    const recordUntracked = async (flag: string) => {
      asked.push(flag)
      return null
    }
    const notMigrated = () =>
      Promise.reject(new StoreUnavailable('not_migrated', { problem: 'no table', remedy: 'migrate' }))
    for (const untracked of [async () => [], async () => ['a', 'b'], notMigrated]) {
      expect(await new UntrackedWrites({ store: { untracked, recordUntracked }, logger }).look()).toEqual([])
    }
    expect(asked).toEqual(['a', 'b'])
    expect(logger.lines).toEqual([])
  })
})

describe('rows of a flag that were written past the triggers', () => {
  let project: TestProject
  let database: TestDatabase
  let instance: Instance
  beforeEach(async () => {
    project = await createProject('a_flag')
    database = await createDatabase()
    const logger = recordingLogger()
    const options = {
      root: project.root,
      env: 'production',
      databaseUrl: database.url,
      diskFile: false,
      logger,
    } as const
    instance = createInstance(options, { ...application, recordsUntracked: true })
    await instance.feature.start()
    await instance.feature.enablePercentageOfActors('a_flag', 25)
    await database.query(`set session_replication_role = replica;
      insert into feature_gates (feature_key, key, value) values ('a_flag', 'actors', 'User:1')`)
  })
  afterEach(async () => {
    await instance.feature.stop()
    await project.close()
    await database.close()
  })

  const sources = async () =>
    (await database.query('select source from feature_history order by id')).map(({ source }) => source)

  it.each<[title: string, look: (instance: Instance) => Promise<unknown>]>([
    ['its history is read', ({ feature }) => feature.history({ feature: 'a_flag', limit: 1 })],
    ['a change of it is previewed', ({ feature }) => feature.preview('a_flag', [{ op: 'enable' }])],
    ['its past is read', ({ past }) => past.ofFlag('a_flag', '1')],
  ])('are added to its history when %s', async (_title, look) => {
    await look(instance)
    expect(await sources()).toEqual(['code', 'code', 'untracked'])
    await look(instance)
    expect(await sources()).toHaveLength(3)
  })

  it('are in the revision that a preview shows, so that a change on condition of it is made', async () => {
    const { revision } = await instance.preview('a_flag', [{ op: 'enable' }])
    expect(await instance.revision('a_flag')).toBe(revision)
    expect(revision).toMatch(/^2-/)
  })

  it('mark an explanation of the past that depends on them, and no other', async () => {
    const explain = async (flipperId: string, at?: string) => {
      const options = at === undefined ? {} : { at }
      const { value, reason, approximate, by } = await instance.feature.explain('a_flag', { flipperId }, options)
      return { value, reason, approximate, source: by?.source ?? null }
    }
    // Of the row of User:1 it is not known since when it is there; whether User:2 had the flag does not depend on it.
    const [bucket] = (await instance.feature.explain('a_flag', { flipperId: 'User:2' })).steps.flatMap(
      ({ detail }) => detail?.bucket ?? [],
    )
    const isIn = (bucket ?? 0) < 25_000
    const unmarked = {
      value: isIn,
      reason: isIn ? 'percentage_of_actors' : 'closed',
      approximate: [],
      source: isIn ? 'code' : null,
    }
    expect((await explain('User:1', '1')).approximate).toEqual(['untracked'])
    expect(await explain('User:2', '1')).toEqual(unmarked)
    const found = { value: true, reason: 'actor', approximate: [], source: 'untracked' }
    expect([await explain('User:1', '2'), await explain('User:1')]).toEqual([found, found])
    await instance.feature.enablePercentageOfActors('a_flag', 30)
    expect((await explain('User:1', '1')).approximate).toEqual(['untracked'])
    const all = await instance.explanations.all({
      asked: { actors: [{ flipperId: 'User:1' }], ids: ['User:1'] },
      at: '1',
    })
    expect(all.flags).toMatchObject([{ name: 'a_flag', approximate: ['untracked'] }])
  })

  it('and a history whose older rows were deleted: it says from when on the past is known, and restores nothing older', async () => {
    const { feature } = instance
    // Found and added to the history before the next change.
    await feature.history({ feature: 'a_flag', limit: 1 })
    await feature.enablePercentageOfActors('a_flag', 30)
    const [{ changeId = null, position } = {}] = await feature.history({ feature: 'a_flag', limit: 1 })
    await feature.enablePercentageOfActors('a_flag', 35)
    await database.query('delete from feature_history where version < $1', [position?.version])
    const unknown = { code: 'not_in_history', message: expect.stringMatching(/earliest|known/) }
    await expect(feature.restore('a_flag', '1')).rejects.toMatchObject(unknown)
    await expect(feature.explain('a_flag', { flipperId: 'User:1' }, { at: '1' })).rejects.toMatchObject(unknown)
    expect(feature.get('a_flag').gates).toContainEqual({ key: 'percentage_of_actors', value: 35 })
    await feature.restore('a_flag', changeId ?? '', { acceptUntracked: true })
    expect(feature.get('a_flag').gates).toContainEqual({ key: 'percentage_of_actors', value: 30 })
  })

  it('are not restored without a word: it is refused in code, in a preview and over HTTP, unless what is probable is accepted', async () => {
    const app = await buildApp({ instance, logger: recordingLogger() })
    onTestFinished(() => app.close())
    const { token } = await createToken(instance.tokens, { name: 'ci', scopes: ['write'], expiresAt: null })
    const restore = async (payload: object) => {
      const url = '/api/v4/features/a_flag/restore'
      const answer = await app.inject({ method: 'POST', url, payload, headers: { 'private-token': token } })
      return { status: answer.statusCode, body: answer.json() }
    }
    const refused = { code: 'not_restorable', message: expect.stringMatching(/actors "User:1" .* accept_untracked$/) }
    const { feature } = instance
    await expect(feature.restore('a_flag', '1')).rejects.toMatchObject(refused)
    await expect(instance.restore.preview('a_flag', '1')).rejects.toMatchObject(refused)
    for (const more of [{}, { dry_run: true }, { accept_untracked: false }]) {
      expect(await restore({ at: '1', ...more })).toMatchObject({ status: 400, body: { code: refused.code } })
    }
    // What was found past the triggers has moved the revision, and nothing more was written.
    expect(await sources()).toEqual(['code', 'code', 'untracked'])
    await feature.enablePercentageOfActors('a_flag', 30)
    expect(await restore({ at: '1', accept_untracked: true, dry_run: true })).toMatchObject({ status: 200 })
    expect((await restore({ at: '1', accept_untracked: true })).status).toBe(200)
    expect(feature.get('a_flag').gates).toContainEqual({ key: 'percentage_of_actors', value: 25 })
  })

  it('are added when a difference is found in a process that records them', async () => {
    // A login for which no trigger fires: what it writes has no position, and is read back by name.
    const url = new URL(database.url)
    url.searchParams.set('options', '-c session_replication_role=replica')
    const logger = recordingLogger()
    const options = { root: project.root, env: 'production', databaseUrl: url.href, diskFile: false, logger } as const
    const silent = createInstance(options, { ...application, recordsUntracked: true })
    await silent.feature.start()
    await silent.feature.enable('a_flag')
    await vi.waitFor(async () => expect(await sources()).toContain('untracked'), { timeout: 20_000, interval: 100 })
    await silent.feature.stop()
  })

  it('leave the flags of a changed id told: an undo says what it takes back', async () => {
    const [entry] = await instance.feature.history({ feature: 'a_flag', limit: 10 })
    const change = (await instance.feature.history({ feature: 'a_flag', limit: 10 })).find(({ changeId }) => changeId)
    expect(entry?.source).toBe('untracked')
    await instance.feature.undo(change?.changeId ?? '')
    const told = await database.query('select undoes from feature_changes')
    expect(told).toEqual([{ undoes: change?.changeId }])
  })
})
