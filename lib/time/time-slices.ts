// Long work on this thread is felt as latency by everybody who shares the event loop: it is done in slices.
import { performance } from 'node:perf_hooks'

const sliceMs = 3

/** Waits until the event loop has been served if this slice has lasted long enough; a promise only where it has to. */
export type Breathe = () => Promise<void> | undefined

/** Begins a piece of work to be done in slices: call what is returned now and then, and await what it gives. */
export function breathing(): Breathe {
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
