// Long work on this thread delays all other work on the event loop, so it is done in slices.
import { performance } from 'node:perf_hooks'

const sliceMs = 3

/**
 * If this slice has lasted long enough, waits until the event loop has done its other work; gives a promise only in that case.
 */
export type YieldIfDue = () => Promise<void> | undefined

/** Begins a piece of work to be done in slices: call the returned function now and then, and await its result. */
export function timeSlices(): YieldIfDue {
  let start = performance.now()
  return () => {
    if (performance.now() - start < sliceMs) return undefined
    return new Promise<void>((resume) => {
      setImmediate(() => {
        start = performance.now()
        resume()
      })
    })
  }
}
