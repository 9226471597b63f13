// One connection before Node's parser has seen it. As long as each chunk of bytes is one request that the front answers, Node's code
// for HTTP is not needed: it would take more time than the answer. The first other bytes go to Node with the connection, for good.
import type { Socket } from 'node:net'
import type { Held } from './connection-book.js'
import type { AnswerTo, Front } from './front.js'

export interface FrontConnectionOptions {
  readonly reads: Front['reads']
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
  /** Whether one more request may be answered here, after that many. */
  readonly mayAnswer: (requests: number) => boolean
  /** A client that connects and stays silent has so long to send a request. */
  readonly silenceMs: number
  /** A connection that has been answered waits so long for the next request. */
  readonly keepAliveMs: number
  /** A client that does not read its answer is cut off after this time. */
  readonly unreadMs: number
  /** Gives the connection to Node, with the bytes that came last. Nothing of this class touches the socket any more. */
  readonly handOver: (connection: FrontConnection, socket: Socket, bytes: Buffer) => void
  /** Tells a client that it was silent for too long. */
  readonly tooLate: (socket: Socket) => void
}

/** A longer request is read anew each time: thousands of connections keep one. SDKs send some 400 bytes. */
const mostKept = 1_024

export class FrontConnection implements Held {
  readonly address: string
  readonly #socket: Socket
  readonly #options: FrontConnectionOptions
  #requests = 0
  #changedAtMs: number
  #isTold = false
  /** Of the second request on: an SDK that keeps its connection sends the same bytes each time. */
  #last: { readonly bytes: Buffer; readonly answer: AnswerTo } | null = null

  /** Call it in a `connection` listener, instead of Node's own. `address` as limits count it. */
  constructor(socket: Socket, address: string, options: FrontConnectionOptions) {
    this.address = address
    this.#socket = socket
    this.#options = options
    this.#changedAtMs = options.elapsed()
    socket.setTimeout(options.silenceMs)
    socket.on('error', ignore)
    socket.on('end', end)
    socket.on('timeout', this.#late)
    socket.on('data', this.#read)
  }

  /** The next move is always the client's: an answer is written as soon as its request has come. */
  get idleSinceMs(): number {
    return this.#changedAtMs
  }

  /** How many requests have been answered here. */
  get requests(): number {
    return this.#requests
  }

  /** Whether it has been answered, and waits for the next request. */
  get isIdle(): boolean {
    return this.#requests > 0 && this.#socket.writableLength === 0
  }

  close(): void {
    this.#socket.destroy()
  }

  readonly #read = (bytes: Buffer): void => {
    if (this.#isTold) return
    if (this.#socket.writableLength > 0) {
      this.#hold(bytes)
      return
    }
    const answer = this.#options.mayAnswer(this.#requests) ? this.#answerOf(bytes) : null
    if (answer === null || !answer(this.#socket)) {
      this.#handOver(bytes)
      return
    }
    if (this.#requests > 0 && bytes.length <= mostKept) this.#last = { bytes, answer }
    this.#requests += 1
    this.#changedAtMs = this.#options.elapsed()
    if (this.#socket.writableLength > 0) this.#waitForReading()
  }

  #answerOf(bytes: Buffer): AnswerTo | null {
    return this.#last?.bytes.equals(bytes) === true ? this.#last.answer : this.#options.reads(bytes)
  }

  /** The client has to read before the rest of the answer can go: from now on the timer counts how long nothing of it goes. */
  #waitForReading(): void {
    const socket = this.#socket
    const { elapsed, keepAliveMs, unreadMs } = this.#options
    socket.setTimeout(unreadMs)
    // It has its turn after the answer. The time to the next request begins there.
    socket.write('', () => {
      this.#changedAtMs = elapsed()
      socket.setTimeout(keepAliveMs)
    })
  }

  /** Until the last answer has been handed to the operating system: a client that does not read costs one answer. */
  #hold(bytes: Buffer): void {
    const socket = this.#socket
    socket.pause()
    socket.unshift(bytes)
    // It has its turn after what is waiting.
    socket.write('', () => socket.resume())
  }

  /** For the time to the next request the timer is set only here: with each request it would take longer than the rest of the bookkeeping. */
  readonly #late = (): void => {
    const socket = this.#socket
    const { elapsed, keepAliveMs, unreadMs, tooLate } = this.#options
    if (this.#requests === 0 && !this.#isTold) {
      this.#isTold = true
      socket.setTimeout(unreadMs)
      tooLate(socket)
      return
    }
    const leftMs = keepAliveMs - (elapsed() - this.#changedAtMs)
    if (leftMs > 0 && !this.#isTold && socket.writableLength === 0) socket.setTimeout(Math.ceil(leftMs))
    else socket.destroy()
  }

  #handOver(bytes: Buffer): void {
    const socket = this.#socket
    socket.off('data', this.#read)
    socket.off('timeout', this.#late)
    socket.off('end', end)
    socket.setTimeout(0)
    this.#options.handOver(this, socket, bytes)
    // Not before Node listens: an error without a listener would end the process.
    socket.off('error', ignore)
  }
}

function ignore(): void {
  // The socket closes by itself, and the client is gone.
}

/** Where the last answer has gone, closing tells the client all that ending tells, without another call of the operating system. */
function end(this: Socket): void {
  if (this.writableLength === 0) this.destroy()
  else this.end()
}
