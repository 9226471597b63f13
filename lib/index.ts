// The public door: re-exports by name, nothing else. test/surface/api-report.md is what a user gets.
export type { Actor, ActorOfKind, FlipperIdOf, SpecialActor } from './actors/actor.js'
export {
  type ActorId,
  FeatureGate,
  type FeatureGateOptions,
  type GatedActor,
  type GatedActorClass,
} from './actors/feature-gate.js'
export { FeatureGroup } from './actors/groups.js'
export type { CacheSecret } from './config/cache-secret.js'
export type { ConnectionUrl } from './config/connection-source.js'
export type { ExperimentOptions } from './config/experiment-options.js'
export {
  type ActorClass,
  defineConfig,
  type DescribedActor,
  type DescribedActors,
  type FeatureOptions,
  type FoundActor,
  type Limits,
  type RedisTls,
  type SampledActors,
  type SampleQuestion,
  type ServerLimits,
} from './config/options.js'
export type { UsageOptions } from './config/usage-options.js'
export type { Milestones } from './definition/age.js'
export type { Definition, DefinitionFields } from './definition/definition.js'
export type { OwnFlagType } from './definition/types.js'
export {
  ConfigurationError,
  type ErrorClass,
  type ErrorCode,
  type ErrorCodeOf,
  type ErrorParts,
  errorTable,
  FeatureError,
  InvalidFeatureFlagError,
  InvalidOperation,
  OutcomeUnknown,
  StoreUnavailable,
} from './errors.js'
export { type SignedOverride, signExperimentOverride } from './experiments/override.js'
export type { GivenVariants } from './experiments/variants.js'
export type {
  ActorOrGroup,
  ActorTarget,
  OptOutsOf,
  TargetOf,
  Targets,
  TargetsOf,
  WriteThing,
} from './feature/change/arguments.js'
export { type Conflict, FlagChanged, type OtherChange } from './feature/change/conflict.js'
export type { ChangesQuery, HistoryNarrowing, HistoryQuery } from './feature/history/changes-query.js'
export type { ChangedFlag, ChangesPage, FlagChange } from './feature/history/flag-history.js'
export type { PointText } from './feature/history/point.js'
export type { ChangeDetails } from './store/change-origin.js'
export type { StateExport } from './feature/change/export-import.js'
export type { FlagChanges, PreviewOptions, RestoreContext } from './feature/change/flag-changes.js'
export type { FlagList, FlagOperation } from './feature/change/operations.js'
export type { CopiedCommands } from './feature/change/preview/commands.js'
export type { Effect } from './feature/change/preview/effect.js'
export type { GateChange, ListChange, ValueChange, Wiped } from './feature/change/preview/gate-changes.js'
export type { Level } from './feature/change/preview/level.js'
export type { FlagOutline, PreviewedFlag } from './feature/change/preview/outline.js'
export type { FlagPreview, Preview, PreviewWarning } from './feature/change/preview/preview.js'
export type { WriteContext } from './feature/change/write-context.js'
export type { CheckActor, CheckOptions } from './feature/check/arguments.js'
export type {
  ActorArguments,
  ActorsOf,
  CheckArguments,
  DevelopmentOptions,
  IsUnion,
  NameItsType,
  NoArguments,
  NotHere,
  OneActor,
  OptionalType,
  OptionsOfType,
  OtherCalls,
  UndefinedFlag,
  WayIf,
  WayOf,
} from './feature/check/check-call.js'
export type { FlagChecks } from './feature/check/flag-checks.js'
export type { FlagDescription } from './feature/describe.js'
export type { ChangeEvent, ChangeListener, StoredFlagState } from './feature/events.js'
export type {
  AskedActor,
  ExperimentActor,
  ExperimentCall,
  ExperimentName,
  ExperimentResult,
  Exposure,
  IsExperiment,
  Segment,
  UsualVariants,
  VariantOf,
} from './feature/experiment/experiment-call.js'
export type {
  DecidingChange,
  ExplainedAnswer,
  ExplainedAsOf,
  ExplainedBucket,
  ExplainedGate,
  Explanation,
} from './feature/explain/explanation.js'
export type { ExplainMore, FlagExplanations } from './feature/explain/flag-explanations.js'
export type { FlagExperiments } from './feature/experiment/flag-experiments.js'
export type { FeatureFlags } from './feature/feature.js'
export type {
  AnyDeclaredFlag,
  DeclarationOf,
  DeclaredFlag,
  FlagName,
  FlagNames,
  FrontendFlagNames,
  KindOf,
  OptionalFlagTypes,
} from './feature/flag-name.js'
export type { FlagOverview } from './feature/flag-overview.js'
export type { Decision, Reason } from './gates/decide.js'
export type { GateValue } from './gates/flag-state.js'
export { createFeature, Feature } from './instance/create.js'
export type { Logger } from './log.js'
export type { HintCounts } from './replica/peers/heard.js'
export type { RefreshKind } from './replica/refresh/question.js'
export type { ReplicaCounts, ReplicaStatus } from './replica/replica.js'
export type { SnapshotSource } from './replica/snapshot.js'
export type { Position } from './state/state.js'
export type { HistoryEntry, TriggerFault, TriggerFaultKind, TriggerReport } from './store/store.js'
