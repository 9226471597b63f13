// Upgrading: what older versions have left in Redis and on disk is taken over, or passed by where its format was another, as
// docs/operations.md says; without a word in the log.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { answersOf, OlderVersion, unreachable } from '../support/older-version.js'
import { databaseOf, databaseOfSameIdentity, redisOf, upgraded, waiting } from './upgraded.js'

const away =
  'feature flags: the store cannot be read; until it can be read, answers come from the copy on disk, otherwise from the defaults'
const stays = 'feature flags: the store cannot be read; the last good snapshot stays'

describe('what commit 1836b99 has left outside of Postgres', () => {
  const older = new OlderVersion('1836b99')

  it('is in Redis what a process starts from while Postgres is away', async () => {
    const { logged, untilRight } = await upgraded()
    const { url, changed } = await redisOf(older)
    await untilRight({ databaseUrl: unreachable, redisUrl: url, diskFile: false }, async (feature) => {
      expect(answersOf(feature)).toEqual(older.told.answers)
      expect(feature.status()).toMatchObject({ source: 'redis', position: older.told.exported.position })
      await vi.waitFor(() => expect(logged()).toEqual([stays]), waiting)
    })
    expect(await changed()).toEqual([])
  })

  it('is in Redis what a process starts from beside Postgres, which finds it equal and leaves it as it is', async () => {
    const { logged, untilRight } = await upgraded()
    const databaseUrl = await databaseOfSameIdentity(older)
    const { url, changed } = await redisOf(older)
    await untilRight({ databaseUrl, redisUrl: url, diskFile: false }, async (feature) => {
      expect(answersOf(feature)).toEqual(older.told.answers)
      await vi.waitFor(() => expect(feature.counts().refreshes.none).toBeGreaterThan(2), waiting)
      expect(feature.counts().refreshes).toMatchObject({ delta: 0, whole: 0, failed: 0 })
      expect(feature.status()).toMatchObject({ source: 'postgres', degraded: false, warnings: [] })
      expect(logged()).toEqual([])
    })
    expect(await changed()).toEqual([])
  })

  it('is on disk what a process starts from while Postgres and Redis are away', async () => {
    const { root, logged, start } = await upgraded()
    older.loadDisk(root)
    const feature = await start({ databaseUrl: unreachable })
    expect(answersOf(feature)).toEqual(older.told.answers)
    expect(feature.status()).toMatchObject({ source: 'disk', position: older.told.exported.position, degraded: true })
    expect(logged()).toEqual([away])
  })
})

describe('what commit 31d8887 has left outside of Postgres', () => {
  const older = new OlderVersion('31d8887')

  it('stays in Redis as it is, and processes share their own beside it', async () => {
    const { logged, untilRight } = await upgraded()
    const database = await databaseOf(older)
    const { url, changed, client } = await redisOf(older)
    await untilRight({ databaseUrl: database.url, redisUrl: url, diskFile: false }, async (feature) => {
      await feature.refresh()
      expect(answersOf(feature)).toEqual(older.told.answers)
      await vi.waitFor(async () => expect(await client.keys('sluice:3:*:pointer')).toHaveLength(1), waiting)
      expect(feature.status()).toMatchObject({ source: 'postgres', degraded: false, warnings: [] })
      expect(logged()).toEqual([])
    })
    expect(await changed()).toEqual([])
  })

  it('is not started from, in Redis or on disk, while Postgres is away', async () => {
    const { root, logged, untilRight } = await upgraded()
    const { url, changed } = await redisOf(older)
    older.loadDisk(root)
    await untilRight({ databaseUrl: unreachable, redisUrl: url }, async (feature) => {
      expect(feature.status()).toMatchObject({ source: 'definitions', position: null, degraded: true })
      expect(feature.enabled('on_by_default')).toBe(true)
      expect(feature.enabled('turned_on')).toBe(false)
      expect(logged()).toEqual([away])
    })
    expect(await changed()).toEqual([])
  })

  it('stays on disk as it is, and the copy of this version lies beside it', async () => {
    const { root, logged, start } = await upgraded()
    older.loadDisk(root)
    const database = await databaseOf(older)
    const feature = await start({ databaseUrl: database.url })
    await feature.refresh()
    expect(answersOf(feature)).toEqual(older.told.answers)
    const folder = join(root, '.feature')
    await vi.waitFor(() => expect(readdirSync(folder).filter((name) => name.endsWith('.gz'))).toHaveLength(2), waiting)
    for (const [name, bytes] of older.disk) expect(readFileSync(join(folder, name))).toEqual(bytes)
    expect(logged()).toEqual([])
  })

  it('is replaced on disk at a path that the application has named, after one warning where it is needed', async () => {
    const { root, logger, logged, start } = await upgraded()
    older.loadDisk(root)
    const [name = ''] = older.disk.keys()
    const diskFile = join(root, '.feature', name)
    const lost = await start({ databaseUrl: unreachable, diskFile })
    expect(lost.status()).toMatchObject({ source: 'definitions' })
    expect(logged()).toEqual([away, 'feature flags: the snapshot on disk cannot be used'])
    expect(logger.lines[1]?.fields).toMatchObject({
      error: 'the content has the format 2; this version of Sluice reads 3',
    })
    await lost.stop()
    logger.lines.length = 0
    const database = await databaseOf(older)
    const feature = await start({ databaseUrl: database.url, diskFile })
    await vi.waitFor(() => expect(readFileSync(diskFile)).not.toEqual(older.disk.get(name)), waiting)
    await feature.stop()
    expect(logged()).toEqual([])
    await database.close()
    const again = await start({ databaseUrl: database.url, diskFile })
    expect(answersOf(again)).toEqual(older.told.answers)
    expect(again.status()).toMatchObject({ source: 'disk' })
  })
})
