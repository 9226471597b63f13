// How large the answer to SDKs of an environment becomes: each SDK fetches it whole after every change. Pure.
import { isInScope } from './environment-scope.js'
import type { ProjectContent } from './project.js'
import { refuseIfAny } from './refusal.js'

const mostBytes = 5_000_000

/** Throws InvalidProjectFlag if a change makes the answer of an environment larger than SDKs should have to fetch. */
export function checkAnswerSize(before: ProjectContent, after: ProjectContent): void {
  // Both have the same parts but for those that changed; and what is too large already may be made smaller in steps.
  if (bytesOfAll(after) <= mostBytes) return
  const size = largestAnswer(after)
  if (size <= mostBytes || size <= largestAnswer(before)) return
  refuseIfAny([`The flags of an environment are too large together (maximum is ${mostBytes / 1_000_000} MB)`])
}

/** About the bytes of the largest answer; of environments those are looked at that a scope names. */
export function largestAnswer(content: ProjectContent): number {
  const parts = sizes(content)
  const scopes = new Set(parts.flatMap((part) => part.scopes))
  const answers = [...scopes].map((environment) =>
    parts
      .filter((part) => part.scopes.some((scope) => isInScope(scope, environment)))
      .reduce((sum, { bytes }) => sum + bytes, 0),
  )
  return Math.max(0, ...answers)
}

function bytesOfAll(content: ProjectContent): number {
  return sizes(content).reduce((sum, { bytes }) => sum + bytes, 0)
}

interface Part {
  readonly scopes: readonly string[]
  readonly bytes: number
}

/** Of each strategy, with what an SDK is sent for it. */
function sizes({ flags, lists }: Pick<ProjectContent, 'flags' | 'lists'>): readonly Part[] {
  const ofLists = new Map(lists.map(({ id, userXids }) => [id, Buffer.byteLength(userXids)]))
  return flags.flatMap(({ description, strategies }) => {
    const ofFlag = 100 + Buffer.byteLength(description ?? '')
    return strategies.map(({ parameters, userListId, scopes }) => {
      const ofList = userListId === null ? 0 : (ofLists.get(userListId) ?? 0)
      const bytes = ofFlag + Object.values(parameters).reduce((sum, text) => sum + Buffer.byteLength(text), 100)
      return { scopes: scopes.map(({ environmentScope }) => environmentScope), bytes: bytes + ofList }
    })
  })
}
