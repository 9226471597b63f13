// Which project an SDK means, with which instance ID, and in which environment. Nothing is refused before the store was asked
// (lib/replica/projects/directory.ts).
import { FeatureError } from '../../errors.js'
import type { Living, ProjectDirectory } from '../../replica/projects/directory.js'
import { programName } from '../../text/program-name.js'
import { applicationName, credentialCandidates, type SdkRequest } from '../../unleash/credentials.js'

/** An SDK whose instance ID lives. */
export interface SdkCaller extends Living {
  /** The instance ID's own, otherwise the application's name; empty for none. */
  readonly environment: string
}

const longestEnvironment = 255

/** The caller as far as the directory knows it; null if the store has to be asked. */
export function knownCaller(directory: ProjectDirectory, idOrPath: string, sdk: SdkRequest): SdkCaller | null {
  const living = directory.known(idOrPath, credentialCandidates(sdk))
  return living === null ? null : callerOf(living, sdk)
}

/**
 * The same after asking the store. Throws FeatureError (`unauthorized`): a project that is not there is answered as a wrong ID is.
 * Throws StoreUnavailable if the store cannot be asked.
 */
export async function askedCaller(directory: ProjectDirectory, idOrPath: string, sdk: SdkRequest): Promise<SdkCaller> {
  const living = await directory.ask(idOrPath, credentialCandidates(sdk))
  if (living !== null) return callerOf(living, sdk)
  throw wrongInstanceId()
}

export function wrongInstanceId(): FeatureError {
  return new FeatureError('unauthorized', {
    problem: 'no instance ID of this project came with the request',
    remedy: `${programName()} project configure PATH shows the values for an SDK`,
  })
}

function callerOf({ project, instanceId }: Living, sdk: SdkRequest): SdkCaller {
  const environment = (instanceId.environment ?? applicationName(sdk)).slice(0, longestEnvironment)
  return { project, instanceId, environment }
}
