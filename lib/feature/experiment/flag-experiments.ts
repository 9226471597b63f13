// What applications ask of experiments, with what it does and throws; feature.ts has it.
import type { GivenVariants } from '../../experiments/variants.js'
import type {
  ExperimentActor,
  ExperimentCall,
  ExperimentName,
  ExperimentResult,
  UsualVariants,
  VariantOf,
} from './experiment-call.js'

export interface FlagExperiments {
  /**
   * The variant of an actor in an experiment, a flag of type `experiment`. It is computed from the names of both, and kept in the
   * database, so that it stays when the rollout or the weights change; the database is waited for 50 ms at most. Never rejects in
   * production. In strict mode it rejects with InvalidFeatureFlagError (`unknown_flag`, `flag_type_mismatch`, `invalid_actor`,
   * `actor_kind_mismatch`, `invalid_arguments` for options and variants).
   *
   * @example
   * const { variant } = await Feature.experiment('dark_pages', { actor: user, onExposure: (exposure) => track(exposure) })
   * if (variant === 'candidate') renderDark()
   */
  experiment<
    Name extends ExperimentName,
    Who extends ExperimentActor<Name>,
    const Given extends GivenVariants = UsualVariants,
  >(name: Name, options: ExperimentCall<Who, Given>): Promise<ExperimentResult<VariantOf<Given>>>
}
