// Help for tests of applications: the door of `sluice/testing`. The entries of the runners stand beside it.
export { type Fleet, startFleet } from './fleet.js'
export { expectInvalidFlag } from './invalid-flag.js'
export { type Matched, toHavePushedFeatureFlags, type WantedFeatures } from './pushed-features.js'
export { type ExperimentStubs, stubExperiments } from './stub-experiments.js'
export {
  bothStates,
  type FlagStub,
  type FlagStubs,
  stubFeatureFlagGate,
  stubFeatureFlags,
  withFeatureFlags,
} from './stubs.js'
export { type FeatureFlagTestOptions, setUpFeatureFlags } from './test-scopes.js'
