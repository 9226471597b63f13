// What has changed for an SDK since the revision that it has: the answers of `client/delta`, and the events of a stream. Pure.
//
// An event's id is the project's revision: SDKs of some languages read no more than 32 bits. A change between two revisions is worked out
// from the two contents, for the environment of the SDK, and made once for all who have the same two.
import { isDeepStrictEqual } from 'node:util'
import type { ProjectContent } from '../project-flags/project.js'
import { clientFeatures } from './client-features.js'

/** How many revisions are remembered: an SDK with an older one gets everything. */
const mostRevisions = 64
/** How many answers are kept until the next change; beyond these they are made again each time. */
const mostKept = 500
/** What one flag takes that is remembered only here; measured. */
const bytesOfFlag = 1_500

/** The last revisions of a project, and what SDKs are told of them. */
export class DeltaHistory {
  #contents: readonly ProjectContent[]
  readonly #hydrations = new Map<string, string>()
  readonly #changes = new Map<string, string | null>()

  constructor(content: ProjectContent) {
    this.#contents = [content]
  }

  /** The newest revision. */
  get revision(): number {
    return this.#newest.project.revision
  }

  /** The bytes in memory beside the newest content. */
  get bytes(): number {
    const flags = new Set(this.#contents.flatMap((content) => content.flags))
    const kept = [...this.#hydrations.values(), ...this.#changes.values()]
    const texts = kept.reduce((sum, text) => sum + (text?.length ?? 0), 0)
    return (flags.size - this.#newest.flags.length) * bytesOfFlag + 2 * texts
  }

  /** Takes over the next content. After a restore, or another content of the same revision, nothing before it counts. */
  add(content: ProjectContent): void {
    this.#hydrations.clear()
    this.#changes.clear()
    const isNext = content.project.revision > this.revision
    const before = isNext ? this.#contents.slice(1 - mostRevisions) : []
    this.#contents = [...before, isNext ? sharing(content, this.#newest) : content]
  }

  /** Everything, for an SDK that has nothing that is known here: a document of delta. */
  hydration(environment: string): string {
    const known = this.#hydrations.get(environment)
    if (known !== undefined) return known
    const features = [...clientFeatures(this.#newest, environment).values()].join(',')
    const event = `{"type":"hydration","eventId":${this.revision},"features":[${features}],"segments":[]}`
    return keep(this.#hydrations, environment, `{"events":[${event}]}`)
  }

  /**
   * What has changed since a revision; null if nothing has for this environment. Undefined for a revision that is not known here: then
   * `hydration` has the answer.
   */
  since(environment: string, revision: number): string | null | undefined {
    const before = this.#contents.find(({ project }) => project.revision === revision)
    if (before === undefined) return undefined
    if (before === this.#newest) return null
    const key = `${environment}\0${revision}`
    const known = this.#changes.get(key)
    return known !== undefined ? known : keep(this.#changes, key, this.#changesSince(before, environment))
  }

  get #newest(): ProjectContent {
    const newest = this.#contents.at(-1)
    if (newest === undefined) throw new TypeError('a history of revisions is never empty')
    return newest
  }

  #changesSince(before: ProjectContent, environment: string): string | null {
    const { path } = this.#newest.project
    const [old, now] = [clientFeatures(before, environment), clientFeatures(this.#newest, environment)]
    const head = (type: string) => `{"type":"${type}","eventId":${this.revision},`
    const events = [
      ...[...now]
        .filter(([name, text]) => old.get(name) !== text)
        .map(([, text]) => `${head('feature-updated')}"feature":${text}}`),
      ...[...old.keys()]
        .filter((name) => !now.has(name))
        .map(
          (name) =>
            `${head('feature-removed')}"featureName":${JSON.stringify(name)},"project":${JSON.stringify(path)}}`,
        ),
    ]
    return events.length === 0 ? null : `{"events":[${events.join(',')}]}`
  }
}

function keep<T>(kept: Map<string, T>, key: string, made: T): T {
  if (kept.size < mostKept) kept.set(key, made)
  return made
}

/** The same content, with the flags of the one before where they are equal: so that 64 revisions are one content and the changes. */
function sharing(content: ProjectContent, before: ProjectContent): ProjectContent {
  const known = new Map(before.flags.map((flag) => [flag.id, flag]))
  const flags = content.flags.map((flag) => {
    const last = known.get(flag.id)
    return last !== undefined && last.revision === flag.revision && isDeepStrictEqual(last, flag) ? last : flag
  })
  const lists = isDeepStrictEqual(before.lists, content.lists) ? before.lists : content.lists
  return { ...content, flags, lists }
}

/** The revision that `If-None-Match` or `Last-Event-ID` names, in any form of a tag; null for none. The newest of several counts. */
export function namedRevision(text: string | undefined): number | null {
  if (text === undefined || text.length > 8_192) return null
  const named = text.split(',').flatMap((part) => {
    const [, digits] = /^(?:W\/)?"?(\d{1,10})(?:[-;]gzip)?"?(?:[-;]gzip)?$/.exec(part.trim()) ?? []
    return digits === undefined ? [] : [Number(digits)]
  })
  return named.length === 0 ? null : Math.max(...named)
}
