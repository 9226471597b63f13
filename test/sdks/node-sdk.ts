// Unleash's SDK for Node: today's, and older majors (from package.json beside this file, installed by `npm run test:faults`).
import { createRequire } from 'node:module'
import * as today from 'unleash-client'
import type { SdkProject } from './server.js'
import type { Sdk } from './sdk.js'

const beside = createRequire(import.meta.url)

/** The SDK of that package, with the first flags; it asks each 100 ms. */
export async function startNodeSdk(of: string, { apiUrl: url, instanceId }: SdkProject): Promise<Sdk> {
  const { Unleash, InMemStorageProvider }: typeof today = of === 'unleash-client' ? today : beside(of)
  const sdk = new Unleash({
    url,
    instanceId,
    appName: 'production',
    refreshInterval: 100,
    metricsInterval: 60_000,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
  })
  const complaints: string[] = []
  for (const event of ['error', 'warn']) sdk.on(event, (what: unknown) => complaints.push(`${event}: ${what}`))
  const told = new Set<string>()
  for (const event of ['registered', 'sent', 'synchronized']) sdk.on(event, () => told.add(event))
  const once = (event: string) =>
    new Promise<void>((resolve) => (told.has(event) ? resolve() : sdk.once(event, () => resolve())))
  await Promise.all([once('registered'), once('synchronized')])
  return {
    async answers(questions) {
      return questions.map(({ flag, context }) => sdk.isEnabled(flag, { ...context }, false))
    },
    async end() {
      await sdk.destroyWithFlush()
      if (!told.has('sent')) complaints.push('no counts were sent')
      return complaints
    },
  }
}
