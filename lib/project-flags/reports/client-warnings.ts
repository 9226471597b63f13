// What SDKs say that is probably not meant. Pure.
import { quoted } from '../../text/printable.js'
import { suggestion } from '../../text/suggest.js'
import { isInScope } from '../environment-scope.js'
import type { ProjectContent } from '../project.js'
import { type Client, dayMs, other } from './report.js'
import type { Warning } from './warning.js'

/** Names that are shown in a warning. */
const mostNamed = 10
/** Clients that were not seen for longer are gone: neither their version nor their silence means anything. */
const goneAfterMs = dayMs
/** A server writes down what it saw each five minutes, so a shorter silence means nothing. */
const leastSilenceMs = 1_200_000
const pollsMissed = 20

/** The oldest versions that keep version 4.2 of Unleash's specification of clients; SDKs of other languages tell it. */
const oldest: Readonly<Record<string, readonly [number, number]>> = { node: [4, 0], python: [5, 0], ruby: [4, 0] }
const oldestSpec = [4, 2] as const
/** From this version on a Node SDK opens the stream that it is offered. */
const firstStreaming = [6, 7] as const

export function clientWarnings(content: ProjectContent, clients: readonly Client[], nowMs: number): readonly Warning[] {
  const living = clients.filter(({ lastSeen }) => nowMs - lastSeen.getTime() < goneAfterMs)
  return [
    ...living.flatMap((client) => tooOld(client, content.project.streaming) ?? []),
    ...unknownEnvironments(content, living),
    ...stopped(living, nowMs),
  ]
}

function tooOld(client: Client, isStreaming: boolean): Warning | null {
  const { sdk, spec, environment, app } = client
  const version = versionIn(sdk)
  const language = Object.keys(oldest).find((name) => new RegExp(`(?:^|[-_])${name}(?:[-_:@ ]|$)`, 'i').test(sdk))
  const least = language === undefined ? undefined : oldest[language]
  const about = { kind: 'sdk_too_old' as const, environment, app, sdk }
  const who = `${quoted(sdk === '' ? 'an SDK without a name' : sdk)} of ${quoted(app)} in ${quoted(environment)}`
  if (isBelow(spec === null ? null : versionIn(spec), oldestSpec) || (least !== undefined && isBelow(version, least))) {
    const problem = `${who} is older than version 4.2 of Unleash's client specification`
    return { ...about, problem, remedy: 'update it: old SDKs may decide shares and lists in another way' }
  }
  if (isStreaming && language === 'node' && isBelow(version, firstStreaming)) {
    const problem = `${who} opens no stream, although the project has streaming switched on`
    return { ...about, problem, remedy: 'update it to 6.7 or later; until then it polls' }
  }
  return null
}

/** An application name that was meant as a name, where GitLab's rule takes it for an environment. */
function unknownEnvironments({ flags }: ProjectContent, clients: readonly Client[]): readonly Warning[] {
  const all = flags.flatMap(({ strategies }) => strategies.flatMap(({ scopes }) => scopes))
  const scopes = [...new Set(all.map(({ environmentScope }) => environmentScope))].filter(
    (scope) => !/^\*+$/.test(scope),
  )
  if (scopes.length === 0) return []
  const environments = new Map(clients.map((client) => [client.environment, client]))
  return [...environments.values()]
    .filter(({ environment }) => environment !== other && !scopes.some((scope) => isInScope(scope, environment)))
    .map(({ environment, app, sdk }) => {
      const named = scopes.slice(0, mostNamed).map(quoted).join(', ')
      const meant = suggestion(environment, scopes)
      return {
        kind: 'unknown_environment',
        problem:
          environment === ''
            ? `an SDK names no environment, so it gets no flags`
            : `an SDK is in the environment ${quoted(environment)}, which no scope names but *`,
        remedy:
          `set the application name of the SDK to its environment (${named}), or give it an instance ID of an environment` +
          (meant === null ? '' : `; was ${quoted(meant)} meant?`),
        environment,
        app,
        sdk,
      }
    })
}

/** Of an application that polls with another SDK too, the old one was replaced. */
function stopped(clients: readonly Client[], nowMs: number): readonly Warning[] {
  const isPolling = ({ lastPolled, intervalMs }: Client) =>
    lastPolled !== null && nowMs - lastPolled.getTime() < Math.max(leastSilenceMs, pollsMissed * (intervalMs ?? 0))
  const polling = new Set(clients.filter(isPolling).map(applicationOf))
  return clients
    .filter((client) => client.lastPolled !== null && !polling.has(applicationOf(client)))
    .map(({ environment, app, sdk, lastPolled }) => ({
      kind: 'polling_stopped',
      problem: `${quoted(app)} in ${quoted(environment)} has not asked for flags since ${lastPolled?.toISOString()}`,
      remedy: 'if it is still running, restart it: an SDK that was refused once may never ask again',
      environment,
      app,
      sdk,
    }))
}

function applicationOf({ environment, app }: Client): string {
  return JSON.stringify([environment, app])
}

/** The first two numbers of `name:1.2.3`; null if there are none. */
function versionIn(text: string): readonly [number, number] | null {
  const [, major, minor = '0'] = /(?:^|[:@ ]v?)(\d{1,6})(?:\.(\d{1,6}))?/.exec(text) ?? []
  return major === undefined ? null : [Number(major), Number(minor)]
}

function isBelow(version: readonly [number, number] | null, least: readonly [number, number]): boolean {
  if (version === null) return false
  return version[0] < least[0] || (version[0] === least[0] && version[1] < least[1])
}
