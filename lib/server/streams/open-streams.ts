// Responses that stay open and get events, of SDKs and of pages: what is the same for both.
//
// A stream: opened → (events, comments) → ended by this server, or gone because its client, or something on the way, has cut it.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { securityHeaders } from '../security-headers.js'
import type { StreamPlaces } from './places.js'

/** Clients give up a stream that is silent for a minute; gateways do so sooner. */
const commentSeconds = 15
const mostWaitingBytes = 256 * 1024
const endMs = 2_000
const comment = Buffer.from(':\n\n')
const headers = {
  ...securityHeaders,
  'content-type': 'text/event-stream',
  // Gateways that change what they pass on, as by compression, hold events back.
  'cache-control': 'no-cache, no-transform',
  // Otherwise nginx holds the events back.
  'x-accel-buffering': 'no',
  // It ends with its stream: kept open it would hold up the end of a server that nothing else holds up.
  connection: 'close',
} as const

export class OpenStream {
  readonly #response: ServerResponse
  /** Where its bytes go past Node's response, which would frame them anew for each stream; null where the response has to take them. */
  readonly #socket: Socket | null
  /** The second of each quarter minute in which it gets its comment. */
  readonly turn: number
  #isEnded = false
  #isFull = false

  /** Call it when the head has been written. */
  constructor(response: ServerResponse, turn: number) {
    this.#response = response
    this.#socket = response.socket
    this.turn = turn
  }

  /** Whether this server has ended it, or it is gone. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Whether it was ended because its client did not read. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Whether its client has yet to take what it was sent before. */
  get isBehind(): boolean {
    return this.#response.writableLength > 0
  }

  /** A reader that takes nothing must not fill this process's memory. */
  write(bytes: Buffer): void {
    if (this.#isEnded) return
    if (this.#socket === null) this.#response.write(bytes)
    else this.#socket.write(this.#response.chunkedEncoding ? chunkOf(bytes) : bytes)
    if (this.#response.writableLength <= mostWaitingBytes) return
    this.#isFull = true
    this.#response.destroy()
  }

  /** Ends it, with these bytes as the last. */
  end(last?: Buffer): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#response.end(last)
    // A client that does not read holds the connection no longer than this.
    setTimeout(() => this.#response.destroy(), endMs).unref()
  }

  /** Notes that it is gone; false if it had ended before. */
  leave(): boolean {
    const wasOpen = !this.#isEnded
    this.#isEnded = true
    return wasOpen
  }
}

export class OpenStreams {
  readonly #places: StreamPlaces
  readonly #open = new Set<OpenStream>()
  readonly #timer: NodeJS.Timeout
  #second = 0
  #opened = 0
  #isClosed = false

  constructor(places: StreamPlaces) {
    this.#places = places
    this.#timer = setInterval(() => this.#comment(), 1_000)
    this.#timer.unref()
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether there is a place for one more. */
  hasPlace(most: number): boolean {
    return !this.#isClosed && this.#open.size < most && this.#places.isFree
  }

  /**
   * Begins a stream, with its head, in which `more` may add headers. `onEnd` is called once when it is over; `gone`: this server did not
   * end it.
   */
  open(
    response: ServerResponse,
    onEnd: (gone: boolean) => void,
    more: Readonly<Record<string, string>> = {},
  ): OpenStream {
    const { socket } = response
    // The server's limit for silent connections is not meant for this one.
    socket?.setTimeout(0)
    // The head goes with the first event.
    socket?.cork()
    process.nextTick(() => socket?.uncork())
    response.writeHead(200, { ...more, ...headers })
    response.flushHeaders()
    const stream = new OpenStream(response, this.#opened++ % commentSeconds)
    this.#open.add(stream)
    const giveBack = this.#places.take()
    response.once('close', () => {
      this.#open.delete(stream)
      giveBack()
      onEnd(stream.leave())
    })
    return stream
  }

  /** Ends all; safe to call twice. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    for (const stream of this.#open) stream.end()
  }

  #comment(): void {
    this.#second = (this.#second + 1) % commentSeconds
    for (const stream of this.#open) if (stream.turn === this.#second) stream.write(comment)
  }
}

/** By bytes, the same as a chunk of a response: one for all streams that get them. */
const chunks = new WeakMap<Buffer, Buffer>()

function chunkOf(bytes: Buffer): Buffer {
  const known = chunks.get(bytes)
  if (known !== undefined) return known
  const chunk = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
  chunks.set(bytes, chunk)
  return chunk
}

/** An event as it is sent. `id` null: a client that comes back names the one before. */
export function eventBytes(event: string, id: string | number | null, data: string): Buffer {
  return Buffer.from(`${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`)
}
