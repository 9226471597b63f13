// What a whole process does: it ends when its cache is closed, whatever Redis does, and speaks TLS.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findBinary } from '../../../scripts/find-binary.js'
import type { RedisServer } from '../../support/redis-server.js'
import { startRedis } from '../../support/services.js'
import { until } from '../samples.js'
import { compiledProgram } from '../../faults/program.js'

const children: Child[] = []
let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})
afterEach(() => {
  for (const child of children.splice(0)) child.process.kill('SIGKILL')
})
afterAll(() => server?.stop())

interface Child {
  readonly process: ChildProcess
  readonly exited: Promise<number | null>
  output(): string
  tell(): void
}

function start(url: string, environment: NodeJS.ProcessEnv = {}): Child {
  const running = spawn(process.execPath, [compiledProgram('redis'), url], {
    env: { ...process.env, ...environment },
  })
  let output = ''
  const keep = (text: Buffer) => {
    output += text
  }
  running.stdout.on('data', keep)
  running.stderr.on('data', keep)
  const exited = new Promise<number | null>((resolve) => running.once('close', resolve))
  const child = { process: running, exited, output: () => output, tell: () => void running.stdin.write('close\n') }
  children.push(child)
  return child
}

describe('a process', () => {
  it('ends when its cache is closed', async () => {
    const child = start(server.url)
    await until(() => child.output().includes('serving 7'))
    child.tell()
    expect(await child.exited).toBe(0)
    expect(child.output()).toBe('serving 7\nclosed\n')
  })

  it('ends when its cache is closed while Redis is frozen', async () => {
    const child = start(server.url)
    await until(() => child.output().includes('serving 7'))
    server.signal('SIGSTOP')
    child.tell()
    expect(await child.exited).toBe(0)
    server.signal('SIGCONT')
    expect(child.output()).toBe('serving 7\nclosed\n')
  })

  it('ends when its cache is closed while Redis is down', async () => {
    const child = start('redis://:secret@127.0.0.1:1')
    await until(() => child.output().includes('failing'))
    child.tell()
    expect(await child.exited).toBe(0)
    expect(child.output()).toMatch(/^failing Redis \(connection\): connect ECONNREFUSED 127.0.0.1:1\nclosed\n$/)
  })
})

// Comes with the packages of PostgreSQL nearly everywhere.
describe.skipIf(findBinary('openssl') === null)('rediss://', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-tls-'))
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'certificate')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject], {
      stdio: 'pipe',
    })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is served over TLS, and only by a server whose certificate is trusted', async () => {
    const { port, close } = await startTls()
    const url = `rediss://localhost:${port}`
    const trusting = start(url, { NODE_EXTRA_CA_CERTS: join(folder, 'certificate') })
    await until(() => trusting.output().includes('serving 7'))
    const strict = start(url)
    await until(() => strict.output().includes('failing'))
    expect(strict.output()).toMatch(/self.signed certificate/)
    for (const child of [trusting, strict]) {
      child.tell()
      expect(await child.exited).toBe(0)
    }
    await close()
  })

  /** A TLS door before the plain Redis. */
  async function startTls(): Promise<{ readonly port: number; close(): Promise<void> }> {
    const certificate = { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'certificate')) }
    const door = createServer(certificate, (outside) => {
      const inside = connect(server.port, '127.0.0.1')
      for (const socket of [outside, inside]) socket.on('error', () => socket.destroy()) // The other side went away.
      outside.pipe(inside).pipe(outside)
    })
    door.on('tlsClientError', () => {}) // The strict client turns away.
    await new Promise<void>((done) => door.listen(0, 'localhost', done))
    const address = door.address()
    if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
    return { port: address.port, close: () => new Promise((done) => door.close(() => done())) }
  }
})
