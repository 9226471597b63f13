// The demo, by its three ways to start: `npm run demo`, `npm run demo:unleash` and `npm run demo:library`. scripts/demo.js runs
// this file once everything is installed and built.
import { join } from 'node:path'
import { librarySource } from './library.js'
import { startOwnServer, switchCommands } from './own-server.js'
import { type RunningPage, servePage } from './server.js'
import {
  loadEnvironmentFile,
  readPort,
  readSettings,
  refusedSentence,
  type Settings,
  WrongSetting,
} from './settings.js'
import type { FlagSource } from './source.js'
import { connectUnleash, usualTimings } from './unleash.js'

const root = join(import.meta.dirname, '..')

/** What ends with the demo, last begun first. */
const running: { close(): Promise<void> }[] = []
let ending = false

export async function main(way: string | undefined): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(0))
  try {
    if (way === undefined) await demoWithServer()
    else if (way === 'unleash') await demoWithSettings()
    else if (way === 'library') await demoOfLibrary()
    else throw new WrongSetting(`"${way}" is no way to start the demo. Give "unleash", "library", or nothing.`)
  } catch (error) {
    if (!(error instanceof WrongSetting)) console.error(error)
    else process.stderr.write(`ERROR: ${error.message}\n`)
    await end(1)
  }
}

/** A server, a project and its flags are made first; no setting is needed, and no secret is written to a file. */
async function demoWithServer(): Promise<void> {
  const port = readPort(process.env)
  const server = startOwnServer(root, (code) => void fail(`The server ended with ${code}.`))
  running.push(server)
  const settings = await server.settings()
  const page = await open(await connect(settings), port)
  tell([
    '',
    `Demo page:    ${page.url}`,
    `API URL:      ${settings.url}`,
    `Instance ID:  ${settings.instanceId}`,
    '',
    'Switch a flag from a second terminal in this folder. The SDK asks every 15 s and the page every 30 s:',
    ...switchCommands(process.env).map((command) => `  ${command}`),
    '',
  ])
}

async function demoWithSettings(): Promise<void> {
  loadEnvironmentFile(join(import.meta.dirname, '.env'))
  const port = readPort(process.env)
  const page = await open(await connect(readSettings(process.env)), port)
  tell([`Demo page: ${page.url}`])
}

async function demoOfLibrary(): Promise<void> {
  const port = readPort(process.env)
  const { Feature } = await import('sluice')
  await Feature.start({ root })
  const page = await open(librarySource(Feature), port)
  tell([
    `Demo page: ${page.url}`,
    'Switch a flag from a second terminal in this folder. The page asks every 30 s:',
    '  bin/feature-flag set dark_mode true',
    '  bin/feature-flag set new_layout true --user 7',
    '  bin/feature-flag set fun_fonts 25 --actors',
  ])
}

function connect(settings: Settings): Promise<FlagSource> {
  return connectUnleash(settings, usualTimings, {
    refused: () => void fail(refusedSentence),
    trouble: (text) => process.stderr.write(`${text}\n`),
  })
}

async function open(source: FlagSource, port: ReturnType<typeof readPort>): Promise<RunningPage> {
  running.push(source)
  const page = await servePage(source, port)
  running.push(page)
  return page
}

async function fail(sentence: string): Promise<void> {
  if (!ending) process.stderr.write(`ERROR: ${sentence}\n`)
  await end(1)
}

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  for (const one of running.reverse()) await one.close()
  process.exit(code)
}

function tell(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
