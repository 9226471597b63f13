// The metrics of SDKs for Prometheus, without names of projects, flags or environments: there may be thousands.
import { Counter, Gauge, type Registry } from 'prom-client'
import type { SdkServices } from './sdk-services.js'

/** Adds them to the registry of the app. */
export function addSdkMetrics(registry: Registry, { traffic, reports }: SdkServices): void {
  const registers = [registry]
  new Counter({
    name: 'sluice_sdk_reports_total',
    help: 'Reports of SDKs that were accepted: taken, or dropped because the body was compressed, too_large or not_json.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset()
      for (const [result, count] of Object.entries(traffic.reports)) this.inc({ result }, count)
    },
  })
  new Counter({
    name: 'sluice_sdk_report_rows_dropped_total',
    help: 'Rows of reports that were not counted: malformed, time (not of now), too_many, no_room (in memory), no_such_flag.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(reports.tallies.dropped)) this.inc({ reason }, count)
    },
  })
  new Counter({
    name: 'sluice_sdk_report_flushes_total',
    help: 'Flushes of reports to the database: done, or failed, after which reports wait in memory.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset()
      for (const [result, count] of Object.entries(reports.tallies.flushes)) this.inc({ result }, count)
    },
  })
  new Gauge({
    name: 'sluice_sdk_report_rows_waiting',
    help: 'Rows of reports that wait in memory for the next flush.',
    registers,
    collect() {
      this.set(reports.waiting)
    },
  })
}
