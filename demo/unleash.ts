// The answers of Unleash's SDK for Node, which asks for the flags every 15 s and answers from memory in between.
//
// After one 401 this SDK never asks again, and keeps the flags that it has. Before the first answer that is a wrong setting, which
// ends the program; later the page says that the SDK has stopped.
import { InMemStorageProvider, Unleash } from 'unleash-client'
import type { DemoFlag } from './flags.js'
import type { Settings } from './settings.js'
import type { Audience, FlagSource, Freshness } from './source.js'

export interface UnleashTimings {
  readonly refreshMs: number
  readonly metricsMs: number
  /** How long the first flags are waited for; without them all flags are off. */
  readonly patienceMs: number
}

export const usualTimings: UnleashTimings = { refreshMs: 15_000, metricsMs: 60_000, patienceMs: 5_000 }

/** What the source says of itself besides its answers. */
export interface UnleashReports {
  /** The Instance ID was refused before any flag came. */
  refused(): void
  /** Something to tell a person at the terminal. */
  trouble(text: string): void
}

/** Starts the SDK, and waits for its first flags as long as the timings say. */
export async function connectUnleash(
  { url, instanceId, appName }: Settings,
  { refreshMs, metricsMs, patienceMs }: UnleashTimings,
  reports: UnleashReports,
): Promise<FlagSource> {
  const sdk = new Unleash({
    url,
    instanceId,
    appName,
    refreshInterval: refreshMs,
    metricsInterval: metricsMs,
    // By default flags are kept in the folder for temporary files, under the application's name: another project's would be read.
    storageProvider: new InMemStorageProvider(),
  })
  const freshness = follow(sdk, reports)
  await firstFlags(sdk, patienceMs)
  return {
    name: `unleash-client, environment "${appName}"`,
    isEnabled: (flag, userId) => sdk.isEnabled(flag.name, { userId }),
    audiences: (flag) => audiencesOf(sdk, flag),
    freshness,
    async close() {
      sdk.destroy()
    },
  }
}

function firstFlags(sdk: Unleash, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patienceMs)
    sdk.once('synchronized', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Listens to the SDK, and tells how current its flags are. */
function follow(sdk: Unleash, { refused, trouble }: UnleashReports): () => Freshness {
  let asOf: Date | null = null
  let state: Freshness['state'] = 'connecting'
  const heard = () => {
    asOf = new Date()
    state = 'current'
  }
  const failed = (fault: unknown) => {
    const text = fault instanceof Error ? fault.message : String(fault)
    if (!isAboutFlags(text) || state === 'stopped') return
    if (!/ responded 40[13] /.test(text)) {
      if (state === 'current') trouble(`The flags cannot be asked for: ${text}`)
      if (asOf !== null) state = 'failing'
      return
    }
    state = 'stopped'
    if (asOf === null) refused()
    else trouble('The SDK has stopped: the Instance ID was refused. Restart the page with the new one.')
  }
  sdk.on('changed', heard)
  sdk.on('unchanged', heard)
  sdk.on('error', failed)
  sdk.on('warn', failed)
  return () => ({ asOf, state })
}

/** Reports of use fail too, and say nothing about the flags. */
function isAboutFlags(text: string): boolean {
  return text.startsWith('Unleash Repository error') || text.includes('/client/features')
}

function audiencesOf(sdk: Unleash, { name }: DemoFlag): readonly Audience[] | null {
  const flag = sdk.getFeatureToggleDefinition(name)
  if (flag === undefined) return null
  return flag.enabled ? (flag.strategies ?? []).map(audienceOf) : []
}

/** GitLab's strategies; its lists of users reach an SDK as `userWithId`. */
function audienceOf({ name, parameters }: { name: string; parameters: Record<string, unknown> }): Audience {
  switch (name) {
    case 'default':
      return { kind: 'everybody' }
    case 'userWithId':
      return {
        kind: 'users',
        count: String(parameters['userIds'] ?? '')
          .split(',')
          .filter(Boolean).length,
      }
    case 'flexibleRollout':
      return {
        kind: 'share',
        percent: Number(parameters['rollout']),
        by: bases[String(parameters['stickiness'])] ?? '',
      }
    case 'gradualRolloutUserId':
      return { kind: 'share', percent: Number(parameters['percentage']), by: 'by user ID' }
    default:
      return { kind: 'other', name: `the strategy "${name}"` }
  }
}

const bases: Readonly<Record<string, string>> = {
  default: 'by available ID',
  userId: 'by user ID',
  sessionId: 'by session ID',
  random: 'at random',
}
