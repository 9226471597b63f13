// What an SDK is told of a project in one environment: GitLab's answer of `client/features`, and its tag. Pure.
//
// Every value of `parameters` is text: an SDK that meets a number there loses all flags. A flag of which no strategy matches is
// absent: an SDK takes a flag without strategies for one that is on for everybody.
import { createHash } from 'node:crypto'
import { isInScope } from '../project-flags/environment-scope.js'
import type { ProjectFlag, Strategy } from '../project-flags/project-flag.js'
import type { ProjectContent } from '../project-flags/project.js'

export interface ClientFeatures {
  readonly body: string
  /** A strong tag that names these bytes. */
  readonly etag: string
}

/** How many answers of one content are kept: an application name costs one only where its scopes match in another way. */
const mostShapes = 1_000

/** The answers for one content of a project, each made once. */
export class ClientAnswers {
  readonly #content: ProjectContent
  readonly #scopes: readonly string[]
  readonly #byShape = new Map<string, ClientFeatures>()

  constructor(content: ProjectContent) {
    this.#content = content
    const scopes = content.flags.flatMap(({ strategies }) => strategies.flatMap(({ scopes: one }) => one))
    this.#scopes = [...new Set(scopes.map(({ environmentScope }) => environmentScope))]
  }

  /** The answer for an environment; without a name an SDK gets no flags, as from GitLab. */
  in(environment: string): ClientFeatures {
    const matching = new Set(environment === '' ? [] : this.#scopes.filter((scope) => isInScope(scope, environment)))
    const shape = environment === '' ? '' : this.#scopes.map((scope) => (matching.has(scope) ? '1' : '0')).join('')
    const made = this.#byShape.get(shape) ?? clientFeatures(this.#content, matching)
    if (this.#byShape.size < mostShapes) this.#byShape.set(shape, made)
    return made
  }
}

function clientFeatures({ flags, lists }: ProjectContent, scopes: ReadonlySet<string>): ClientFeatures {
  const users = new Map(lists.map(({ id, userXids }) => [id, userXids]))
  const features = flags.flatMap((flag) => clientFeature(flag, scopes, users) ?? [])
  const body = JSON.stringify({ version: 1, features })
  return { body, etag: `"${createHash('sha256').update(body).digest().subarray(0, 16).toString('base64url')}"` }
}

function clientFeature(
  { name, description, active, strategies }: ProjectFlag,
  scopes: ReadonlySet<string>,
  users: ReadonlyMap<number, string>,
): object | null {
  const matching = strategies.filter((one) => one.scopes.some(({ environmentScope }) => scopes.has(environmentScope)))
  if (matching.length === 0) return null
  const described = description === null ? {} : { description }
  return { name, ...described, enabled: active, strategies: matching.map((one) => clientStrategy(one, users)) }
}

/** SDKs do not know lists of users: they get the ids. */
function clientStrategy({ name, parameters, userListId }: Strategy, users: ReadonlyMap<number, string>): object {
  if (name !== 'gitlabUserList') return { name, parameters }
  return {
    name: 'userWithId',
    parameters: { userIds: (userListId === null ? undefined : users.get(userListId)) ?? '' },
  }
}
