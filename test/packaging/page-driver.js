// Starts the server that its arguments name, as a user does, and looks at its page: the flag is pushed and off, and once the command line
// has turned it on for one user, it is on in the page of that user alone. Prints `works`.
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
try {
  await until('the server answers', async () => (await pushed('7')) === 'false')
  const feature = ['node_modules/sluice/bin/feature-flag', 'set', 'my_first_flag', 'true', '--user', '7', '--yes']
  const set = spawnSync(process.execPath, feature, { encoding: 'utf8' })
  if (set.status !== 0) throw new Error(`set ended with ${set.status}: ${set.stderr}`)
  await until('the page of the user has the flag', async () => (await pushed('7')) === 'true')
  if ((await pushed('8')) !== 'false') throw new Error('the page of another user has it too')
} finally {
  server.kill('SIGKILL')
}
process.stdout.write('works\n')
process.exit()

/** What the page of a user says of the flag, in gonScript() or in the data of Next.js; null while there is no page. */
async function pushed(/** @type {string} */ user) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/?user=${user}`)
    return /myFirstFlag\\*":(true|false)/.exec(await response.text())?.[1] ?? null
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
