// The public door: re-exports, nothing else.
export type { Actor, SpecialActor } from './actors/actor.js'
export { FeatureGate } from './actors/feature-gate.js'
export { FeatureGroup } from './actors/groups.js'
export type { Config } from './config/config.js'
export type { CacheSecret } from './config/cache-secret.js'
export type { ConnectionUrl } from './config/connection-source.js'
export {
  type ActorClass,
  defineConfig,
  type FeatureOptions,
  type FoundActor,
  type Limits,
  type RedisTls,
  type ServerLimits,
} from './config/options.js'
export type { Definition } from './definition/definition.js'
export * from './errors.js'
export type { FeatureFlags } from './feature/feature.js'
export type { CheckActor, CheckOptions } from './feature/check/arguments.js'
export type { FlagDescription } from './feature/describe.js'
export type { ChangeEvent, ChangeListener, StoredFlagState } from './feature/events.js'
export * from './feature/flag-name.js'
export type { ActorOrGroup, WriteThing } from './feature/change/arguments.js'
export type { StateExport } from './feature/change/export-import.js'
export type { WriteContext } from './feature/change/change-writer.js'
export type { Decision, Reason } from './gates/decide.js'
export type { Logger } from './log.js'
export { createFeature, Feature } from './instance/create.js'
export type { ReplicaCounts, ReplicaStatus } from './replica/replica.js'
export type { Position } from './state/state.js'
export type { HistoryEntry, HistoryQuery, TriggerFault, TriggerReport } from './store/store.js'
