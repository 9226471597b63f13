// What was measured, one line of JSON a figure, for the table that `npm run test:faults` prints.
// A figure that misses its goal is marked in the table; tests fail for wrong outcomes alone.
import { appendFileSync } from 'node:fs'

export interface Figure {
  /** The row of the failure matrix. */
  readonly fault: string
  readonly what: string
  readonly goal: string
  readonly measured: string
  readonly met: boolean
}

/** Notes a number that should not exceed its goal. */
export function atMost(fault: string, what: string, goal: number, measured: number, unit = ''): void {
  note({ fault, what, goal: `≤ ${shown(goal)}${unit}`, measured: `${shown(measured)}${unit}`, met: measured <= goal })
}

/** Notes how many of all came out right; the goal is all of them. */
export function allOf(fault: string, what: string, right: number, all: number): void {
  note({ fault, what, goal: `${all} of ${all}`, measured: `${right} of ${all}`, met: right === all })
}

function note(figure: Figure): void {
  const path = process.env['SLUICE_FAULTS_REPORT']
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(figure)}\n`)
}

function shown(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(value < 10 ? 2 : 0)
}
