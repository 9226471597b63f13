// Where the answer to an SDK goes: through Node's response, or as bytes to the socket. Both write the same.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Headers that are made once for many answers. */
export interface Head {
  /** Names and values in turn, as Node takes them. */
  readonly list: readonly string[]
  /** The same as lines. */
  readonly text: string
}

type Status = keyof typeof statusLines

export interface Outlet {
  /** Sends the answer. `more` are headers of this answer alone, in turn. */
  send(status: Status, head: Head, more: readonly string[], body: Buffer | null): void
}

export function headOf(list: readonly string[]): Head {
  return { list, text: linesOf(list) }
}

/** Through Node's response. */
export function responseOutlet(response: ServerResponse): Outlet {
  return {
    send(status, { list }, more, body) {
      response.writeHead(status, list.concat(more))
      if (body === null) response.end()
      else response.end(body)
    },
  }
}

const statusLines = {
  200: 'HTTP/1.1 200 OK\r\n',
  202: 'HTTP/1.1 202 Accepted\r\n',
  304: 'HTTP/1.1 304 Not Modified\r\n',
} as const

/** To the socket, with the headers that Node adds. */
export class SocketOutlet implements Outlet {
  readonly #last: string
  #socket: Socket | null = null
  #isSent = false
  #dateAtS = 0
  #date = ''

  constructor(keepAliveMs: number) {
    this.#last = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\n\r\n`
  }

  /** Where the next answer goes. */
  to(socket: Socket): this {
    this.#socket = socket
    this.#isSent = false
    return this
  }

  /** Whether the answer has been sent. */
  get isSent(): boolean {
    return this.#isSent
  }

  send(status: Status, { text }: Head, more: readonly string[], body: Buffer | null): void {
    const head = `${statusLines[status]}${text}${linesOf(more)}${this.#dateLine()}${this.#last}`
    const socket = this.#socket
    if (socket === null) return
    this.#isSent = true
    if (body === null) {
      socket.write(head, 'latin1')
      return
    }
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body)
    socket.uncork()
  }

  #dateLine(): string {
    const seconds = Math.floor(Date.now() / 1_000)
    if (seconds !== this.#dateAtS) {
      this.#dateAtS = seconds
      this.#date = `Date: ${new Date(seconds * 1_000).toUTCString()}\r\n`
    }
    return this.#date
  }
}

function linesOf(list: readonly string[]): string {
  let text = ''
  for (let at = 0; at < list.length; at += 2) text += `${list[at]}: ${list[at + 1]}\r\n`
  return text
}
