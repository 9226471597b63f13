// The counts of a slider, beside what checks answer at each percentage.
import { describe, expect, it } from 'vitest'
import { countsByPercent } from '../../lib/gates/by-percent.js'
import { chanceOf } from '../../lib/gates/chance.js'
import { compileGates } from '../../lib/gates/compile.js'

const ids = Array.from({ length: 500 }, (_, index) => `User:${index}`)
const actors = ids.map((id, index) => ({ id, isInGroup: index % 50 === 3 }))
const inGroup = (id: string) => actors.find((actor) => actor.id === id)?.isInGroup ?? false

type Rows = Readonly<Record<string, readonly string[]>>

const cases: readonly (readonly [string, Rows | null])[] = [
  ['of which nothing is stored', null],
  ['with a share', { percentage_of_actors: ['25'] }],
  ['with lists', { actors: ['User:1', 'User:2', 'User:3:opt_out', 'User:2:opt_out'], percentage_of_actors: ['5'] }],
  ['with groups', { groups: ['staff'], actors: ['User:3:opt_out'] }],
  ['that is on for everybody', { boolean: ['true'] }],
  ['with a share of checks', { percentage_of_time: ['30'] }],
  ['with all checks', { percentage_of_time: ['100'], actors: ['User:9:opt_out'] }],
]

describe('the counts by percentage', () => {
  it.each(cases)('are those of checks at each percentage, of a flag %s', (_, rows) => {
    const name = 'a_flag'
    const gatesAt = (share: number) =>
      compileGates(name, new Map(Object.entries({ ...rows, percentage_of_actors: [String(share)] })))
    const certain = (share: number) =>
      ids.filter((id) => chanceOf(gatesAt(share), false, id, () => inGroup(id)) === 1).length
    const gates = rows === null ? null : compileGates(name, new Map(Object.entries(rows)))
    const withoutGroups = rows?.['groups'] === undefined
    const counted = actors.map(({ id, isInGroup }) => ({ id, isInGroup: isInGroup && !withoutGroups }))
    const counts = countsByPercent(name, gates, counted)
    expect(counts).toEqual(Array.from({ length: 101 }, (_unused, share) => certain(share)))
  })
})
