// What pages ask: below /api/web, which has no other clients, so that its answers may change with the page.
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../../instance/instance.js'
import type { Logger } from '../../../log.js'
import { systemClock } from '../../../time/clock.js'
import type { Metrics } from '../../metrics.js'
import type { StreamPlaces } from '../../streams/places.js'
import { FlagList } from '../../web/flag-list.js'
import { Follower } from '../../web/stream/follower.js'
import type { Processes } from '../../web/stream/stream-events.js'
import { addStreamMetrics } from '../../web/stream/stream-metrics.js'
import { webStreamLimits, type WebStreamLimits, WebStreams } from '../../web/stream/web-streams.js'
import { webActorRoutes } from './actors.js'
import { webCheckRoutes } from './checks.js'
import { webEventRoutes } from './events.js'
import { webFlagRoutes } from './flags.js'
import { webHistoryRoutes } from './history.js'
import { webProcessRoutes } from './processes.js'

export interface WebRoutesOptions {
  readonly instance: Instance
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'registry'>
  readonly places: StreamPlaces
  /** Default: 500 streams, 20 of one token. */
  readonly streamLimits?: Partial<WebStreamLimits>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
}

/** Adds the routes that read flags and follow them, below the prefix of its registration. */
export function webReadingRoutes(app: FastifyInstance, options: WebRoutesOptions): void {
  const { instance, logger, metrics, places, streamLimits, now, elapsed } = options
  const { config, feature } = instance
  const follower = new Follower({ instance, logger, clock: systemClock })
  const list = new FlagList({
    snapshot: () => instance.snapshot,
    catalog: () => instance.catalog,
    rules: { types: config.types, calendar: config.milestones },
    lastChanges: follower.lastChanges,
    now,
  })
  const health = () => {
    const { degraded, ageMs } = feature.status()
    return { degraded, age_ms: ageMs === null ? null : Math.round(ageMs) }
  }
  const limits = { ...webStreamLimits, ...streamLimits }
  const environment = config.env
  const processes = () => liveProcesses(instance)
  const streams = new WebStreams({
    processes,
    follower,
    list,
    environment,
    health,
    places,
    limits,
    logger,
    now,
    elapsed,
  })
  addStreamMetrics(metrics.registry, streams)
  follower.start()
  app.addHook('onClose', async () => follower.close())
  webActorRoutes(app, instance, logger)
  webFlagRoutes(app, { instance, list, logger, now })
  webCheckRoutes(app, instance)
  webProcessRoutes(app, instance)
  webHistoryRoutes(app, instance)
  webEventRoutes(app, { instance, streams, now })
}

async function liveProcesses(instance: Instance): Promise<Processes | null> {
  const found = await instance.processes()
  if (found === null) return null
  return { live: found.processes.length, current: found.processes.filter(({ isCurrent }) => isCurrent).length }
}
