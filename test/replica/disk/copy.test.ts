// What keeps the copy on the disk as it should be, while other processes and people write there too.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DiskState, readDisk, writeDisk } from '../../../lib/replica/disk/disk.js'
import { DiskCopy } from '../../../lib/replica/disk/copy.js'
import { type DiskFiles, diskFiles } from '../../../lib/replica/disk/file.js'
import type { FlagSnapshot } from '../../../lib/replica/flag-content.js'
import { makeSealer } from '../../../lib/state/sealed.js'
import { ManualClock } from '../../support/manual-clock.js'
import { type RecordingLogger, recordingLogger } from '../../support/recording-logger.js'
import { redefinedFlags, storedFlags } from '../../support/replica.js'

const sealer = makeSealer(null)
const signing = makeSealer('a secret of the tests that is long enough')
const [pollMs, hangMs] = [10_000, 20_000]
let folder: string
let path: string
let opened: DiskCopy[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-disk-'))
  path = join(folder, 'snapshot.json.gz')
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map((copy) => copy.close()))
  await rm(folder, { recursive: true, force: true })
})

function stateAt(version: number, actor = 'User:1', identity = 'a-database'): DiskState {
  const features = [
    { key: 'a_flag', gates: new Map([['actors', [actor]]]) },
    { key: 'b_flag', gates: new Map() },
  ]
  const position = { version: String(version), nonce: `nonce-${version}` }
  return { address: 'here', identity, position, digest: null, inRecovery: false, items: features }
}

interface Process {
  readonly copy: DiskCopy
  readonly clock: ManualClock
  readonly logger: RecordingLogger
  /** How often each function of the file system was called. */
  readonly calls: Record<string, number>
  /** As a replica does after a poll: keeps the snapshot, and goes on for a poll interval. */
  poll(snapshot: FlagSnapshot): Promise<void>
}

function start(options: Partial<ConstructorParameters<typeof DiskCopy>[0]> = {}): Process {
  const [clock, logger] = [new ManualClock(), recordingLogger()]
  const calls: Record<string, number> = {}
  const counted = counting(options.files ?? diskFiles, calls)
  const copy = new DiskCopy({ path, address: 'here', sealer, clock, logger, ...options, files: counted })
  opened.push(copy)
  const poll = async (snapshot: FlagSnapshot) => {
    copy.keep(snapshot)
    await quiet(copy)
    await clock.advance(1_000)
    await quiet(copy) // What the clock has begun takes time of the file system, which is none of the clock's.
    await clock.advance(pollMs - 1_000)
  }
  return { copy, clock, logger, calls, poll }
}

function counting(files: DiskFiles, calls: Record<string, number>): DiskFiles {
  const count = <K extends keyof DiskFiles>(name: K): DiskFiles[K] => {
    const call = files[name]
    return new Proxy(call, {
      apply: (target, self, given) => {
        calls[name] = (calls[name] ?? 0) + 1
        return Reflect.apply(target, self, given)
      },
    })
  }
  return {
    mkdir: count('mkdir'),
    open: count('open'),
    readdir: count('readdir'),
    rename: count('rename'),
    rm: count('rm'),
    stat: count('stat'),
  }
}

/** Waits until nothing is being done with the disk. */
async function quiet(copy: DiskCopy): Promise<void> {
  await vi.waitFor(() => expect(copy.isBusy).toBe(false), { timeout: hangMs, interval: 1 })
}

const read = (from = { address: 'here', identity: 'a-database', sealer }) => readDisk(path, from)

describe('a copy that is kept', () => {
  it('is written by a process that was never told to save anything, and only once', async () => {
    const { poll, calls } = start()
    const snapshot = storedFlags(stateAt(1))
    for (let count = 0; count < 5; count++) await poll(snapshot)
    expect(await read()).toEqual(stateAt(1))
    expect(calls['rename']).toBe(1)
  })

  it('costs one look at the file after each poll in which nothing has changed', async () => {
    const { poll, calls } = start()
    const snapshot = storedFlags(stateAt(1))
    await poll(snapshot)
    const before = { ...calls }
    for (let count = 0; count < 10; count++) await poll(snapshot)
    expect(calls).toEqual({ ...before, stat: (before['stat'] ?? 0) + 10 })
  })

  it('is left as it is where another snapshot holds the same rows, as after a change of the definitions', async () => {
    const { poll, calls } = start()
    await poll(storedFlags(stateAt(1)))
    await poll(redefinedFlags(storedFlags(stateAt(1)), new Map()))
    expect(calls['rename']).toBe(1)
  })

  it('is written anew within seconds where the file, or its folder, was deleted', async () => {
    const { copy, clock, poll } = start()
    const snapshot = storedFlags(stateAt(1))
    await poll(snapshot)
    for (const gone of [path, folder]) {
      await rm(gone, { recursive: true })
      copy.keep(snapshot)
      await quiet(copy)
      await clock.advance(2_000)
      await quiet(copy)
      expect(await read()).toEqual(stateAt(1))
    }
  })

  it.each([
    ['holds an older state', () => writeDisk(path, stateAt(1), sealer)],
    ['holds other content of the same position', () => writeDisk(path, stateAt(2, 'User:2'), sealer)],
    ['holds another state of the same number', () => writeDisk(path, restored(2), sealer)],
    ['is damaged', () => writeFile(path, 'garbage')],
    ['is empty', () => writeFile(path, '')],
    ['belongs to another database', () => writeDisk(path, stateAt(9, 'User:1', 'another'), sealer)],
    ['belongs to another address', () => writeDisk(path, { ...stateAt(9), address: 'there' }, sealer)],
    ['is signed with a secret that is not known', () => writeDisk(path, stateAt(9), signing)],
  ])('is written anew where the file %s', async (_what, spoil) => {
    const { poll } = start()
    await spoil()
    await poll(storedFlags(stateAt(2)))
    expect(await read()).toEqual(stateAt(2))
  })

  it('is written anew, signed, where the file is not and there is a secret', async () => {
    await writeDisk(path, stateAt(2), sealer)
    const { poll } = start({ sealer: signing })
    await poll(storedFlags(stateAt(2)))
    expect(await read({ address: 'here', identity: 'a-database', sealer: signing })).toEqual(stateAt(2))
  })

  it('is written where the same rows were changed without a new position', async () => {
    const { poll } = start()
    await poll(storedFlags(stateAt(2)))
    await poll(storedFlags(stateAt(2, 'User:2')))
    expect(await read()).toEqual(stateAt(2, 'User:2'))
  })

  it('follows a database that was restored to a lower number, where this process wrote the file', async () => {
    const { poll } = start()
    await poll(storedFlags(stateAt(9)))
    await poll(storedFlags(stateAt(3)))
    expect(await read()).toEqual(stateAt(3))
  })

  it('of another process that is ahead stays, until ten minutes show that it belongs to a database that was restored', async () => {
    await writeDisk(path, stateAt(9), sealer)
    const { poll, calls } = start()
    for (let count = 0; count < 59; count++) await poll(storedFlags(stateAt(3)))
    expect(await read()).toEqual(stateAt(9))
    expect(calls['open']).toBe(1)
    for (let count = 0; count < 3; count++) await poll(storedFlags(stateAt(3)))
    expect(await read()).toEqual(stateAt(3))
  })

  it('that was loaded at the start and is what Postgres confirms is not written again', async () => {
    await writeDisk(path, stateAt(2), sealer)
    const { copy, poll, calls } = start()
    expect(await copy.load('a-database')).toEqual(stateAt(2))
    for (let count = 0; count < 3; count++) await poll(storedFlags(stateAt(2)))
    expect(calls['rename']).toBeUndefined()
  })
})

describe('processes that share a path', () => {
  it('of one database leave each other’s files alone, and the newer one stays', async () => {
    const [behind, ahead] = [start(), start()]
    for (let count = 0; count < 20; count++) {
      await behind.poll(storedFlags(stateAt(1)))
      await ahead.poll(storedFlags(stateAt(2)))
    }
    expect(await read()).toEqual(stateAt(2))
    expect([behind.calls['rename'], ahead.calls['rename']]).toEqual([1, 1])
    await behind.poll(storedFlags(stateAt(2)))
    expect(behind.calls['rename']).toBe(1)
  })

  it.each([
    ['of two databases', () => [start(), start()], () => [stateAt(1), stateAt(1, 'User:1', 'another')]],
    ['with and without a secret', () => [start(), start({ sealer: signing })], () => [stateAt(1), stateAt(1)]],
    ['that see other content', () => [start(), start()], () => [stateAt(1), stateAt(1, 'User:2')]],
  ] as const)('%s do not replace each other’s files for ever', async (_who, startBoth, both) => {
    const [one, other] = startBoth()
    const [ours, theirs] = both().map((state) => storedFlags(state))
    if (one === undefined || other === undefined || ours === undefined || theirs === undefined) throw new Error('two')
    for (let count = 0; count < 60; count++) {
      await one.poll(ours)
      await other.poll(theirs)
    }
    for (const { calls } of [one, other]) expect(calls['rename']).toBeLessThanOrEqual(4)
  })

  it('of two databases say so, once', async () => {
    const [one, other] = [start(), start()]
    for (let count = 0; count < 20; count++) {
      await one.poll(storedFlags(stateAt(1)))
      await other.poll(storedFlags(stateAt(1, 'User:1', 'another')))
    }
    const warned = [one, other].flatMap(({ logger }) => logger.lines)
    expect(warned.map(({ level }) => level)).toEqual(['warn'])
    expect(warned[0]?.message).toContain('diskFile')
  })
})

describe('a disk that cannot be written', () => {
  it('is one warning, is tried again ever more rarely, and heals', async () => {
    await writeFile(join(folder, 'file'), 'where the folder should be')
    path = join(folder, 'file', 'snapshot.json.gz')
    const { copy, clock, logger, calls } = start()
    copy.save(storedFlags(stateAt(1)))
    const seconds = async (count: number) => {
      for (let second = 0; second < count; second++) {
        await clock.advance(1_000)
        await quiet(copy)
      }
    }
    await seconds(600)
    const tried = calls['stat'] ?? 0
    expect(tried).toBeGreaterThan(5)
    expect(tried).toBeLessThan(20)
    expect(copy.warning()).toContain('cannot be kept on disk')
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn'])
    await unlink(join(folder, 'file'))
    await seconds(60)
    expect(copy.warning()).toBeNull()
    expect(await read()).toEqual(stateAt(1))
  })

  it('is written to once more at the end', async () => {
    await writeFile(join(folder, 'file'), 'where the folder should be')
    path = join(folder, 'file', 'snapshot.json.gz')
    const { copy, clock } = start()
    copy.save(storedFlags(stateAt(1)))
    await clock.advance(1_000)
    await quiet(copy)
    await unlink(join(folder, 'file'))
    await copy.close()
    expect(await read()).toEqual(stateAt(1))
  })

  it('because a folder is in the place of the file is one warning, and the folder stays', async () => {
    await mkdir(path)
    const { copy, logger, poll } = start()
    expect(await copy.load(null)).toBeNull()
    for (let count = 0; count < 5; count++) await poll(storedFlags(stateAt(1)))
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'feature flags: the snapshot on disk cannot be used',
      expect.stringContaining('a folder in the place of the file'),
    ])
    expect((await stat(path)).isDirectory()).toBe(true)
    expect(await readdir(folder)).toEqual(['snapshot.json.gz'])
  })
})

describe('a file system that does not answer', () => {
  /** Until it is let go, the function answers nothing. */
  function hanging(name: keyof DiskFiles): { readonly files: DiskFiles; asked(): number; letGo(): void } {
    let [asked, letGo] = [0, () => {}]
    const gone = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const late = new Proxy(diskFiles[name], {
      apply: async (target, self, given) => {
        asked += 1
        await gone
        return Reflect.apply(target, self, given)
      },
    })
    return { files: { ...diskFiles, [name]: late }, asked: () => asked, letGo: () => letGo() }
  }

  it.each(['stat', 'open'] as const)('to %s counts as no file after five seconds at the start', async (name) => {
    await writeDisk(path, stateAt(1), sealer)
    const { files } = hanging(name)
    const { copy, clock, logger } = start({ files })
    const loading = copy.load('a-database')
    await clock.advance(0)
    await vi.waitFor(() => expect(clock.waiting).toBe(1), { timeout: hangMs })
    await clock.advance(5_000)
    expect(await loading).toBeNull()
    expect(logger.lines.map(({ fields }) => fields)).toEqual([
      { path, error: 'the file system did not answer within 5 s' },
    ])
  })

  it('is asked nothing more until it answers, warns once, and holds up the end for five seconds at most', async () => {
    const { files, asked, letGo } = hanging('stat')
    const { copy, clock, logger } = start({ files })
    for (let second = 0; second < 120; second++) {
      copy.keep(storedFlags(stateAt(second)))
      copy.save(storedFlags(stateAt(second)))
      await clock.advance(1_000)
    }
    expect(asked()).toBe(1)
    expect(logger.lines).toHaveLength(1)
    expect(copy.warning()).toContain('did not answer')
    let closed = false
    void copy.close().then(() => {
      closed = true
    })
    await clock.advance(5_000)
    expect(closed).toBe(true)
    letGo()
  })

  it('is written to again as soon as it has answered', async () => {
    const { files, letGo } = hanging('rename')
    const { copy, clock } = start({ files })
    copy.save(storedFlags(stateAt(1)))
    await clock.advance(1_000)
    await vi.waitFor(async () => expect((await readdir(folder)).length).toBe(1), { timeout: hangMs })
    await clock.advance(5_000)
    await vi.waitFor(() => expect(copy.warning()).toContain('did not answer'), { timeout: hangMs })
    letGo()
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual(['snapshot.json.gz']), { timeout: hangMs })
    copy.save(storedFlags(stateAt(2)))
    await vi.waitFor(
      async () => {
        await clock.advance(1_000)
        expect(copy.warning()).toBeNull()
      },
      { timeout: hangMs, interval: 10 },
    )
    await vi.waitFor(async () => expect(await read()).toEqual(stateAt(2)), { timeout: hangMs })
  })

  it('while it closes does not hold up the end for longer than five seconds', async () => {
    const { files, asked, letGo } = hanging('open')
    const { copy, clock } = start({ files })
    copy.save(storedFlags(stateAt(1)))
    let closed = false
    void copy.close().then(() => {
      closed = true
    })
    await vi.waitFor(() => expect(asked()).toBe(1), { timeout: hangMs })
    expect(closed).toBe(false)
    await clock.advance(5_000)
    expect(closed).toBe(true)
    letGo()
    await vi.waitFor(async () => expect(await readFile(path)).toBeInstanceOf(Buffer), { timeout: hangMs })
  })
})

function restored(version: number): DiskState {
  return { ...stateAt(version), position: { version: String(version), nonce: 'another-nonce' } }
}
