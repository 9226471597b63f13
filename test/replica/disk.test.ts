import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DiskState, readDisk, writeDisk } from '../../lib/replica/disk.js'
import { DiskCopy } from '../../lib/replica/disk-copy.js'
import { definitionsSnapshot, wholeSnapshot } from '../../lib/replica/snapshot.js'
import { ManualClock } from '../support/manual-clock.js'
import { recordingLogger } from '../support/recording-logger.js'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-disk-'))
  path = join(folder, '.feature', 'snapshot-test.json.gz')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const state: DiskState = {
  namespace: 'test',
  position: { version: '9007199254740993', nonce: 'a-nonce' },
  databaseId: 'a-database',
  inRecovery: false,
  features: [
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
  it('gives back what was written', async () => {
    await writeDisk(path, state)
    expect(await readDisk(path, 'test')).toEqual(state)
  })

  it('is readable by its owner alone, and leaves no temporary file', async () => {
    await writeDisk(path, state)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, '.feature'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(folder, '.feature'))).toEqual(['snapshot-test.json.gz'])
  })

  it('is null where there is none', async () => {
    expect(await readDisk(path, 'test')).toBeNull()
  })

  it('is refused when it belongs to another namespace', async () => {
    await writeDisk(path, state)
    await expect(readDisk(path, 'other')).rejects.toThrow('namespace "test"')
  })

  it('is refused when it is cut or changed', async () => {
    await writeDisk(path, state)
    const whole = await readFile(path)
    await place(whole.subarray(0, whole.length - 1))
    await expect(readDisk(path, 'test')).rejects.toThrow()
    const changed = Buffer.from(whole)
    changed[whole.length >> 1] = (changed[whole.length >> 1] ?? 0) ^ 1
    await place(changed)
    await expect(readDisk(path, 'test')).rejects.toThrow()
  })

  it('is refused when it is no packed state', async () => {
    await place(gzipSync('hello'))
    await expect(readDisk(path, 'test')).rejects.toThrow('does not start with a hash')
  })

  it('is refused when it is a folder', async () => {
    await mkdir(path, { recursive: true })
    await expect(readDisk(path, 'test')).rejects.toThrow()
  })

  it('does not write through a symbolic link', async () => {
    const victim = join(folder, 'victim')
    await writeFile(victim, 'untouched')
    await mkdir(join(folder, '.feature'))
    await symlink(victim, path)
    await writeDisk(path, state)
    expect(await readFile(victim, 'utf8')).toBe('untouched')
    expect(await readDisk(path, 'test')).toEqual(state)
  })
})

describe('the disk copy', () => {
  const snapshot = wholeSnapshot(definitionsSnapshot(new Map()), state, new Map(), 'postgres', () => {})

  it('writes once for many saves, and what is waiting when it is closed', async () => {
    const clock = new ManualClock()
    const copy = new DiskCopy({ path, namespace: 'test', clock, logger: recordingLogger() })
    for (let count = 0; count < 5; count++) copy.save(snapshot)
    expect(clock.waiting).toBe(1)
    await copy.close()
    await copy.close()
    expect(await copy.load()).toEqual(state)
  })

  it('removes what others that were killed in a write left, and not what may still be written', async () => {
    const clock = new ManualClock()
    const copy = new DiskCopy({ path, namespace: 'test', clock, logger: recordingLogger() })
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

  it('says once that a folder cannot be written, in its warning and in the log', async () => {
    const clock = new ManualClock()
    const logger = recordingLogger()
    await writeFile(join(folder, '.feature'), 'a file where the folder should be')
    const copy = new DiskCopy({ path, namespace: 'test', clock, logger })
    for (let count = 0; count < 3; count++) {
      copy.save(snapshot)
      await copy.close()
    }
    expect(logger.lines).toHaveLength(1)
    expect(copy.warning()).toContain('cannot be kept on disk')
  })

  it('starts without a file that cannot be read, with one line in the log', async () => {
    await place(Buffer.from('no gzip'))
    await chmod(path, 0o600)
    const logger = recordingLogger()
    const copy = new DiskCopy({ path, namespace: 'test', clock: new ManualClock(), logger })
    expect(await copy.load()).toBeNull()
    expect(logger.lines).toHaveLength(1)
  })
})
