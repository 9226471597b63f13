// What `npm run demo` makes before the page starts, by the commands that a person would type: a server with its embedded database,
// the project "demo", its four flags, and the values of `project configure`. What is there already stays as it is.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { demoFlags } from './flags.js'
import type { Settings } from './settings.js'

const run = promisify(execFile)
const project = 'demo'
const environment = 'production'

/** The embedded database of the folder, whatever database the variables of the terminal name. */
const embedded: Readonly<Record<string, string>> = { DATABASE_URL: 'embedded', FEATURE_ENV: 'development' }

export interface OwnServer {
  /** Makes what is missing, and gives what an SDK needs. Rejects where the server or a command fails. */
  settings(): Promise<Settings>
  close(): Promise<void>
}

/** Starts the server. `ended` is called if it ends by itself. */
export function startOwnServer(root: string, ended: (code: number | null) => void): OwnServer {
  const program = join(root, 'bin', 'feature-flag')
  // PORT is the page's; the server takes 4242 or the next free one.
  const { PORT: _, ...others } = process.env
  const env = { ...others, ...embedded }
  const server = spawn(process.execPath, [program, 'serve'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(server, 'exit')
  let closing = false
  void exited.then(() => {
    if (!closing) ended(server.exitCode)
  })
  const command = async (...argv: string[]): Promise<string> =>
    (await run(process.execPath, [program, ...argv], { cwd: root, env })).stdout
  return {
    settings: async () => configured(command, await addressOf(server)),
    async close() {
      closing = true
      server.kill('SIGTERM')
      await exited
    },
  }
}

/** The commands to try, with the variables that lead to the same database. */
export function switchCommands(env: NodeJS.ProcessEnv): readonly string[] {
  const variables = Object.entries(embedded)
    .filter(([name]) => env[name] !== undefined || (name === 'FEATURE_ENV' && env['NODE_ENV'] !== undefined))
    .map(([name, value]) => `${name}=${value} `)
  return [
    `${project} dark_mode on`,
    `${project} holiday_banner off`,
    `${project} new_layout --env '*' --users 1,7`,
    `${project} fun_fonts --env '*' --percent 25`,
  ].map((rest) => `${variables.join('')}bin/feature-flag project set ${rest}`)
}

/** Passes the server's own lines on, and finds its address among them; never resolves where the server has ended before. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  let text = ''
  stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    process.stdout.write(chunk)
    text += chunk
  })
  for (;;) {
    const found = /^Sluice is listening on (\S+)$/m.exec(text)?.[1]
    if (found !== undefined) return found
    if (stdout === null) throw new TypeError('the server has no output')
    await once(stdout, 'data')
  }
}

type Command = (...argv: string[]) => Promise<string>

async function configured(command: Command, server: string): Promise<Settings> {
  await makeProject(command)
  const { url, instanceId } = read(await command('project', 'configure', project, '--url', server, '--json'))
  const settings = { url, instanceId, appName: environment }
  await makeFlags(command, await knownFlags(settings))
  return settings
}

async function makeProject(command: Command): Promise<void> {
  const projects: unknown = JSON.parse(await command('project', 'list', '--json'))
  const paths = Array.isArray(projects) ? projects.map((one: { path?: unknown }) => one.path) : []
  if (!paths.includes(project))
    await command('project', 'create', project, '--name', 'Demo', '--reason', 'npm run demo')
}

function read(json: string): { readonly url: string; readonly instanceId: string } {
  const values: { api_url?: unknown; instance_id?: unknown } = JSON.parse(json)
  return { url: String(values.api_url), instanceId: String(values.instance_id) }
}

/** The flags of which SDKs are told. */
async function knownFlags({ url, instanceId, appName }: Settings): Promise<ReadonlySet<unknown>> {
  const response = await fetch(`${url}/client/features`, {
    headers: { 'unleash-instanceid': instanceId, 'unleash-appname': appName },
  })
  const { features }: { features?: { name?: unknown }[] } = JSON.parse(await response.text())
  return new Set(features?.map(({ name }) => name))
}

/** All of them for all users; `dark_mode` begins switched off, so that there is something to switch on. */
async function makeFlags(command: Command, known: ReadonlySet<unknown>): Promise<void> {
  const missing = demoFlags.filter(({ name }) => !known.has(name))
  await Promise.all(
    missing.map(({ name }) => {
      const state = name === 'dark_mode' ? 'off' : 'on'
      return command('project', 'set', project, name, state, '--env', '*', '--all', '--reason', 'npm run demo')
    }),
  )
}
