// Postgres' wire protocol, as far as it is needed by a server that hands whole messages to PGlite. Pure.
//
// The checks matter: PGlite 0.5 loops without end on a message of a wrong length or an unknown type, and the process that
// owns it hangs too. So only complete messages of known types leave this file.

const terminate = 0x58 // X
const query = 0x51 // Q
const sync = 0x53 // S
const readyForQuery = 0x5a // Z

/** Parse, Bind, Execute, Describe, Close, Flush, Sync and simple Query. */
const forwarded = new Set([0x50, 0x42, 0x45, 0x44, 0x43, 0x48, sync, query])
/** CopyData, CopyDone and CopyFail: outside a COPY, Postgres ignores them too. */
const ignored = new Set([0x64, 0x63, 0x66])

const sslRequest = 80877103
const gssRequest = 80877104
const protocol3 = 3
const maxStartupBytes = 10_000
const maxMessageBytes = 64 * 1024 * 1024

export type Frame =
  | { readonly kind: 'startup' }
  /** The client asks for encryption; the answer is one byte, `N`. */
  | { readonly kind: 'encryption' }
  | { readonly kind: 'message'; readonly bytes: Uint8Array; readonly ends: boolean }
  | { readonly kind: 'end' }
  | { readonly kind: 'violation'; readonly text: string }

/** Cuts a client's bytes into frames; after `end` or `violation` the connection is over. */
export class FrameReader {
  #chunks: Buffer[] = []
  #size = 0
  #started = false

  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    const frames: Frame[] = []
    for (;;) {
      const frame = this.#started ? this.#message() : this.#startup()
      if (frame === 'incomplete') return frames
      if (frame === 'nothing') continue
      frames.push(frame)
      if (frame.kind === 'end' || frame.kind === 'violation') return frames
    }
  }

  #startup(): Frame | 'incomplete' {
    if (this.#size < 8) return 'incomplete'
    const head = this.#peek(8)
    const length = head.readInt32BE(0)
    const code = head.readInt32BE(4)
    if (length < 8 || length > maxStartupBytes) return { kind: 'violation', text: `invalid startup length "${length}"` }
    if (this.#size < length) return 'incomplete'
    this.#take(length)
    if (code === sslRequest || code === gssRequest) return { kind: 'encryption' }
    // Any other code that is not version 3 is a cancel request, which one shared backend cannot honour, or noise.
    if (code >> 16 !== protocol3) return { kind: 'end' }
    this.#started = true
    return { kind: 'startup' }
  }

  #message(): Frame | 'incomplete' | 'nothing' {
    if (this.#size < 5) return 'incomplete'
    const head = this.#peek(5)
    const type = head.readUInt8(0)
    const length = head.readInt32BE(1)
    if (length < 4 || length > maxMessageBytes) return { kind: 'violation', text: `invalid message length "${length}"` }
    if (this.#size < 1 + length) return 'incomplete'
    const bytes = this.#take(1 + length)
    if (type === terminate) return { kind: 'end' }
    if (ignored.has(type)) return 'nothing'
    if (!forwarded.has(type)) return { kind: 'violation', text: `unsupported message type "${type}"` }
    return { kind: 'message', bytes, ends: type === query || type === sync }
  }

  /** Joins only as many chunks as needed, so that a message of many megabytes is copied once. */
  #peek(count: number): Buffer {
    const first = this.#chunks[0]
    if (first !== undefined && first.length >= count) return first
    const joined = Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
  }

  #take(count: number): Buffer {
    const joined = this.#peek(count)
    this.#chunks[0] = joined.subarray(count)
    if (joined.length === count) this.#chunks.shift()
    this.#size -= count
    return joined.subarray(0, count)
  }
}

/** The transaction status (`I` idle, `T` open, `E` failed) if an answer ends with ReadyForQuery, otherwise null. */
export function readyStatus(answer: Buffer): 'I' | 'T' | 'E' | null {
  if (answer.length < 6) return null
  const at = answer.length - 6
  if (answer[at] !== readyForQuery || answer.readInt32BE(at + 1) !== 5) return null
  const status = String.fromCharCode(answer.readUInt8(at + 5))
  return status === 'I' || status === 'T' || status === 'E' ? status : null
}

/**
 * PGlite sends ReadyForQuery with an error in the middle of an extended query, and again at its Sync; a client would take the
 * second one for the end of its next query. This removes the first one.
 */
export function withoutReady(answer: Buffer): Buffer {
  return readyStatus(answer) === null ? answer : answer.subarray(0, answer.length - 6)
}

/** A simple query as a message. */
export function queryMessage(sql: string): Uint8Array {
  const body = Buffer.from(`${sql}\0`)
  const message = Buffer.alloc(5 + body.length)
  message.writeUInt8(query, 0)
  message.writeInt32BE(4 + body.length, 1)
  body.copy(message, 5)
  return message
}

/** A Sync message: ends an extended query that its client left half-sent. */
export function syncMessage(): Uint8Array {
  return Buffer.from([sync, 0, 0, 0, 4])
}

/** The startup message of a client that asks for no special settings. */
export function startupMessage(): Uint8Array {
  const body = Buffer.from('\0\x03\0\0user\0postgres\0database\0postgres\0\0', 'latin1')
  const message = Buffer.alloc(4 + body.length)
  message.writeInt32BE(message.length, 0)
  body.copy(message, 4)
  return message
}

/** A FATAL error as the server sends it before it closes a connection. */
export function fatalMessage(code: string, text: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`)
  const message = Buffer.alloc(5 + body.length)
  message.write('E', 0)
  message.writeInt32BE(4 + body.length, 1)
  body.copy(message, 5)
  return message
}
