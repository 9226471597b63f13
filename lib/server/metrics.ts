// The metrics for Prometheus. Each app has its own registry: there is no global state here.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { FeatureFlags } from '../feature/feature.js'
import type { Instance } from '../instance/instance.js'
import { gateState } from '../gates/flag-state.js'

export interface Metrics {
  readonly registry: Registry
  /** Notes one answered request; `route` is the pattern, never the path, which could be any text. */
  observe(request: { method: string; route: string; status: number }, seconds: number): void
  /** Notes an answer to a poll of an SDK: one plain number each, because there are thousands a second. */
  polled(status: number): void
}

/** Makes the metrics of one server. */
export function makeMetrics(instance: Instance): Metrics {
  const { feature } = instance
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  addReplicaMetrics(feature, registers)
  addTriggerMetric(feature, registers)
  addNewsMetrics(feature, registers)
  addFlagMetrics(instance, registers)
  const durations = new Histogram({
    name: 'sluice_http_request_duration_seconds',
    help: 'How long requests took, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  })
  const polls = new Map<number, number>()
  addPollMetric(polls, registers)
  return {
    registry,
    observe: (labels, seconds) => durations.observe(labels, seconds),
    polled: (status) => void polls.set(status, (polls.get(status) ?? 0) + 1),
  }
}

function addPollMetric(polls: ReadonlyMap<number, number>, registers: Registry[]): void {
  new Counter({
    name: 'sluice_sdk_polls_total',
    help: 'Answers to Unleash SDKs that asked for the flags of a project, by status.',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset()
      for (const [status, count] of polls) this.inc({ status }, count)
    },
  })
}

function addReplicaMetrics(feature: FeatureFlags, registers: Registry[]): void {
  new Gauge({
    name: 'sluice_position_version',
    help: 'The version of the state that this process answers from.',
    registers,
    collect() {
      this.set(Number(feature.status().position?.version ?? 0))
    },
  })
  new Gauge({
    name: 'sluice_snapshot_age_seconds',
    help: 'Seconds since the database last confirmed the snapshot; absent while it never has.',
    registers,
    collect() {
      const { ageMs } = feature.status()
      if (ageMs === null) this.remove()
      else this.set(ageMs / 1_000)
    },
  })
  new Gauge({
    name: 'sluice_degraded',
    help: '1 while the database cannot be read, otherwise 0.',
    registers,
    collect() {
      this.set(feature.status().degraded ? 1 : 0)
    },
  })
}

function addTriggerMetric(feature: FeatureFlags, registers: Registry[]): void {
  new Gauge({
    name: 'sluice_triggers_broken',
    help: '1 while triggers of the database are missing, disabled or altered, so that changes may leave no history; otherwise 0.',
    registers,
    collect() {
      this.set(feature.status().triggers?.state === 'broken' ? 1 : 0)
    },
  })
}

function addNewsMetrics(feature: FeatureFlags, registers: Registry[]): void {
  new Counter({
    name: 'sluice_refreshes_total',
    help: 'Refreshes by kind: none (nothing had changed), delta, whole, failed.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset()
      for (const [kind, count] of Object.entries(feature.counts().refreshes)) this.inc({ kind }, count)
    },
  })
  new Counter({
    name: 'sluice_hints_total',
    help: 'Hints of the database (LISTEN) that something may have changed.',
    registers,
    collect() {
      this.reset()
      this.inc(feature.counts().hints)
    },
  })
  new Counter({
    name: 'sluice_shared_hints_total',
    help: 'Hints of other processes through Redis: heard, applied, ignored (passed already), missed (led to a look).',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset()
      for (const [result, count] of Object.entries(feature.counts().shared)) this.inc({ result }, count)
    },
  })
  new Gauge({
    name: 'sluice_warnings',
    help: 'How many warnings status() shows at the moment; the log has their texts.',
    registers,
    collect() {
      this.set(feature.status().warnings.length)
    },
  })
  new Gauge({
    name: 'sluice_snapshot_source',
    help: '1 for the source of the snapshot: postgres, memory, redis, disk or definitions.',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset()
      this.set({ source: feature.status().source }, 1)
    },
  })
}

function addFlagMetrics(instance: Instance, registers: Registry[]): void {
  new Gauge({
    name: 'sluice_flags',
    help: 'Flags by state: on, off or conditional where stored, otherwise default_on or default_off.',
    labelNames: ['state'],
    registers,
    collect() {
      const counts: Record<string, number> = { on: 0, off: 0, conditional: 0, default_on: 0, default_off: 0 }
      for (const { gates, answer } of instance.snapshot.entries.values()) {
        const state = gates === null ? (answer ? 'default_on' : 'default_off') : gateState(gates)
        counts[state] = (counts[state] ?? 0) + 1
      }
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count)
    },
  })
}
