// The file on disk, and the copy of the snapshot in it.
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DiskState, readDisk, writeDisk } from '../../../lib/replica/disk/disk.js'
import { DiskCopy } from '../../../lib/replica/disk/copy.js'
import { makeSealer } from '../../../lib/state/sealed.js'
import { ManualClock } from '../../support/manual-clock.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { storedFlags } from '../../support/replica.js'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-disk-'))
  path = join(folder, '.feature', 'snapshot-test.json.gz')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const sealer = makeSealer(null)
const signing = makeSealer('a secret of the tests that is long enough')
const owner = { address: 'here', identity: 'a-database', sealer }
const state: DiskState = {
  address: 'here',
  position: { version: '9007199254740993', nonce: 'a-nonce' },
  identity: 'a-database',
  digest: 'ab12',
  inRecovery: false,
  items: [
    { key: '__proto__', gates: new Map([['boolean', ['true']]]) },
    { key: 'a_flag', gates: new Map([['actors', ['User:1', 'Übung:2', '😀']]]) },
    { key: 'empty', gates: new Map() },
  ],
}

async function place(content: Buffer): Promise<void> {
  await mkdir(join(folder, '.feature'), { recursive: true })
  await writeFile(path, content)
}

describe('the disk file', () => {
  it('gives back what was written, identity and digest too', async () => {
    await writeDisk(path, state, sealer)
    expect(await readDisk(path, owner)).toEqual(state)
    expect(await readDisk(path, { ...owner, identity: null })).toEqual(state)
  })

  it('is readable by its owner alone, and leaves no temporary file', async () => {
    await writeDisk(path, state, sealer)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, '.feature'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(folder, '.feature'))).toEqual(['snapshot-test.json.gz'])
  })

  it('gets all folders that are missing', async () => {
    const deep = join(folder, 'a', 'b', 'c', 'file')
    await writeDisk(deep, state, sealer)
    expect(await readDisk(deep, owner)).toEqual(state)
  })

  it('is null where there is none', async () => {
    expect(await readDisk(path, owner)).toBeNull()
  })

  it('is refused when it belongs to another address or database, and the error names what differs', async () => {
    await writeDisk(path, state, sealer)
    await expect(readDisk(path, { ...owner, address: 'there' })).rejects.toThrow(/another address .*"here".*"there"/)
    await expect(readDisk(path, { ...owner, identity: 'b' })).rejects.toThrow(/another database .*"a-database".*"b"/)
    await writeDisk(path, { ...state, identity: null }, sealer)
    await expect(readDisk(path, owner)).rejects.toThrow('another database')
  })

  it('counts with a secret only where it is signed, for this address', async () => {
    await writeDisk(path, state, sealer)
    await expect(readDisk(path, { ...owner, sealer: signing })).rejects.toThrow('not signed')
    await writeDisk(path, state, signing)
    expect(await readDisk(path, { ...owner, sealer: signing })).toEqual(state)
    await expect(readDisk(path, owner)).rejects.toThrow('FEATURE_CACHE_SECRET')
    await expect(readDisk(path, { ...owner, address: 'there', sealer: signing })).rejects.toThrow('signature')
  })

  it('is refused when it is cut or changed', async () => {
    await writeDisk(path, state, sealer)
    const whole = await readFile(path)
    await place(whole.subarray(0, whole.length - 1))
    await expect(readDisk(path, owner)).rejects.toThrow()
    const changed = Buffer.from(whole)
    changed[whole.length >> 1] = (changed[whole.length >> 1] ?? 0) ^ 1
    await place(changed)
    await expect(readDisk(path, owner)).rejects.toThrow()
  })

  it('is refused when it is no packed state', async () => {
    await place(gzipSync('hello'))
    await expect(readDisk(path, owner)).rejects.toThrow('does not start with a hash')
  })

  it('is written in the place of a symbolic link, and not through it', async () => {
    const victim = join(folder, 'victim')
    await writeFile(victim, 'untouched')
    await mkdir(join(folder, '.feature'))
    await symlink(victim, path)
    await writeDisk(path, state, sealer)
    expect(await readFile(victim, 'utf8')).toBe('untouched')
    expect(await readDisk(path, owner)).toEqual(state)
  })

  it.each([
    ['a folder', 'a folder', () => mkdir(path, { recursive: true })],
    ['a FIFO', 'a FIFO', async () => void execFileSync('mkfifo', [path])],
    ['a device', 'a device', () => symlink('/dev/zero', path)],
    [
      'a link to a FIFO',
      'a FIFO',
      async () => {
        execFileSync('mkfifo', [`${path}.fifo`])
        await symlink(`${path}.fifo`, path)
      },
    ],
    ['a link to itself', 'ELOOP', () => symlink(path, path)],
  ])('is refused and not replaced, and nothing hangs, where there is %s', async (_what, why, make) => {
    await mkdir(join(folder, '.feature'))
    await make()
    await expect(readDisk(path, owner)).rejects.toThrow(why)
    await expect(writeDisk(path, state, sealer)).rejects.toThrow(why)
    expect((await readdir(join(folder, '.feature'))).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('is refused where there is a socket', async () => {
    await mkdir(join(folder, '.feature'))
    const server = createServer()
    await new Promise<void>((done) => server.listen(path, done))
    await expect(readDisk(path, owner)).rejects.toThrow('a socket')
    await expect(writeDisk(path, state, sealer)).rejects.toThrow('a socket')
    await new Promise((done) => server.close(done))
  })

  it.runIf(process.platform === 'linux')('is refused below /proc, where no folder can be made', async () => {
    for (const name of ['/proc/sluice/file', '/proc/1/sluice/deep/file', '/proc/self/fd/sluice/file']) {
      await expect(writeDisk(name, state, sealer)).rejects.toThrow(/ENOENT|EACCES|EPERM/)
      expect(await readDisk(name, owner).catch(() => null)).toBeNull()
    }
  })

  it.runIf(process.platform === 'linux')(
    'that claims to be empty and is not, as those of /proc do, is no state',
    async () => {
      await expect(readDisk('/proc/self/status', owner)).rejects.toThrow()
    },
  )
})

describe('the disk copy', () => {
  const snapshot = storedFlags(state)
  const kept = { ...state, digest: null }

  it('writes once for many saves, and what is waiting when it is closed', async () => {
    const clock = new ManualClock()
    const copy = make(clock)
    for (let count = 0; count < 5; count++) copy.save(snapshot)
    expect(clock.waiting).toBe(1)
    await copy.close()
    await copy.close()
    expect(await copy.load('a-database')).toEqual(kept)
  })

  it('removes what other processes left that were killed in a write, and not what may still be written', async () => {
    const clock = new ManualClock()
    const copy = make(clock)
    const [old, fresh, foreign] = [`${path}.1.a.tmp`, `${path}.2.b.tmp`, join(folder, '.feature', 'another.tmp')]
    await place(Buffer.from('cut off'))
    for (const leftover of [old, fresh, foreign]) await writeFile(leftover, 'cut off')
    const anHourAgo = Date.now() / 1_000 - 3_600
    for (const leftover of [old, foreign]) await utimes(leftover, anHourAgo, anHourAgo)
    copy.save(snapshot)
    await clock.advance(1_000)
    await copy.close()
    expect((await readdir(join(folder, '.feature'))).sort()).toEqual(
      ['another.tmp', 'snapshot-test.json.gz', 'snapshot-test.json.gz.2.b.tmp'].sort(),
    )
  })

  it.each([
    ['a file that cannot be read', 'incorrect header', () => place(Buffer.from('no gzip'))],
    ['the file of another database', '"another"', () => writeDisk(path, { ...state, identity: 'another' }, sealer)],
    ['the file of another address', '"there"', () => writeDisk(path, { ...state, address: 'there' }, sealer)],
    ['a file that is signed', 'is signed', () => writeDisk(path, state, signing)],
  ])('starts without %s, with one line in the log that says why', async (_what, why, make_) => {
    await make_()
    const logger = recordingLogger()
    const copy = make(new ManualClock(), { logger })
    expect(await copy.load('a-database')).toBeNull()
    expect(logger.lines).toHaveLength(1)
    expect(logger.lines[0]?.fields).toMatchObject({ path, error: expect.stringContaining(why) })
    await copy.close()
  })

  function make(clock: ManualClock, options: Partial<ConstructorParameters<typeof DiskCopy>[0]> = {}): DiskCopy {
    return new DiskCopy({ path, address: 'here', sealer, clock, logger: recordingLogger(), ...options })
  }

  it('starts from the file of its address where it is not known yet which database is there', async () => {
    await chmod(folder, 0o700)
    await writeDisk(path, state, sealer)
    expect(await make(new ManualClock()).load(null)).toEqual(state)
  })
})
