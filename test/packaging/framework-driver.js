// Starts the server that its arguments name, as a user does, and asks it over HTTP: the flag is off, turned on for one user by the
// command line, and on for that user alone; the health route answers; SIGTERM ends the process and frees the port. Prints `works`.
import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'

/** A machine that is busy may need long; nothing waits for longer than it has to. */
const patienceMs = 120_000
const [program = '', ...rest] = process.argv.slice(2)

const port = await freePort()
const server = spawn(program, rest, {
  env: { ...process.env, PORT: String(port) },
  stdio: ['ignore', 'inherit', 'inherit'],
})
/** @type {Promise<void>} */
const ended = new Promise((resolve) => server.once('exit', () => resolve()))
try {
  await until('the server answers', async () => (await ask('/health')) !== null)
  expectText('before', await ask('/', '7'), 'the old page')
  const feature = ['node_modules/sluice/bin/feature-flag', 'set', 'my_first_flag', 'true', '--user', '7', '--yes']
  const set = spawnSync(process.execPath, feature, { encoding: 'utf8' })
  if (set.status !== 0) throw new Error(`set ended with ${set.status}: ${set.stderr}`)
  await until('the user has the new page', async () => (await ask('/', '7'))?.includes('the new page') === true)
  expectText('another user', await ask('/', '8'), 'the old page')
  expectText('no user', await ask('/'), 'the old page')
  expectText('health', await ask('/health'), '"degraded":false')
  server.kill('SIGTERM')
  await Promise.race([ended, late('the process ends at SIGTERM')])
  if ((await ask('/health')) !== null) throw new Error('something still listens on the port')
} finally {
  server.kill('SIGKILL')
}
process.stdout.write('works\n')
process.exit()

/** The body of a good answer; null while there is none. */
async function ask(/** @type {string} */ path, /** @type {string | undefined} */ user = undefined) {
  try {
    const headers = user === undefined ? {} : { 'x-user-id': user }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    return response.ok ? await response.text() : null
  } catch {
    return null
  }
}

async function until(/** @type {string} */ what, /** @type {() => Promise<boolean>} */ done) {
  const deadline = Date.now() + patienceMs
  while (!(await done())) {
    if (Date.now() > deadline || server.exitCode !== null) throw new Error(`this did not come: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** @returns {Promise<never>} */
function late(/** @type {string} */ what) {
  return new Promise((_, reject) =>
    setTimeout(() => reject(new Error(`this did not come: ${what}`)), patienceMs).unref(),
  )
}

function expectText(/** @type {string} */ what, /** @type {string | null} */ text, /** @type {string} */ wanted) {
  if (text?.includes(wanted) !== true) throw new Error(`${what}: "${wanted}" was wanted, this came: ${text}`)
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
