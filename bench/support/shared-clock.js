// The one clock that all processes of the machine share.

const nanosecondsPerMs = 1e6

/** Milliseconds. */
export function now() {
  return Number(process.hrtime.bigint()) / nanosecondsPerMs
}
