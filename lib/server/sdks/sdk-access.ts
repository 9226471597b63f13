// Which project an SDK means, with which instance ID, and in which environment. Nothing is refused before the store was asked
// (lib/replica/projects/directory.ts).
import type { FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { Seen } from '../../project-flags/reports/report.js'
import type { Living, ProjectDirectory } from '../../replica/projects/directory.js'
import { programName } from '../../text/program-name.js'
import { isRecord } from '../../text/json.js'
import { applicationName, credentialCandidates, type SdkRequest } from '../../unleash/credentials.js'
import { reportedText, sdkIdentity } from '../../unleash/registration.js'
import type { SdkLimits } from '../access/sdk-limits.js'

export interface OfProject {
  readonly project: string
}

export type SdkQuestion = FastifyRequest<{ Params: OfProject }>

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

/** How an SDK is found, and how often an address may come with an ID that is wrong. */
export interface SdkAccess {
  readonly directory: ProjectDirectory
  readonly limits: SdkLimits
}

/**
 * The same after asking the store. Throws FeatureError (`unauthorized`): a project that is not there is answered as a wrong ID is.
 * Throws LimitReached without a look for an address that has sent too many wrong ones, and StoreUnavailable if the store cannot be
 * asked.
 */
export async function askedCaller(
  { directory, limits }: SdkAccess,
  { ip, params: { project } }: SdkQuestion,
  sdk: SdkRequest,
): Promise<SdkCaller> {
  const known = knownCaller(directory, project, sdk)
  if (known !== null) return known
  limits.guess(ip)
  const living = await directory.ask(project, credentialCandidates(sdk))
  if (living !== null) return callerOf(living, sdk)
  limits.noteWrong(ip)
  throw wrongInstanceId()
}

/** The request as `lib/unleash/` reads it; `body` is the parsed one of a report. */
export function sdkRequest({ headers, query }: FastifyRequest, body?: unknown): SdkRequest {
  return { headers, query: isRecord(query) ? query : {}, body }
}

/** What the request says of its SDK. `secrets` are texts that name an instance ID and no process. */
export function seenBy(
  { project, instanceId, environment }: SdkCaller,
  sdk: SdkRequest,
  secrets: readonly string[],
): Seen {
  return {
    project: project.id,
    environment: reportedText(environment, longestEnvironment),
    instanceId: instanceId.id,
    client: sdkIdentity(sdk, secrets),
  }
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
