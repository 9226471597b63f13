// The web server of the page: one address for the page, one for its state, and two files.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pageState, renderPage, userOf } from './page.js'
import { WrongSetting } from './settings.js'
import type { FlagSource } from './source.js'

export interface PageServerOptions {
  /** Default: 30, as in the tutorial. */
  readonly refreshSeconds?: number
}

export interface RunningPage {
  readonly url: string
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const usualRefreshSeconds = 30
const mostPortsTried = 20

/** No inline script, no inline style, nothing from elsewhere: also a text that escaped wrongly could not run. */
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const files: Readonly<Record<string, string>> = {
  '/styles.css': 'text/css; charset=utf-8',
  '/refresh.js': 'text/javascript; charset=utf-8',
}

/** Serves the page on this machine only. Throws WrongSetting where the port is taken. The source stays open when the page closes. */
export async function servePage(
  source: FlagSource,
  { port, orNext }: { readonly port: number; readonly orNext: boolean },
  { refreshSeconds = usualRefreshSeconds }: PageServerOptions = {},
): Promise<RunningPage> {
  const server = createServer((request, response) => {
    send(request, response, answerSafely(request, source, refreshSeconds))
  })
  await listen(server, port, orNext)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the page has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answerSafely(request: IncomingMessage, source: FlagSource, refreshSeconds: number): Answer {
  try {
    return answer(request, source, refreshSeconds)
  } catch (error) {
    console.error(error)
    return plain(500, 'The page could not be made. The terminal in which it runs says why.')
  }
}

function answer({ method, url = '/' }: IncomingMessage, source: FlagSource, refreshSeconds: number): Answer {
  if (method !== 'GET' && method !== 'HEAD') {
    return { ...plain(405, 'This page can only be read.'), headers: { allow: 'GET, HEAD' } }
  }
  const { pathname, searchParams } = new URL(url.replace(/^\/+/, '/'), 'http://127.0.0.1')
  const type = files[pathname]
  if (type !== undefined) {
    return { status: 200, type, body: readFileSync(join(import.meta.dirname, 'public', pathname), 'utf8') }
  }
  const state = () => pageState(source, userOf(searchParams), new Date())
  if (pathname === '/') {
    return { status: 200, type: 'text/html; charset=utf-8', body: renderPage(state(), { refreshSeconds }) }
  }
  if (pathname === '/state.json') return { status: 200, type: 'application/json', body: JSON.stringify(state()) }
  return plain(404, 'There is no such page. The flags are at /.')
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` }
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, type, body, headers }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(method === 'HEAD' ? undefined : body)
}

/** Node's own listening, on the first free port if that is asked for. */
async function listen(server: Server, first: number, orNext: boolean): Promise<void> {
  for (let port = first; ; port += 1) {
    const fault = await listenOn(server, port)
    if (fault === null) return
    if (fault.code !== 'EADDRINUSE') throw fault
    if (orNext && port < first + mostPortsTried) continue
    throw new WrongSetting(`Port ${port} is taken. Set PORT to another one, or to 0 for any free one.`)
  }
}

function listenOn(server: Server, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error)
    server.once('error', failed)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed)
      resolve(null)
    })
  })
}
