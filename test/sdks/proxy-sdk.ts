// Unleash Proxy with a browser's client in front of it, as GitLab's documentation puts them together: the instance ID is the credential, and
// the token that the proxy insists on is a word without meaning.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { freePort } from '../support/service-process.js'
import type { SdkProject } from './server.js'
import type { Sdk } from './sdk.js'

const beside = createRequire(import.meta.url)

/** What is used of `unleash-proxy-client`. */
interface ProxyClient {
  start(): Promise<void>
  stop(): void
  isEnabled(flag: string): boolean
  on(event: string, listener: (what: unknown) => void): void
}

interface ProxyClients {
  readonly UnleashClient: new (options: object) => ProxyClient
  readonly InMemoryStorageProvider: new () => object
}

/** Both ask each 200 ms, and report each second. */
export async function startProxySdk(project: SdkProject): Promise<Sdk> {
  const port = await freePort()
  const { proxy, log } = startProxy(project, port)
  const url = `http://127.0.0.1:${port}/proxy`
  while (!(await isReady(`${url}/health`))) {
    if (proxy.exitCode !== null) throw new Error(`Unleash Proxy ended: ${log()}`)
    await sleep(50)
  }
  const { UnleashClient, InMemoryStorageProvider }: ProxyClients = beside('unleash-proxy-client')
  const client = new UnleashClient({
    url,
    clientKey: 'a-key-for-browsers',
    appName: 'production',
    refreshInterval: 0.2,
    metricsInterval: 1,
    metricsIntervalInitial: 1,
    storageProvider: new InMemoryStorageProvider(),
    fetch,
  })
  const complaints: string[] = []
  client.on('error', (what) => complaints.push(JSON.stringify(what)))
  let sent = 0
  client.on('sent', () => {
    sent += 1
  })
  await client.start()
  return {
    answers: async (questions) => questions.map(({ flag }) => client.isEnabled(flag)),
    async end() {
      // The counts of the browser reach the server through the proxy, which reports each second as well.
      for (const before = sent; sent < before + 3; await sleep(50)) client.isEnabled('walked')
      client.stop()
      const closed = once(proxy, 'close')
      proxy.kill('SIGTERM')
      await closed
      return [...complaints, ...log().split('\n')].filter((line) => /error|warn/i.test(line))
    },
  }
}

function startProxy({ apiUrl, instanceId }: SdkProject, port: number): { proxy: ChildProcess; log: () => string } {
  const proxy = spawn(process.execPath, [beside.resolve('@unleash/proxy/dist/start.js')], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      LOG_LEVEL: 'warn',
      UNLEASH_URL: apiUrl,
      UNLEASH_INSTANCE_ID: instanceId,
      UNLEASH_APP_NAME: 'production',
      UNLEASH_API_TOKEN: 'none',
      UNLEASH_PROXY_CLIENT_KEYS: 'a-key-for-browsers',
      UNLEASH_FETCH_INTERVAL: '200',
      UNLEASH_METRICS_INTERVAL: '1000',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void proxy.kill('SIGKILL'))
  let text = ''
  for (const stream of [proxy.stdout, proxy.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  }
  return { proxy, log: () => text }
}

async function isReady(health: string): Promise<boolean> {
  try {
    return (await fetch(health)).ok
  } catch {
    return false
  }
}
