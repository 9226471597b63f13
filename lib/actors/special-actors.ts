// GitLab's special actors (lib/feature.rb: `Feature.current_request`, `.current_pod`, `.gitlab_instance`).
import type { Actor, SpecialActor } from './actor.js'

export interface SpecialIds {
  /** The id of the request under way; outside of a request, each call gives a new one. */
  readonly requestId: () => string
  readonly host: string
  readonly pod: string
}

/** Resolves special actors; the two that never change are built once. */
export function specialActors(ids: SpecialIds): (kind: SpecialActor) => Actor {
  const instance: Actor = Object.freeze({ flipperId: `FlipperGitlabInstance:${ids.host}` })
  const pod: Actor = Object.freeze({ flipperId: `FlipperPod:${ids.pod}` })
  return (kind) => {
    switch (kind) {
      case 'instance':
        return instance
      case 'pod':
        return pod
      case 'request':
        return { flipperId: `FlipperRequest:${ids.requestId()}` }
    }
  }
}
