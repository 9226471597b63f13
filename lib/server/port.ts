// The port: the one that was asked for, or the first free one from the default on.
import { lookup } from 'node:dns/promises'
import { createServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { ConfigurationError } from '../errors.js'
import { quoted } from '../text/printable.js'

export interface Port {
  readonly number: number
  /** Whether to try the next ports if it is taken. */
  readonly orNext: boolean
}

const defaultPort = 4242
const mostTried = 100
const highest = 65_535
/**
 * The connections that the system holds until they are accepted, as far as it allows. Node's 511 are full after one burst: a
 * probe then waits a second until its client tries again.
 */
const backlog = 4_096

/** The given port, otherwise `PORT`, otherwise the default one or the next free one. Throws ConfigurationError. */
export function choosePort(given: number | undefined, env: NodeJS.ProcessEnv): Port {
  if (given !== undefined) return { number: checkPort(given, 'the port', String(given)), orNext: false }
  const text = env['PORT']
  if (!text) return { number: defaultPort, orNext: true }
  return { number: checkPort(/^\d{1,5}$/.test(text) ? Number(text) : Number.NaN, 'PORT', text), orNext: false }
}

/** Listens and returns the URL. Throws ConfigurationError for an address on which it cannot listen. */
export async function listen(app: FastifyInstance, host: string, { number, orNext }: Port): Promise<string> {
  const last = orNext ? Math.min(number + mostTried, highest) : number
  for (let port = number; ; port += 1) {
    try {
      const url = await app.listen({ host, port, backlog })
      if (host === 'localhost') await listenBeside(app, Number(new URL(url).port))
      return url
    } catch (error) {
      if (codeOf(error) === 'EADDRINUSE' && port < last) continue
      throw cannotListen(host, port, error)
    }
  }
}

/** `localhost` is two addresses, 127.0.0.1 and ::1; both lead to one server, so that its bounds count for both together. */
async function listenBeside(app: FastifyInstance, port: number): Promise<void> {
  const bound = app.server.address()
  const addresses = await lookup('localhost', { all: true }).catch(() => [])
  for (const { address } of addresses) {
    if (typeof bound === 'string' || address === bound?.address) continue
    const beside = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      app.server.emit('connection', socket)
    })
    // Taken or missing: the first address is enough.
    await new Promise<void>((resolve) =>
      beside.once('error', () => resolve()).listen(port, address, backlog, () => resolve()),
    )
    app.server.once('close', () => beside.close())
  }
}

/** The note if another port replaced a taken one; otherwise null. */
export function takenNote({ number, orNext }: Port, url: string): string | null {
  const { port } = new URL(url)
  return orNext && port !== String(number) ? `port ${number} is taken; serving on ${port}` : null
}

function checkPort(port: number, what: string, text: string): number {
  if (Number.isInteger(port) && port >= 0 && port <= highest) return port
  throw new ConfigurationError({
    problem: `${what} is ${quoted(text)}`,
    remedy: `give a number from 0 (any free port) to ${highest}`,
  })
}

function cannotListen(host: string, port: number, cause: unknown): ConfigurationError {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const [reason, remedy] = reasonOf(cause)
  return new ConfigurationError({ problem: `cannot listen on ${quoted(address)}: ${reason}`, remedy, cause })
}

/** The reason why the server cannot listen on it, and the remedy. */
function reasonOf(error: unknown): readonly [string, string] {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return ['it is taken', 'give another port (--port or PORT, 0 for any free one)']
    case 'EACCES':
      return ['this user may not use the port', 'give one above 1023']
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['this machine has no such address', 'give another host']
    default:
      return [error instanceof Error ? error.message : String(error), 'give another host or port']
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
