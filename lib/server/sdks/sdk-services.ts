// What the routes of SDKs share: how often they may ask, what they report, and how much of both there is.
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import { SdkReports } from '../../project-flags/reports/reports.js'
import { systemClock } from '../../time/clock.js'
import { SdkLimits } from '../access/sdk-limits.js'
import { StreamPlaces } from '../streams/places.js'
import { SdkTraffic } from './sdk-traffic.js'

export interface SdkServices {
  readonly limits: SdkLimits
  readonly reports: SdkReports
  readonly traffic: SdkTraffic
  /** Shared with the streams of pages. */
  readonly places: StreamPlaces
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
}

export interface SdkServicesOptions {
  readonly instance: Instance
  readonly logger: Logger
  readonly now: () => number
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
}

/** Those of one app; the caller closes `reports`. */
export function makeSdkServices({ instance, logger, now, elapsed }: SdkServicesOptions): SdkServices {
  const { connections, pollsPerMinute, reportsPerMinute, wrongInstanceIdsPerMinute } = instance.config.server
  const limits = new SdkLimits({
    polls: pollsPerMinute,
    reports: reportsPerMinute,
    wrongIds: wrongInstanceIdsPerMinute,
    now,
    elapsed,
  })
  const store = async () => (await instance.reports()).store
  const reports = new SdkReports({ store, logger, clock: systemClock, now })
  return { limits, reports, traffic: new SdkTraffic(), places: new StreamPlaces(connections), now, elapsed }
}
