// Serves one PGlite to many connections, by turns.
//
// PGlite is one Postgres session. A connection's turn begins with the first message of a query and ends when the
// engine is ready again outside a transaction, so that neither transactions nor the messages of two queries mix.
// A connection that has the turn and stays silent is cut off, because all the others wait for it.
//
//   idle ──a message──▶ waiting ──its turn──▶ holding ──ready, no transaction──▶ idle
//                                                └──closed or silent──▶ rolled back, idle
import type { Server, Socket } from 'node:net'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { errorText } from '../errors.js'
import type { Clock, Timer } from '../time/clock.js'
import type { Engine } from './engine.js'
import { FrameReader, fatalMessage, queryMessage, readyStatus, syncMessage, withoutReady } from './wire-protocol.js'

export interface ServerOptions {
  readonly server: Server
  readonly engine: Engine
  /** Asked before each message: whether this process may still touch the data. */
  readonly mayServe: () => boolean
  /** How long a connection may hold its turn while it stays silent. */
  readonly silenceMs: number
  readonly clock: Clock
  /** Called once, when the engine can no longer serve. */
  readonly onBroken: (reason: string) => void
}

interface Message {
  readonly bytes: Uint8Array
  readonly ends: boolean
}

interface Connection {
  readonly socket: Socket
  readonly inbox: Message[]
  open: boolean
  /** Whether it has had a turn, and so may have left a setting in the session. */
  used: boolean
}

// The codes matter: they tell a client that none of its waiting messages has been run.
const leaving = fatalMessage('57P01', 'the owner of the embedded database is leaving; connect again')
const tooSilent = fatalMessage('25P03', 'a transaction was left idle while all others waited; keep transactions short')

export class EmbeddedServer {
  readonly #options: ServerOptions
  readonly #connections = new Set<Connection>()
  readonly #waiting: Connection[] = []
  #holder: Connection | null = null
  #working = false
  #turns: Promise<void> = Promise.resolve()
  #silence: Timer | null = null
  #state: 'serving' | 'draining' | 'stopped' = 'serving'

  constructor(options: ServerOptions) {
    this.#options = options
    options.server.on('connection', (socket) => this.#accept(socket))
  }

  /** Lets the turn under way end within the given time, then cuts all connections off. */
  async drain(withinMs: number): Promise<void> {
    if (this.#state === 'serving') this.#state = 'draining'
    const { clock } = this.#options
    const until = clock.now() + withinMs
    while (this.#state === 'draining' && this.#holder !== null && clock.now() < until) await delay(2)
    this.#stop()
    await this.#turns
  }

  #accept(socket: Socket): void {
    const connection: Connection = { socket, inbox: [], open: true, used: false }
    const reader = new FrameReader()
    // Clients do not keep the owner's process alive: it may end when its own work is done.
    socket.unref()
    // A failed connection also closes, and the close is handled.
    socket.on('error', () => {})
    if (this.#state !== 'serving') {
      cutOff(socket, leaving)
      return
    }
    this.#connections.add(connection)
    socket.on('close', () => this.#left(connection))
    socket.on('data', (chunk) => this.#read(connection, reader, chunk))
  }

  #read(connection: Connection, reader: FrameReader, chunk: Buffer): void {
    const { socket, inbox } = connection
    for (const frame of reader.push(chunk)) {
      if (frame.kind === 'startup') socket.write(this.#options.engine.greeting)
      else if (frame.kind === 'encryption') socket.write('N')
      else if (frame.kind === 'message') inbox.push(frame)
      else if (frame.kind === 'violation') cutOff(socket, fatalMessage('08P01', frame.text))
      else socket.end()
    }
    if (inbox.length > 0) this.#wantsTurn(connection)
    // A part of a message has come: a long one takes its time where the processor is busy.
    else if (connection === this.#holder && this.#silence !== null) this.#awaitMore(connection)
  }

  #left(connection: Connection): void {
    connection.open = false
    this.#connections.delete(connection)
    // Its last turn ends its transaction, and resets its settings of the session that all connections share.
    if (connection.used) this.#wantsTurn(connection)
  }

  #wantsTurn(connection: Connection): void {
    if (connection !== this.#holder && !this.#waiting.includes(connection)) this.#waiting.push(connection)
    if (!this.#working) this.#turns = this.#takeTurns()
  }

  async #takeTurns(): Promise<void> {
    this.#working = true
    try {
      for (let next = this.#nextTurn(); next !== null; next = this.#nextTurn()) {
        await this.#turn(next)
        // The owner's process has other work to do: it can run between turns.
        await setImmediate()
      }
    } catch (error) {
      this.#break(errorText(error))
    } finally {
      this.#working = false
    }
  }

  #nextTurn(): Connection | null {
    if (this.#state === 'stopped') return null
    const holder = this.#holder
    if (holder !== null) return holder.open && holder.inbox.length === 0 ? null : holder
    return this.#state === 'serving' ? (this.#waiting.shift() ?? null) : null
  }

  async #turn(connection: Connection): Promise<void> {
    this.#silence?.cancel()
    this.#silence = null
    this.#holder = connection
    connection.used = true
    if (!connection.open) {
      await this.#forget()
      this.#holder = null
      return
    }
    for (let message = connection.inbox.shift(); message !== undefined; message = connection.inbox.shift()) {
      const answer = await this.#run(message)
      connection.socket.write(message.ends ? answer : withoutReady(answer))
      if (message.ends && readyStatus(answer) === 'I') {
        this.#holder = null
        if (connection.inbox.length > 0) this.#waiting.push(connection)
        return
      }
    }
    this.#awaitMore(connection)
  }

  #awaitMore(connection: Connection): void {
    const { clock, silenceMs } = this.#options
    this.#silence?.cancel()
    this.#silence = clock.after(silenceMs, () => this.#suspect(connection))
  }

  /** Timers run before sockets are read: after a pause of this very process the next message may already have arrived. */
  async #suspect(connection: Connection): Promise<void> {
    const suspicion = this.#silence
    await setImmediate()
    if (this.#silence === suspicion && connection.inbox.length === 0) cutOff(connection.socket, tooSilent)
  }

  async #run({ bytes, ends }: Message): Promise<Buffer> {
    if (!this.#options.mayServe()) throw new Error('its socket was removed or replaced')
    const answer = await this.#options.engine.run(bytes)
    // This happens after COPY FROM STDIN and after an overflow of the stack; the next message would loop without end.
    if (ends && readyStatus(answer) === null) throw new Error('PGlite left a query unanswered')
    return answer
  }

  async #forget(): Promise<void> {
    await this.#run({ bytes: syncMessage(), ends: true })
    await this.#run({ bytes: queryMessage('rollback'), ends: true })
    await this.#run({ bytes: queryMessage('discard all'), ends: true })
  }

  #break(reason: string): void {
    // The result of the holder's last message is not known, so it gets no answer.
    this.#holder?.socket.destroy()
    this.#stop()
    this.#options.onBroken(reason)
  }

  #stop(): void {
    this.#state = 'stopped'
    this.#silence?.cancel()
    this.#waiting.length = 0
    for (const { socket } of this.#connections) cutOff(socket, leaving)
  }
}

function cutOff(socket: Socket, message: Buffer): void {
  if (socket.writable) socket.write(message)
  socket.destroySoon()
}
