// SDKs of several makes and years, each as an application has it, with a real Postgres: a flag is off, on, and off again for each of them,
// and what they report is taken. `npm run test:faults` has the older ones and Unleash Proxy too, and a real `serve`.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../cli/run.js'
import { allOf } from '../faults/figures.js'
import { hangMs, isFull } from '../faults/size.js'
import { makeFolder } from '../support/project.js'
import { startServed } from '../support/served.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { startNodeSdk } from './node-sdk.js'
import { startProxySdk } from './proxy-sdk.js'
import { hasRubySdk, rubyNote, startRubySdk } from './ruby-sdk.js'
import { type Sdk, untilFlagIs } from './sdk.js'
import { allUsers, makeSdkProject, type RestServer, restServer, type SdkProject, startListening } from './server.js'

interface Kind {
  /** The name of the test. */
  readonly name: string
  /** What it calls itself in its reports. */
  readonly reportsAs: string
  readonly isThere: boolean
  readonly start: (project: SdkProject) => Promise<Sdk>
}

const node = (of: string, version: string, isThere = isFull): Kind => ({
  name: `Node ${version}`,
  reportsAs: `${version.startsWith('6') ? 'unleash-node-sdk' : 'unleash-client-node'}:${version}`,
  isThere,
  start: (project) => startNodeSdk(of, project),
})

const kinds: readonly Kind[] = [
  node('unleash-client', '6.12.1', true),
  node('unleash-client-5', '5.6.1'),
  node('unleash-client-4', '4.2.1'),
  node('unleash-client-3', '3.21.0'),
  { name: rubyNote, reportsAs: 'unleash-client-ruby:3.2.5', isThere: hasRubySdk, start: startRubySdk },
  { name: 'Unleash Proxy 1.4.19', reportsAs: 'unleash-node-sdk:6.12.1', isThere: isFull, start: startProxySdk },
]

let database: TestDatabase
let server: RestServer
let stop: () => Promise<void>

beforeAll(async () => {
  database = await createDatabase()
  if (isFull) await serve()
  else await listenHere()
}, hangMs)

afterAll(async () => {
  await stop()
  await database.close()
})

/** `serve` takes seconds to start from source; test/flow/unleash.test.ts has it with today's SDK for Node. */
async function listenHere(): Promise<void> {
  const here = await startListening({ databaseUrl: database.url })
  server = here
  stop = endOnce(() => here.close())
}

async function serve(): Promise<void> {
  const root = makeFolder()
  const served = await startServed(root, { DATABASE_URL: database.url })
  stop = endOnce(async () => {
    const closed = once(served.process, 'close')
    served.process.kill('SIGTERM')
    await closed
    rmSync(root, { recursive: true, force: true })
  })
  const made = await run(['token', 'create', '--name', 'walk'], { root, options: { databaseUrl: database.url } })
  server = restServer(served.url, made.stdout.trim())
}

function endOnce(end: () => Promise<void>): () => Promise<void> {
  let ended: Promise<void> | null = null
  return () => {
    ended ??= end()
    return ended
  }
}

for (const [number, { name, isThere, start }] of kinds.entries()) {
  it.skipIf(!isThere)(
    `a flag is off, on, and off again: ${name}`,
    async () => {
      const project = await makeSdkProject(server, `walk/p-${number}`)
      const flags = `/projects/${project.id}/feature_flags`
      await server.rest('POST', flags, { name: 'walked', active: false, strategies: [allUsers] })
      const sdk = await start(project)
      await untilFlagIs(sdk, 'walked', false)
      await server.rest('PUT', `${flags}/walked`, { active: true })
      await untilFlagIs(sdk, 'walked', true)
      await server.rest('PUT', `${flags}/walked`, { active: false })
      await untilFlagIs(sdk, 'walked', false)
      const complaints = await sdk.end()
      allOf('Real SDKs', `${name}: off, on, off, without a complaint`, Number(complaints.length === 0), 1)
      expect(complaints).toEqual([])
    },
    hangMs,
  )
}

it('what they reported is in the database when the server has ended, under their names', async () => {
  await stop()
  for (const [number, { name, reportsAs, isThere }] of kinds.entries()) {
    if (!isThere) continue
    const project = `(select id from project_directory where path = 'walk/p-${number}')`
    const clients = await database.query(`select sdk, environment from project_clients where project_id = ${project}`)
    expect(clients, name).toContainEqual({ sdk: reportsAs, environment: 'production' })
    const [counted] = await database.query(
      `select sum(yes)::int as yes, sum(no)::int as no from project_counts where project_id = ${project}`,
    )
    expect(Number(counted?.['yes']) > 0 && Number(counted?.['no']) > 0, name).toBe(true)
  }
})
