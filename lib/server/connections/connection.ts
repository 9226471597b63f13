// One connection: its requests are answered one after the other, each before the next one is parsed.
//
// Node parses all bytes that have arrived (64 kB: some 2,000 pipelined requests) in one go and starts a request for each, whether
// or not the client reads the answers. This class hands the bytes to the parser itself: up to the end of one request's head. The
// rest stays in the stream, which is not read until the answer has been handed to the operating system. So a client that does
// not read its answers costs one answer, and one that sends many requests gets a turn of the event loop for each.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Held } from './connection-book.js'
import type { Turns } from './turns.js'

const headEnd = Buffer.from('\r\n\r\n')
/** A body may hold any bytes, also those that end a head: it is passed on in pieces of at least this many bytes. */
const smallestPiece = 1_024

export interface ConnectionOptions {
  readonly address: string
  /** After this many requests the connection is closed. */
  readonly mostRequests: number
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
  /** The queue of connections whose next request has already come. */
  readonly turns: Turns
}

export class Connection implements Held {
  readonly address: string
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #parse: (chunk: Buffer) => void
  /** One for all requests: a function for each would cost as much as the rest of the bookkeeping. */
  readonly #ended: () => void
  #underWay = 0
  #requests = 0
  #last: { readonly request: IncomingMessage; readonly response: ServerResponse } | null = null
  #changedAtMs: number
  #holds = false

  /** Call it in a `connection` listener that runs after Node's own. */
  constructor(socket: Socket, options: ConnectionOptions) {
    this.address = options.address
    this.#socket = socket
    this.#options = options
    this.#changedAtMs = options.elapsed()
    const [parse] = socket.listeners('data')
    this.#parse = (chunk) => void parse?.call(socket, chunk)
    this.#ended = () => this.#end()
    // With a listener of this class, Node reads through the stream, not past it in C++, where reading cannot be held up.
    socket.removeAllListeners('data')
    socket.on('data', (chunk: Buffer) => this.read(chunk))
  }

  /**
   * The time since which the client has had the next move: to send a request, to send the rest of one, or to read the answer.
   * Otherwise null.
   */
  get idleSinceMs(): number | null {
    if (this.#underWay === 0 || this.#last === null) return this.#changedAtMs
    const { request, response } = this.#last
    return request.complete && !response.writableEnded ? null : this.#changedAtMs
  }

  /** Notes a request that has been parsed. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#underWay += 1
    this.#requests += 1
    this.#last = { request, response }
    this.#changedAtMs = this.#options.elapsed()
    // Node's own bound ignores HTTP/1.0, and still answers requests after the last one.
    if (this.#requests >= this.#options.mostRequests) response.shouldKeepAlive = false
    // A response closes once.
    response.on('close', this.#ended)
  }

  close(): void {
    this.#socket.destroy()
  }

  #end(): void {
    this.#underWay -= 1
    this.#changedAtMs = this.#options.elapsed()
    if (this.#underWay > 0) return
    // Thousands of connections may idle, and need not keep their last request.
    if (this.#last?.request.complete === true) this.#last = null
    if (this.#holds) this.#readOn()
  }

  /** Reads on, after what another listener has read of this connection. */
  read(chunk: Buffer): void {
    const socket = this.#socket
    const inBody = this.#last?.request.complete === false
    // After the end Node's parser belongs to another connection.
    if (socket.destroyed || (this.#requests >= this.#options.mostRequests && !inBody)) return
    if (this.#mustWait(inBody)) {
      this.#hold(chunk)
      if (this.#underWay === 0) this.#readOn()
      return
    }
    const end = endOfPiece(chunk, inBody)
    this.#parse(end === chunk.length ? chunk : chunk.subarray(0, end))
    if (end === chunk.length || !socket.writable) return
    // Node goes on by itself after its own pause: when the body is read, or the answer is drained.
    const pausedByNode = socket.isPaused()
    this.#hold(chunk.subarray(end))
    if (this.#underWay === 0 || (!pausedByNode && this.#last?.request.complete === false)) this.#readOn()
  }

  /** A request whose body is not complete needs the next bytes; all other bytes wait for its answer. */
  #mustWait(inBody: boolean): boolean {
    return this.#socket.writableNeedDrain || (this.#underWay > 0 && !inBody)
  }

  #hold(rest: Buffer): void {
    this.#socket.pause()
    this.#socket.unshift(rest)
    this.#holds = true
  }

  #readOn(): void {
    this.#holds = false
    this.#options.turns.take(() => {
      const socket = this.#socket
      if (socket.destroyed) return
      if (socket.writableNeedDrain) socket.once('drain', () => socket.resume())
      else socket.resume()
    })
  }
}

/** The end of the next head, or of the whole chunk. */
function endOfPiece(chunk: Buffer, inBody: boolean): number {
  const end = chunk.indexOf(headEnd, inBody ? smallestPiece : 0)
  return end === -1 ? chunk.length : end + headEnd.length
}
