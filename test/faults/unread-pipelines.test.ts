// Clients without a token that send many requests at once, and read the answers or do not.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { limitConnections } from '../../lib/server/connections/connections.js'
import { createProject, type TestProject } from '../support/project.js'
import { allOf, atMost } from './figures.js'
import { type Probe, ServerProcess } from './server-process.js'
import { hangMs, size } from './size.js'
import { compiledProgram } from './program.js'

const requests = size(300, 1_700)
const probedMs = size(300, 3_000)
const probeEveryMs = 10

let project: TestProject
let server: ServerProcess
let sockets: Socket[] = []

/** Each test of the block gets a server of its own. */
function withServer(): void {
  beforeEach(async () => {
    project = await createProject('quiet')
    server = await ServerProcess.start(project.root, 384)
    // What a first request loads is no part of the fault.
    for (let count = 0; count < 20; count += 1) await server.probe()
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    sockets = []
    await server.kill()
    await project.close()
  })
}

/** Opens so many connections that each send a burst. */
function flood(connections: number, path: string, reads: boolean): void {
  const burst = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`.repeat(requests))
  for (let count = 0; count < connections; count += 1) {
    const socket = connect(server.port, '127.0.0.1')
    // The server may close it at one of its bounds.
    socket.on('error', () => {})
    if (reads) socket.resume()
    socket.write(burst)
    sockets.push(socket)
  }
}

/** Probes one after the other, as an orchestrator does, and the most memory meanwhile. */
async function watch(): Promise<{ probes: readonly Probe[]; mostMb: number | null }> {
  const end = performance.now() + probedMs
  const probes: Probe[] = []
  let mostMb = server.memoryMb()
  while (performance.now() < end && server.isAlive) {
    probes.push(await server.probe())
    const nowMb = server.memoryMb()
    if (nowMb !== null) mostMb = Math.max(mostMb ?? 0, nowMb)
    await new Promise((resolve) => setTimeout(resolve, probeEveryMs))
  }
  return { probes, mostMb }
}

interface Report {
  readonly fault: string
  readonly beforeMb: number | null
  readonly seen: Awaited<ReturnType<typeof watch>>
  /** Whether it goes on for as long as is probed: of what is over after three probes, the 99th percentile is the worst again. */
  readonly lasting: boolean
}

function report({ fault, beforeMb, seen: { probes, mostMb }, lasting }: Report): void {
  const times = probes.map(({ ms }) => ms).sort((a, b) => a - b)
  allOf(fault, 'probes answered', probes.filter(({ status }) => status === 200).length, probes.length)
  if (lasting) {
    atMost(fault, 'liveness p99', 100, times[Math.ceil(times.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY, ' ms')
  }
  atMost(fault, 'liveness at worst', 500, times.at(-1) ?? Number.POSITIVE_INFINITY, ' ms')
  if (beforeMb !== null && mostMb !== null) atMost(fault, 'memory added', 100, mostMb - beforeMb, ' MB')
}

describe('requests that ten connections send at once', { timeout: hangMs }, () => {
  withServer()
  const paths = ['/api/v4/openapi.json', '/-/metrics', '/-/liveness', '/nothing', '/api/v4/features'] as const
  const all = paths.flatMap((path) => [[path, 'unread', false] as const, [path, 'read', true] as const])

  it.each(size(all.slice(2, 3), all))(
    'to %s, their answers %s, keep no probe from its answer',
    async (path, how, reads) => {
      const beforeMb = server.memoryMb()
      flood(10, path, reads)

      const seen = await watch()

      report({ fault: `${requests} × 10 ${path}, ${how}`, beforeMb, seen, lasting: true })
      expect(server.isAlive).toBe(true)
      expect(seen.probes.map(({ status }) => status)).toEqual(seen.probes.map(() => 200))
    },
  )
})

describe('answers that forty connections do not read', { timeout: hangMs }, () => {
  withServer()
  it('do not end a server with a heap of 384 MB', async () => {
    const beforeMb = server.memoryMb()
    flood(40, '/api/v4/openapi.json', false)

    const seen = await watch()

    report({ fault: `${requests} × 40 documents, unread`, beforeMb, seen, lasting: true })
    expect(server.isAlive).toBe(true)
    expect(seen.probes.map(({ status }) => status)).toEqual(seen.probes.map(() => 200))
  })
})

describe('more connections than may be', { timeout: hangMs }, () => {
  withServer()
  it('that say nothing, or half of a request, keep no probe from its answer', async () => {
    const beforeMb = server.memoryMb()
    const count = size(150, 1_500)
    const clients = spawn(process.execPath, [compiledProgram('silentClients'), String(server.port), String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      // What is measured begins when the server has all of them to deal with.
      await once(clients.stdout, 'data')

      const seen = await watch()

      report({ fault: `${count} silent connections`, beforeMb, seen, lasting: false })
      expect(clients.exitCode).toBe(null)
      expect(server.isAlive).toBe(true)
      expect(seen.probes.map(({ status }) => status)).toEqual(seen.probes.map(() => 200))
    } finally {
      clients.kill('SIGKILL')
    }
  })
})

describe('the watch over pipelines', { timeout: hangMs }, () => {
  /** How many requests of one burst a server begins while their answers are not read. */
  async function begunAtOnce(protect: boolean): Promise<number> {
    const answer = Buffer.alloc(1_000_000)
    let underWay = 0
    let most = 0
    const bare = createServer((_request, response) => {
      underWay += 1
      most = Math.max(most, underWay)
      response.once('close', () => {
        underWay -= 1
      })
      response.end(answer)
    })
    if (protect) {
      const limits = { connections: 10, connectionsPerAddress: 10, requestsPerConnection: 1_000 }
      const given = { limits, isProxy: () => false, logger: silentLogger, elapsed: () => performance.now() }
      const times = { silenceMs: 10_000, keepAliveMs: 10_000, unreadMs: 10_000 }
      bare.prependListener('request', limitConnections(bare, given, { reads: () => null, ...times }).begin)
    }
    bare.listen(0, '127.0.0.1')
    await once(bare, 'listening')
    const address = bare.address()
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1').pause()
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(100))
    await vi.waitFor(() => expect(most).toBeGreaterThan(0), { timeout: 30_000 })
    socket.destroy()
    await new Promise((resolve) => bare.close(resolve))
    return most
  }

  it('sees that one request is answered at a time', async () => {
    expect(await begunAtOnce(true)).toBe(1)
  })

  it('notices a server that begins all that it has read', async () => {
    expect(await begunAtOnce(false)).toBe(100)
  })
})
