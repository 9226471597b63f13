// Scripts of the page without a browser: time passes when a test says so, and what they call on the window is there.
import { afterEach, beforeEach, vi } from 'vitest'

/** For each test of the file or the group that calls it. Gives what lets milliseconds pass. */
export function useFakeTime(): (ms: number) => Promise<unknown> {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('window', globalThis)
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })
  return (ms) => vi.advanceTimersByTimeAsync(ms)
}
