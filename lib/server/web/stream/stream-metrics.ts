// The metrics of the streams for pages.
import { Counter, Gauge, type Registry } from 'prom-client'
import type { WebStreams } from './web-streams.js'

/** Adds them to the registry of the app. */
export function addStreamMetrics(registry: Registry, streams: WebStreams): void {
  const registers = [registry]
  new Gauge({
    name: 'sluice_web_streams',
    help: 'Streams of pages that are open.',
    registers,
    collect() {
      this.set(streams.count)
    },
  })
  new Counter({
    name: 'sluice_web_stream_events_total',
    help: 'Events that were sent to pages, by name, counted for each stream; resync is one that could not be told what it missed.',
    labelNames: ['event'],
    registers,
    collect() {
      this.reset()
      for (const [event, count] of streams.tallies.events) this.inc({ event }, count)
    },
  })
  new Counter({
    name: 'sluice_web_streams_ended_total',
    help: 'Streams of pages that this server refused or ended: refused (by a limit), unread (the page did not read), token (it ended).',
    labelNames: ['reason'],
    registers,
    collect() {
      const { refused, unread, endedWithHolder } = streams.tallies
      this.reset()
      this.inc({ reason: 'refused' }, refused)
      this.inc({ reason: 'unread' }, unread)
      this.inc({ reason: 'token' }, endedWithHolder)
    },
  })
}
