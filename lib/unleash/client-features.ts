// What an SDK is told of a project in one environment: GitLab's answer of `client/features`, and its tag. Pure.
//
// Every value of `parameters` is text: an SDK that meets a number there loses all flags. A flag of which no strategy matches is
// absent: an SDK takes a flag without strategies for one that is on for everybody.
import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { isInScope } from '../project-flags/environment-scope.js'
import type { ProjectFlag, Strategy } from '../project-flags/project-flag.js'
import type { ProjectContent } from '../project-flags/project.js'

/** An answer as bytes, made once for all SDKs that get it. */
export class ClientFeatures {
  readonly body: Buffer
  /** A strong tag that names these bytes: on all servers, and also after a restore. */
  readonly etag: string
  #zipped: Buffer | null = null

  constructor(body: string) {
    this.body = Buffer.from(body)
    this.etag = `"${Buffer.from(hash('sha256', this.body, 'hex').slice(0, tagDigits), 'hex').toString('base64url')}"`
  }

  /** The bytes for an SDK that takes gzip; those of `body` where zipping saves nothing. */
  get zipped(): Buffer {
    this.#zipped ??= this.body.length < worthZipping ? this.body : gzipSync(this.body)
    return this.#zipped
  }

  /** The bytes in memory. */
  get bytes(): number {
    const zipped = this.#zipped === null || this.#zipped === this.body ? 0 : this.#zipped.length
    return this.body.length + zipped
  }
}

/** 128 bits. */
const tagDigits = 32
/** One packet of a network holds this much anyway. */
const worthZipping = 1_400
/** How many answers of one content are kept: a name costs one only where its scopes match in another way. */
const mostShapes = 200
/** The environments of a project are few; names beyond these are matched each time. */
const mostNames = 100

/** The answers for one content of a project: one for each set of scopes that match an environment, however many names there are. */
export class ClientAnswers {
  readonly #content: ProjectContent
  readonly #scopes: readonly string[]
  readonly #byShape = new Map<string, ClientFeatures>()
  readonly #byName = new Map<string, ClientFeatures>()

  constructor(content: ProjectContent) {
    this.#content = content
    this.#scopes = scopesOf(content)
  }

  /** The number of answers that were made. */
  get shapes(): number {
    return this.#byShape.size
  }

  /** The bytes of the answers in memory. */
  get bytes(): number {
    let bytes = 0
    for (const made of this.#byShape.values()) bytes += made.bytes
    return bytes
  }

  /** The answer for an environment; without a name an SDK gets no flags, as from GitLab. */
  in(environment: string): ClientFeatures {
    const known = this.#byName.get(environment)
    if (known !== undefined) return known
    const made = this.#ofShape(environment)
    if (this.#byName.size >= mostNames) this.#byName.clear()
    this.#byName.set(environment, made)
    return made
  }

  #ofShape(environment: string): ClientFeatures {
    const matching = environment === '' ? [] : this.#scopes.filter((scope) => isInScope(scope, environment))
    const shape = matching.join('\0')
    const known = this.#byShape.get(shape)
    if (known !== undefined) return known
    const features = featureTexts(this.#content, new Set(matching))
    const made = new ClientFeatures(`{"version":1,"features":[${[...features.values()].join(',')}]}`)
    for (const oldest of this.#byShape.keys()) {
      if (this.#byShape.size < mostShapes) break
      this.#byShape.delete(oldest)
    }
    this.#byShape.set(shape, made)
    return made
  }
}

/** The features for an environment as JSON, by name, in the order of the flags; none without an environment. */
export function clientFeatures(content: ProjectContent, environment: string): ReadonlyMap<string, string> {
  const scopes = environment === '' ? [] : scopesOf(content).filter((scope) => isInScope(scope, environment))
  return featureTexts(content, new Set(scopes))
}

function scopesOf({ flags }: ProjectContent): readonly string[] {
  const scopes = flags.flatMap(({ strategies }) => strategies.flatMap(({ scopes: one }) => one))
  return [...new Set(scopes.map(({ environmentScope }) => environmentScope))]
}

function featureTexts({ flags, lists }: ProjectContent, scopes: ReadonlySet<string>): ReadonlyMap<string, string> {
  const users = new Map(lists.map(({ id, userXids }) => [id, userXids]))
  const features = flags.flatMap((flag) => {
    const feature = clientFeature(flag, scopes, users)
    return feature === null ? [] : [[flag.name, JSON.stringify(feature)] as const]
  })
  return new Map(features)
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
