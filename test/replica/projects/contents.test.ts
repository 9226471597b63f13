// Where the flags of a project come from: memory, the store, and while it is away the copies.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { MemoryCache } from '../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../lib/cache/memory/hub.js'
import { StoreUnavailable } from '../../../lib/errors.js'
import type { ProjectContent } from '../../../lib/project-flags/project.js'
import { ContentCopies } from '../../../lib/replica/projects/content-copies.js'
import { ProjectContents } from '../../../lib/replica/projects/contents.js'
import { makeSealer } from '../../../lib/state/sealed.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { contentOf, flagNamed, listed } from './samples.js'

const closing: ProjectContents[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((contents) => contents.close()))
})

class Contents {
  readonly all = new Map<number, ProjectContent>()
  readonly asked: number[] = []
  down = false

  set(content: ProjectContent): void {
    this.all.set(content.project.id, content)
  }

  async read(id: number): Promise<ProjectContent | null> {
    this.asked.push(id)
    if (this.down) throw new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })
    return this.all.get(id) ?? null
  }
}

interface Around {
  readonly folder?: string | null
  readonly hub?: MemoryCacheHub | null
  readonly mostBytes?: number
  readonly secret?: string | null
  /** The identity of the database. */
  readonly database?: string
}

function start(store: Contents, around: Around = {}) {
  const { folder = null, hub = null, mostBytes, secret = null, database = 'database' } = around
  const [clock, logger] = [new ManualClock(), recordingLogger()]
  const cache = hub === null ? null : new MemoryCache({ hub })
  const copies = new ContentCopies({
    folder,
    cache,
    identity: () => database,
    sealer: makeSealer(secret),
    clock,
    logger,
  })
  const contents = new ProjectContents({
    read: (id) => store.read(id),
    copies,
    clock,
    logger,
    renew: null,
    ...(mostBytes === undefined ? {} : { mostBytes }),
  })
  closing.push(contents)
  const flagsOf = async (project: ReturnType<typeof listed>) => {
    const loaded = await contents.get(project)
    return loaded === null ? null : [loaded.from, ...loaded.content.flags.map(({ name }) => name)]
  }
  return { clock, logger, contents, copies, flagsOf }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'contents-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'contents')
}

const change = (before: ReturnType<typeof listed>, after: ReturnType<typeof listed> | null) => {
  const entry = (project: ReturnType<typeof listed>) => ({
    name: String(project.id),
    stored: { key: String(project.id), gates: new Map() },
    project,
  })
  return [{ name: String(before.id), before: entry(before), after: after === null ? null : entry(after) }]
}

it('content is read at the first demand and then comes from memory, until the directory says that it has changed', async () => {
  const store = new Contents()
  store.set(contentOf({ nonce: 'n-1' }, flagNamed('one')))
  const { contents, flagsOf } = start(store)
  const [first, second] = [listed({ nonce: 'n-1' }), listed({ nonce: 'n-2', revision: 2 })]
  expect(contents.now(first)).toBeNull()
  expect(await flagsOf(first)).toEqual(['store', 'one'])
  expect(await flagsOf(first)).toEqual(['store', 'one'])
  expect(store.asked).toEqual([1])
  store.set(contentOf({ nonce: 'n-2', revision: 2 }, flagNamed('two')))
  contents.follow(change(first, second), true)
  await settle()
  expect(store.asked).toEqual([1, 1])
  expect(contents.now(second)?.content.flags.map(({ name }) => name)).toEqual(['two'])
  expect(contents.now(first)).toBeNull()
})

it('content that is newer than the directory serves the revision that it was read for, and no other one', async () => {
  const store = new Contents()
  store.set(contentOf({ nonce: 'n-9', revision: 9 }, flagNamed('new')))
  const { contents, flagsOf } = start(store)
  expect(await flagsOf(listed({ nonce: 'n-1' }))).toEqual(['store', 'new'])
  expect(contents.now(listed({ nonce: 'n-1' }))).not.toBeNull()
  expect(contents.now(listed({ nonce: 'n-9', revision: 9 }))).not.toBeNull()
  // After a restore the directory has an older revision of another nonce.
  expect(contents.now(listed({ nonce: 'restored', revision: 5 }))).toBeNull()
})

it('one answer of the store is taken over and kept once, although a change is followed while streams wait for it', async () => {
  const store = new Contents()
  const { contents, copies, flagsOf } = start(store)
  const [before, after] = [listed(), listed({ revision: 2, nonce: 'n-2' })]
  store.set(contentOf({}, flagNamed('before')))
  await flagsOf(before)
  const keep = vi.spyOn(copies, 'keep')
  store.asked.length = 0
  store.set(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('after')))
  contents.follow(change(before, after), true)
  expect(await Promise.all([flagsOf(after), flagsOf(after)])).toEqual([
    ['store', 'after'],
    ['store', 'after'],
  ])
  expect([store.asked, keep.mock.calls.length]).toEqual([[1], 1])
})

it('a project that is gone has no content, in memory or on disk', async () => {
  const folder = makeFolder()
  const store = new Contents()
  store.set(contentOf({}, flagNamed('one')))
  const { contents, copies, flagsOf } = start(store, { folder })
  await flagsOf(listed())
  await expect.poll(() => readdirSync(folder)).toEqual(['project-1'])
  store.all.clear()
  contents.follow(change(listed(), null), true)
  await copies.close()
  expect(readdirSync(folder)).toEqual([])
  expect(await flagsOf(listed())).toBeNull()
})

for (const place of ['disk', 'redis'] as const) {
  it(`while the store is away the copy of that very revision serves, from ${place}, and is read again when it is back`, async () => {
    const around = place === 'disk' ? { folder: makeFolder() } : { hub: new MemoryCacheHub() }
    const store = new Contents()
    store.set(contentOf({}, flagNamed('kept')))
    const first = start(store, around)
    await first.flagsOf(listed())
    await first.contents.close()
    store.down = true
    const { clock, contents, flagsOf } = start(store, around)
    await expect.poll(() => flagsOf(listed()).catch(() => null)).toEqual([place, 'kept'])
    await expect(flagsOf(listed({ nonce: 'n-2' }))).resolves.toEqual([place, 'kept'])
    await expect(flagsOf(listed({ id: 2 }))).rejects.toMatchObject({ code: 'store_unavailable' })
    store.down = false
    await clock.advance(2_000)
    contents.now(listed())
    await settle()
    expect(contents.now(listed())?.from).toBe('store')
  })
}

it('a copy that is newer than the directory serves while the store is away, and never that of another database', async () => {
  const around = { folder: makeFolder(), hub: new MemoryCacheHub() }
  const store = new Contents()
  store.set(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('newer')))
  const first = start(store, around)
  await first.flagsOf(listed({ revision: 2, nonce: 'n-2' }))
  await first.contents.close()
  store.down = true
  expect(await start(store, around).flagsOf(listed())).toEqual(['disk', 'newer'])
  expect(await start(store, { hub: around.hub }).flagsOf(listed())).toEqual(['redis', 'newer'])
  const foreign = start(store, { ...around, database: 'other' }).flagsOf(listed())
  await expect(foreign).rejects.toMatchObject({ code: 'store_unavailable' })
})

for (const place of ['disk', 'redis'] as const) {
  it(`what a process went on with, because the newest flags could not be read any more, serves one that is started meanwhile, from ${place}`, async () => {
    const around = place === 'disk' ? { folder: makeFolder() } : { hub: new MemoryCacheHub() }
    const store = new Contents()
    store.set(contentOf({}, flagNamed('before')))
    const first = start(store, around)
    await first.flagsOf(listed())
    store.down = true
    const newer = listed({ revision: 2, nonce: 'n-2' })
    first.contents.follow(change(listed(), newer), false)
    expect((await first.flagsOf(newer))?.at(-1)).toBe('before')
    await settle()
    await first.contents.close()
    expect(await start(store, around).flagsOf(newer)).toEqual([place, 'before'])
    // The directory may be kept seconds later, and then is older.
    expect(await start(store, around).flagsOf(listed())).toEqual([place, 'before'])
    const others = [listed({ revision: 3, nonce: 'n-3' }), listed({ revision: 2, nonce: 'n-other' })]
    for (const other of others) {
      await expect(start(store, around).flagsOf(other)).rejects.toMatchObject({ code: 'store_unavailable' })
    }
    const elsewhere = start(store, { ...around, database: 'other' }).flagsOf(newer)
    await expect(elsewhere).rejects.toMatchObject({ code: 'store_unavailable' })
    store.down = false
    store.set(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('now')))
    const back = start(store, around)
    expect(await back.flagsOf(newer)).toEqual(['store', 'now'])
    await back.contents.close()
    store.down = true
    expect(await start(store, around).flagsOf(newer)).toEqual([place, 'now'])
  })
}

it('a process that cannot read the newest flags takes them from one that could, as soon as that one has read them', async () => {
  const hub = new MemoryCacheHub()
  const [reached, cutOff] = [new Contents(), new Contents()]
  for (const store of [reached, cutOff]) store.set(contentOf({}, flagNamed('before')))
  const [first, second] = [start(reached, { hub }), start(cutOff, { hub, folder: makeFolder() })]
  for (const { flagsOf } of [first, second]) expect(await flagsOf(listed())).toEqual(['store', 'before'])
  cutOff.down = true
  const newer = listed({ revision: 2, nonce: 'n-2' })
  second.contents.follow(change(listed(), newer), false)
  await expect.poll(() => second.flagsOf(newer)).toEqual(['disk', 'before'])
  reached.set(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('now')))
  expect(await first.flagsOf(newer)).toEqual(['store', 'now'])
  await second.clock.advance(2_000)
  await expect.poll(() => second.flagsOf(newer)).toEqual(['redis', 'now'])
})

it('a copy that is found after the store has answered replaces nothing', async () => {
  const store = new Contents()
  store.down = true
  const { clock, contents, copies, flagsOf } = start(store)
  let answer = () => {}
  const slow = new Promise<void>((resolve) => {
    answer = resolve
  })
  vi.spyOn(copies, 'find').mockImplementation(async () => {
    await slow
    return { content: contentOf({}, flagNamed('copy')), from: 'redis' }
  })
  const early = flagsOf(listed())
  await settle()
  store.down = false
  store.set(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('now')))
  await clock.advance(1_500)
  expect(await flagsOf(listed({ revision: 2, nonce: 'n-2' }))).toEqual(['store', 'now'])
  answer()
  expect(await early).toEqual(['store', 'now'])
  expect(contents.now(listed({ revision: 2, nonce: 'n-2' }))).not.toBeNull()
})

it('the newest copy in Redis is kept in place of one that no process could read, whichever process says so', async () => {
  const hub = new MemoryCacheHub()
  const [ahead, behind] = [start(new Contents(), { hub }), start(new Contents(), { hub })]
  ahead.copies.keep(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('newer')))
  await ahead.copies.close()
  behind.copies.keepInPlace(contentOf({}, flagNamed('older')), 'n-3')
  await behind.copies.close()
  const found = await start(new Contents(), { hub }).copies.find(listed({ revision: 3, nonce: 'n-3' }))
  expect(found?.content.flags.map(({ name }) => name)).toEqual(['newer'])
})

it('a large copy that takes long to pack does not replace the one of a later revision', async () => {
  const folder = makeFolder()
  const store = new Contents()
  const { contents, copies, flagsOf } = start(store, { folder })
  const numbers = Array.from({ length: 150_000 }, (_, index) => (index * 7_919) % 65_521).join()
  store.set(contentOf({}, flagNamed('large', { description: numbers })))
  await flagsOf(listed())
  store.set(contentOf({ revision: 2, nonce: 'n-2' }, flagNamed('small')))
  await flagsOf(listed({ revision: 2, nonce: 'n-2' }))
  await contents.close()
  await copies.close()
  store.down = true
  expect(await start(store, { folder }).flagsOf(listed({ revision: 2, nonce: 'n-2' }))).toEqual(['disk', 'small'])
})

it('a copy is read again as soon as the directory comes from the store, also where only streams are open', async () => {
  const around = { folder: makeFolder() }
  const store = new Contents()
  store.set(contentOf({}, flagNamed('before')))
  const first = start(store, around)
  await first.flagsOf(listed())
  await first.contents.close()
  store.down = true
  const { contents, flagsOf } = start(store, around)
  expect(await flagsOf(listed())).toEqual(['disk', 'before'])
  store.down = false
  const asked = store.asked.length
  contents.follow([], true)
  await settle()
  expect(store.asked.length).toBe(asked + 1)
  expect(contents.now(listed())?.from).toBe('store')
})

it('nothing is known: neither copy holds the revision, so the store being away is told', async () => {
  const around = { folder: makeFolder(), hub: new MemoryCacheHub() }
  const store = new Contents()
  store.set(contentOf({}, flagNamed('old')))
  const first = start(store, around)
  await first.flagsOf(listed())
  await first.contents.close()
  store.down = true
  const { flagsOf } = start(store, around)
  await expect(flagsOf(listed({ nonce: 'n-2', revision: 2 }))).rejects.toMatchObject({ code: 'store_unavailable' })
})

it('a copy that was altered, is of another secret, or is no copy counts as missing', async () => {
  const folder = makeFolder()
  const store = new Contents()
  store.set(contentOf({}, flagNamed('kept')))
  const first = start(store, { folder, secret: 'a'.repeat(32) })
  await first.flagsOf(listed())
  await first.contents.close()
  const file = join(folder, 'project-1')
  const bytes = readFileSync(file)
  store.down = true
  const served = async (secret: string | null) =>
    start(store, { folder, secret })
      .flagsOf(listed())
      .catch(() => 'missing')
  expect(await served('a'.repeat(32))).toEqual(['disk', 'kept'])
  expect(await served('b'.repeat(32))).toBe('missing')
  expect(await served(null)).toBe('missing')
  for (const wrong of [bytes.subarray(0, 40), Buffer.from('{}'), Buffer.alloc(0)]) {
    writeFileSync(file, wrong)
    expect(await served('a'.repeat(32))).toBe('missing')
  }
})

it('the contents that were asked for longest ago go first, and none while the store is away', async () => {
  const store = new Contents()
  const filler = flagNamed('f', { description: 'x'.repeat(200) })
  for (let id = 1; id <= 5; id++) store.set(contentOf({ id }, filler))
  const { contents, flagsOf } = start(store, { mostBytes: 14_000 })
  for (let id = 1; id <= 3; id++) await flagsOf(listed({ id }))
  const inMemory = () => [1, 2, 3, 4, 5].filter((id) => contents.now(listed({ id })) !== null)
  await flagsOf(listed({ id: 1 }))
  await flagsOf(listed({ id: 4 }))
  const kept = inMemory()
  expect(kept).toContain(4)
  expect(kept.length).toBeLessThan(4)
  store.down = true
  await expect(flagsOf(listed({ id: 5 }))).rejects.toThrow()
  expect(inMemory()).toEqual(kept)
})

it('a write past the triggers, which moves no revision, is found by comparing what is in use', async () => {
  const store = new Contents()
  store.set(contentOf({}, flagNamed('before')))
  const { clock, contents, logger, flagsOf } = start(store)
  await flagsOf(listed())
  await clock.advance(40 * 60_000)
  expect(logger.lines).toEqual([])
  const tag = contents.now(listed())?.answers.in('production').etag
  store.set(contentOf({}, flagNamed('after')))
  await clock.advance(40 * 60_000)
  expect(await flagsOf(listed())).toEqual(['store', 'after'])
  expect(contents.now(listed())?.answers.in('production').etag).not.toBe(tag)
  expect(logger.lines.map(({ message }) => message)).toEqual([
    'project flags: the flags of a project were written with the triggers off or missing; they were found by comparing the content',
  ])
})
