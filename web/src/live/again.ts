// Asks again what stands for a moment only: an answer from memory, or none because the server or its database was away. The event that tells
// that they are back may come before the question can be answered, and no other event follows it.
import { getCurrentScope, onScopeDispose, watch } from 'vue'
import type { ApiFault } from '../api/fault.js'

const firstMs = 1_000
const longestMs = 10_000

/** Whether the same question may have an answer soon: no server was there, or the server had no database. */
export function isAway(fault: ApiFault | null): boolean {
  return fault !== null && (fault.kind === 'offline' || fault.kind === 'slow' || [502, 503, 504].includes(fault.status))
}

/**
 * Calls `ask` while `isForNow` holds for what was answered last: after a second, and then later and later. `answered` is what each answer
 * replaces, a good one or a fault.
 */
export function askAgainWhile(isForNow: () => boolean, answered: () => unknown, ask: () => void): void {
  let timer: number | undefined
  let waitMs = firstMs

  watch([isForNow, answered], ([now]) => {
    window.clearTimeout(timer)
    if (!now) {
      waitMs = firstMs
      return
    }
    timer = window.setTimeout(ask, waitMs)
    waitMs = Math.min(2 * waitMs, longestMs)
  })
  if (getCurrentScope() !== undefined) onScopeDispose(() => window.clearTimeout(timer))
}
