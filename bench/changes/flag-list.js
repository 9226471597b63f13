// The list of all flags as a page asks for it, beside Node's own server with the same bytes.
import { table } from '../support/table.js'
import { startBare } from '../unleash/throughput.js'
import { atMost, Client, ms, timed } from './asking.js'
import { flagCount } from './history-rows.js'

const path = '/api/web/flags'
const browser = { 'accept-encoding': 'gzip, deflate, br' }

/** @param {{ port: number, token: string, quick: boolean, say: (text: string) => void }} given */
export async function flagList({ port, token, quick, say }) {
  say('changes: the list of flags')
  const known = await listNow(port, token)
  const bare = await startBare(known)
  const [own, other] = [await Client.open(port, token), await Client.open(bare.port, token)]
  try {
    const full = { path, headers: browser }
    const unchanged = { path, headers: { ...browser, 'if-none-match': known.tag }, status: 304 }
    const { medians, all } = await timed(
      [
        ['200', (length) => own.averageMs(full, length)],
        ['200, bare', (length) => other.averageMs(full, length)],
        ['304', (length) => own.averageMs(unchanged, length)],
        ['304, bare', (length) => other.averageMs(unchanged, length)],
      ],
      { rounds: quick ? 5 : 15, ms: 200, warmUp: 1_000 },
    )
    /** @param {'200' | '304' | '200, bare' | '304, bare'} name */
    const of = (name) => medians.get(name) ?? Number.NaN
    /** @param {'200' | '304'} status */
    const goal = (status, most = 0) =>
      atMost(
        `list of ${flagCount.toLocaleString('en')} flags, ${status}`,
        most,
        of(status),
        ` (node:http ${ms(of(`${status}, bare`))})`,
      )
    const kb = `${(known.bytes / 1_000).toFixed(0)} kB`
    const text = table(
      ['', '200', '304'],
      [
        ['sluice', ms(of('200')), ms(of('304'))],
        ['node:http', ms(of('200, bare')), ms(of('304, bare'))],
      ],
    )
    return {
      goals: [goal('200', 2), goal('304', 1)],
      tables: [{ title: `The list of flags, ${kb} compressed, over one connection`, text }],
      figures: { bytes: known.bytes, milliseconds: all },
    }
  } finally {
    await Promise.all([own.end(), other.end()])
    await bare.child.end()
  }
}

/**
 * The bytes as they travel.
 * @param {number} port
 * @param {string} token
 */
async function listNow(port, token) {
  const { request } = await import('node:http')
  /** @type {import('node:http').IncomingMessage} */
  const answer = await new Promise((answered, fail) => {
    const headers = { ...browser, 'private-token': token }
    request({ host: '127.0.0.1', port, path, headers }, answered).on('error', fail).end()
  })
  const chunks = await answer.toArray()
  const body = Buffer.concat(chunks)
  if (answer.statusCode !== 200) throw new Error(`the list was answered with ${answer.statusCode}: ${body}`)
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
  const tag = answer.headers.etag ?? ''
  return { headers, tag, body: body.toString('base64'), encoding: /** @type {const} */ ('base64'), bytes: body.length }
}
