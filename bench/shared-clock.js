const nanosecondsPerMs = 1e6

/** Milliseconds of a clock that all processes of the machine share. */
export function now() {
  return Number(process.hrtime.bigint()) / nanosecondsPerMs
}
