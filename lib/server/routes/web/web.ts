// What pages ask: below /api/web, which has no other clients, so that its answers may change with the page.
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../../instance/instance.js'
import type { Logger } from '../../../log.js'
import { FlagList } from '../../web/flag-list.js'
import { webFlagRoutes } from './flags.js'

export interface WebRoutesOptions {
  readonly instance: Instance
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Adds the routes that read flags, below the prefix of its registration. */
export function webReadingRoutes(app: FastifyInstance, { instance, logger, now }: WebRoutesOptions): void {
  const { config } = instance
  const list = new FlagList({
    snapshot: () => instance.snapshot,
    catalog: () => instance.catalog,
    rules: { types: config.types, calendar: config.milestones },
    lastChanges: { version: 0, of: () => null },
    now,
  })
  webFlagRoutes(app, { instance, list, logger, now })
}
