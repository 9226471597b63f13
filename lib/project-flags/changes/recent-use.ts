// What keeps an instance ID that SDKs use from being ended by mistake.
import { FeatureError } from '../../errors.js'
import type { InstanceId } from '../project.js'

const dayMs = 86_400_000

/**
 * An SDK that loses its credential may stop asking for good, and answers with its last flags from then on. Throws FeatureError
 * (`in_use`) for an ID that was used within a day; `what` names it, or what holds it.
 */
export function assertUnusedLately({ lastUsedAt }: InstanceId, what: string): void {
  if (lastUsedAt === null || Date.now() - lastUsedAt.getTime() > dayMs) return
  throw new FeatureError('in_use', {
    problem: `${what} was used at ${lastUsedAt.toISOString()}`,
    remedy: 'give the SDKs another instance ID first, or add force',
  })
}
