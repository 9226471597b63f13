// The tables of test/vectors were computed by the gem (flipper 0.25.4 on Ruby 3.1; opt-outs by GitLab's own two lines,
// several actors by the formula of Flipper 1.x). A row, once released, is never edited.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { actorBucket } from '../../lib/gates/bucket.js'
import { compileGates } from '../../lib/gates/compile.js'
import { crc32Finish, crc32State } from '../../lib/gates/crc32.js'
import { decide, decideMany, type DecideScope } from '../../lib/gates/decide.js'
import { gateState } from '../../lib/gates/flag-state.js'
import { readBoolean, readPercentage } from '../../lib/gates/stored-values.js'

function vectors<Table>(name: string): Table {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'))
}

const noScope: DecideScope = {
  random: () => {
    throw new Error('chance was asked')
  },
  inGroup: () => false,
}

describe('stored text is read as Ruby reads it:', () => {
  const { percentages, booleans } = vectors<{
    percentages: { text: string; value: number | 'Infinity' }[]
    booleans: { text: string; value: boolean }[]
  }>('stored-text')

  it.each(percentages)('a percentage of $text is $value', ({ text, value }) => {
    // Ruby's -0 and 0 are one number to every comparison.
    expect(readPercentage(text) + 0).toBe(Number(value))
  })

  it.each(booleans)('a boolean of $text is $value', ({ text, value }) => {
    expect(readBoolean(text)).toBe(value)
  })
})

describe('the table of buckets', () => {
  const rows = vectors<{ flag: string; id: string; checksum: number; bucket: number }[]>('buckets')

  it('has ids in many scripts, an empty one and some of 4,000 characters', () => {
    expect(rows.length).toBeGreaterThan(60)
    expect(rows.some(({ id }) => id === '')).toBe(true)
    expect(rows.filter(({ id }) => id.length >= 4_000).length).toBeGreaterThanOrEqual(3)
  })

  it('gives the bucket of the gem for every id', () => {
    for (const { flag, id, checksum, bucket } of rows) {
      const state = crc32State(flag)
      expect([id, crc32Finish(crc32State(id, state))]).toEqual([id, checksum])
      expect([id, actorBucket(state, id)]).toEqual([id, bucket])
    }
  })

  it('says from which percentage on a check is open', () => {
    for (const { flag, id, bucket } of rows) {
      const open = (percentage: string) =>
        decide(compileGates(flag, new Map([['percentage_of_actors', [percentage]]])), id, { flipperId: id }, noScope)
          .value
      expect([id, open(String((bucket - 0.5) / 1_000)), open(String((bucket + 0.5) / 1_000))]).toEqual([
        id,
        false,
        true,
      ])
    }
  })
})

describe('a percentage of actors', () => {
  const { checks, rows } = vectors<{ checks: string[]; rows: { percentage: string; open: string[] }[] }>(
    'percentage-of-actors',
  )

  it.each(rows)('of $percentage % opens for the actors that the gem opens for', ({ percentage, open }) => {
    const opened = checks.filter((check) => {
      const [flag = '', id = ''] = check.split(' ')
      const gates = compileGates(flag, new Map([['percentage_of_actors', [percentage]]]))
      return decide(gates, id, { flipperId: id }, noScope).value
    })
    expect(opened).toEqual(open)
  })
})

describe('several actors', () => {
  const rows = vectors<{ flag: string; ids: string[]; bucket: number }[]>('several-actors')

  it.each(rows)('share one bucket, in whatever order they come: $ids', ({ flag, ids, bucket }) => {
    const open = (percentage: number) => {
      const gates = compileGates(flag, new Map([['percentage_of_actors', [String(percentage)]]]))
      return [ids, ids.toReversed()].map((list) => {
        const actors = list.map((flipperId) => ({ flipperId }))
        return decideMany(gates, list, actors, noScope).value
      })
    }
    expect(open((bucket - 0.5) / 1_000)).toEqual([false, false])
    expect(open((bucket + 0.5) / 1_000)).toEqual([true, true])
  })
})

interface DecisionTable {
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly decisions: readonly {
    readonly flag: string
    readonly gates: Readonly<Record<string, readonly string[]>>
    readonly random: number
    readonly state: string
    readonly values: Readonly<Record<string, unknown>>
    readonly checks: readonly { readonly id: string | null; readonly value: boolean; readonly gate: string | null }[]
  }[]
}

describe('a decision over all gates', () => {
  const { groups, decisions } = vectors<DecisionTable>('decisions')
  const cases = decisions.map((row, index) => ({ ...row, index, rows: JSON.stringify(row.gates) }))

  it.each(cases)(
    'is that of the gem in row $index: $flag with $rows',
    ({ flag, gates: rows, random, state, values, checks }) => {
      const gates = compileGates(flag, new Map(Object.entries(rows)))
      const scope: DecideScope = {
        random: () => random,
        inGroup: (name, { flipperId }) => groups[name]?.includes(flipperId) === true,
      }
      expect(gateState(gates)).toBe(state)
      expect({
        boolean: gates.boolean,
        actors: [...(gates.actors ?? [])].sort(),
        groups: [...(gates.groups ?? [])].sort(),
        percentage_of_actors: gates.percentageOfActors,
        percentage_of_time: gates.percentageOfTime,
      }).toEqual(values)
      for (const { id, value, gate } of checks) {
        const actor = id === null ? null : { flipperId: id }
        const one = decide(gates, id, actor, scope)
        expect([id, one.value]).toEqual([id, value])
        if (value) expect([id, one.reason]).toEqual([id, gate])
        const list = actor === null ? [] : [actor]
        expect(decideMany(gates, id === null ? [] : [id], list, scope)).toBe(one)
      }
    },
  )

  it('about a flag that is always or never open is known without asking the gates', () => {
    for (const { flag, gates: rows, checks } of decisions) {
      const { kind } = compileGates(flag, new Map(Object.entries(rows)))
      if (kind !== 'conditional') expect(checks.every(({ value }) => value === (kind === 'on'))).toBe(true)
    }
  })
})
