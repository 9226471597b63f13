// The least that an answer could cost: Node's own server, which sends bytes that it holds.
import { createServer } from 'node:http'
import { answer } from '../support/child-commands.js'
import { usage } from './usage.js'

export const commands = {
  /**
   * Answers every request with the body and the headers, with 304 to a client that has the tag, and a report with 202; resolves with the port.
   * @param {{ headers: readonly string[], unchanged: readonly string[], tag: string, body: string, encoding?: BufferEncoding }} given
   * @returns {Promise<number>}
   */
  start({ headers, unchanged, tag, body, encoding = 'utf8' }) {
    const bytes = Buffer.from(body, encoding)
    const [full, short, reported] = [[...headers], [...unchanged], ['content-length', '0']]
    const server = createServer((request, response) => {
      if (request.method === 'POST') request.resume().on('end', () => response.writeHead(202, reported).end())
      else if (request.headers['if-none-match'] === tag) response.writeHead(304, short).end()
      else response.writeHead(200, full).end(bytes)
    })
    // As Sluice's: the connections wait while other servers are measured.
    server.keepAliveTimeout = 72_000
    return new Promise((listening) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        listening(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
  },

  usage,
}

answer(commands)
