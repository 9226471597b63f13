// A network link that a test can break: everything that goes to a server over it is passed on, delayed, throttled, lost
// or cut, and this can change while connections are open.
import { connect, createServer, type Socket } from 'node:net'

export type LinkMode =
  | 'pass'
  /** New connections are closed at once, open ones stay. */
  | 'refuse'
  /** Everything is lost, in both directions, and nobody is told. What lost something is cut when the link heals. */
  | 'swallow'
  /** Each connection is reset at the first byte. */
  | 'reset'

export interface Link {
  readonly port: number
  mode: LinkMode
  /** Where new connections lead. */
  target: number
  /** Each piece arrives this much later. */
  delayMs: number
  /** Infinity: not throttled. */
  bytesPerSecond: number
  /** All connections are cut after this many bytes more. */
  bytesLeft: number
  /** Told what clients send, as it passes. */
  onRequest: ((data: Buffer) => void) | null
  /** How many connections are open now. */
  connections(): number
  /** The most connections that were open at once since the last call. */
  takePeak(): number
  cut(): void
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  lossy: boolean
}

/** Opens a link to a port of this machine. */
export async function openLink(target: number): Promise<Link> {
  const pairs = new Set<Pair>()
  let peak = 0
  let mode: LinkMode = 'pass'
  const listener = createServer((client) => {
    if (mode === 'refuse') {
      client.resetAndDestroy()
      return
    }
    const pair = { client, server: connect(link.target, '127.0.0.1'), lossy: false }
    pairs.add(pair)
    peak = Math.max(peak, pairs.size)
    for (const socket of [pair.client, pair.server]) {
      socket.on('error', () => {}) // Broken on purpose, or the other side is gone: 'close' follows.
      socket.on('close', () => end(pair))
    }
    carry(link, pair, pair.client, pair.server)
    carry(link, pair, pair.server, pair.client)
  })
  const end = (pair: Pair) => {
    pairs.delete(pair)
    pair.client.destroy()
    pair.server.destroy()
  }
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  const link: Link = {
    port: address.port,
    target,
    delayMs: 0,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    bytesLeft: Number.POSITIVE_INFINITY,
    onRequest: null,
    get mode() {
      return mode
    },
    set mode(next) {
      mode = next
      if (next === 'pass') for (const pair of [...pairs]) if (pair.lossy) end(pair)
    },
    connections: () => pairs.size,
    takePeak: () => {
      const was = peak
      peak = pairs.size
      return was
    },
    cut: () => {
      for (const pair of [...pairs]) end(pair)
    },
    close: async () => {
      link.cut()
      await new Promise((done) => listener.close(done))
    },
  }
  return link
}

/** Carries one direction, in order. */
function carry(link: Link, pair: Pair, from: Socket, to: Socket): void {
  let before: Promise<void> = Promise.resolve()
  let pending = 0
  from.on('data', (data) => {
    if (link.mode === 'swallow') {
      pair.lossy = true
      return
    }
    if (link.mode === 'reset') {
      pair.client.resetAndDestroy()
      return
    }
    if (from === pair.client) link.onRequest?.(data)
    const piece = data.subarray(0, Math.min(data.length, link.bytesLeft))
    link.bytesLeft -= piece.length
    const waitMs = link.delayMs + (piece.length / link.bytesPerSecond) * 1_000
    if (waitMs === 0 && pending === 0) {
      to.write(piece)
    } else {
      pending += 1
      const due = new Promise((resume) => setTimeout(resume, waitMs))
      before = before
        .then(() => due)
        .then(() => {
          pending -= 1
          to.write(piece)
        })
    }
    if (piece.length < data.length) link.cut()
  })
}
