// Random schedules of faults in a model: whatever happened, and in whatever order it was heard of, all replicas end equal
// to the primary, and on the way a position never stands for other content than its own.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seed } from '../support/random.js'
import { allOf } from './figures.js'
import { type Mistakes, play } from './model/schedule.js'
import { busySchedules, type Schedule, schedules } from './model/steps.js'
import { hangMs, size } from './size.js'

const runs = size(300, 100_000)

describe('a random schedule of writes, restores, failovers, prunes, truncates, lost and late messages', () => {
  it(
    `leaves all replicas equal to the primary (${runs} schedules, seed ${seed})`,
    async () => {
      const property = fc.asyncProperty(schedules, async (schedule) => {
        const fault = await play(schedule)
        if (fault !== null) throw new Error(fault)
      })
      await fc.assert(property, { numRuns: runs, seed })
      console.log(`random schedules: ${runs} played without a divergence, seed ${seed}`)
      allOf('a random schedule in a model', `schedules without divergence (seed ${seed})`, runs, runs)
    },
    hangMs,
  )

  it.each([{ alone: false }, { alone: true }])(
    'leaves all replicas equal where nothing compares the content, as long as triggers are repaired by migrate (without a cache: $alone)',
    async ({ alone }) => {
      const property = fc.asyncProperty(schedules, async (schedule) => {
        const fault = await play(schedule, { comparesRarely: true, alone })
        if (fault !== null) throw new Error(fault)
      })
      await fc.assert(property, { numRuns: size(60, 5_000), seed })
    },
    hangMs,
  )

  const mistakes: readonly (readonly [string, Mistakes, fc.Arbitrary<Schedule>])[] = [
    ['hints applied from any position', { credulous: true }, busySchedules],
    ['position and content read in two statements', { twoStatements: true }, schedules],
    ['a history believed over a gap', { overGaps: true, comparesRarely: true, alone: true }, schedules],
    ['two databases at one address taken for one', { oneIdentity: true }, schedules],
  ]
  it.each(mistakes)(
    'shows a difference when a protection is missing: %s',
    async (_, mistake, drawn) => {
      const property = fc.asyncProperty(drawn, async (schedule) => (await play(schedule, mistake)) === null)
      const { failed } = await fc.check(property, { numRuns: 2_000, seed, endOnFailure: true })
      expect(failed).toBe(true)
    },
    hangMs,
  )
})
