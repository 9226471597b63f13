// Unleash's own server with the same flags, in a process of its own. What it does beside answering is off: it asks no other machine
// for newer versions, and logs nothing.
import { answer } from '../../support/child-commands.js'
import { usage } from '../usage.js'

const adminToken = '*:*.bench-admin'
const clientToken = 'default:development.bench-client'
const atOnce = 5

export const commands = {
  /**
   * Serves the flags from a database of its own; resolves with the port, and the token of an SDK.
   * @param {{ databaseUrl: string, flags: readonly import('../flags.js').BenchFlag[] }} given
   */
  async start({ databaseUrl, flags }) {
    Object.assign(process.env, {
      INIT_ADMIN_API_TOKENS: adminToken,
      INIT_BACKEND_API_TOKENS: clientToken,
      CHECK_VERSION: 'false',
      SEND_TELEMETRY: 'false',
    })
    const { start } = await import('unleash-server')
    const { server } = await start({
      databaseUrl,
      db: { ssl: false },
      versionCheck: { enable: false },
      telemetry: false,
      logLevel: 'fatal',
      server: { host: '127.0.0.1', port: 0, keepAliveTimeout: 72_000 },
    })
    const address = server?.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await makeFlags(port, flags)
    return { port, token: clientToken }
  },

  usage,
}

/**
 * Flag by flag: its import takes a person's token alone.
 * @param {number} port
 * @param {readonly import('../flags.js').BenchFlag[]} flags
 */
async function makeFlags(port, flags) {
  const features = `http://127.0.0.1:${port}/api/admin/projects/default/features`
  // GitLab's strategy for ids: a new database of Unleash does not have it any more.
  const parameters = [{ name: 'userIds', type: 'list', description: '', required: false }]
  await post(`http://127.0.0.1:${port}/api/admin/strategies`, { name: 'userWithId', parameters })
  let next = 0
  const make = async () => {
    for (let flag = flags[next++]; flag !== undefined; flag = flags[next++]) {
      const environment = `${features}/${flag.name}/environments/development`
      await post(features, { name: flag.name, type: 'release' })
      for (const strategy of flag.strategies) {
        await post(`${environment}/strategies`, { ...strategy, constraints: [], segments: [] })
      }
      await post(`${environment}/on`, {})
    }
  }
  await Promise.all(Array.from({ length: atOnce }, make))
}

/**
 * @param {string} url
 * @param {object} body
 */
async function post(url, body) {
  const headers = { authorization: adminToken, 'content-type': 'application/json' }
  const answered = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answered.text()
  if (!answered.ok) throw new Error(`unleash-server refused ${url}: ${answered.status} ${text}`)
}

answer(commands)
