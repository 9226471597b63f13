// The order in which an experiment decides.
import { describe, expect, it } from 'vitest'
import { actorDigest, computedVariant } from '../../lib/experiments/assignment.js'
import { assignVariant, type ExperimentQuestion } from '../../lib/experiments/experiment.js'
import { readVariants, type Variants } from '../../lib/experiments/variants.js'

function variants(given: unknown): Variants {
  const read = readVariants(given)
  if ('fault' in read) throw new Error(read.fault.problem)
  return read
}

const reds = variants({ control: 0, red: 100, blue: 0 })
const actor = actorDigest('User:1')

interface Made {
  /** What is kept of User:1; null where the store does not answer. */
  readonly row?: string | null
  /** What another process has kept first. */
  readonly first?: string | null
  readonly excluded?: boolean
  readonly segment?: string
}

async function ask({ row, first, excluded = false, segment }: Made, given: Partial<ExperimentQuestion> = {}) {
  const done: string[] = []
  const rows = row === null ? null : new Map(row === undefined ? [] : [['one', row]])
  const assigned = await assignVariant({
    experiment: 'one',
    id: 'User:1',
    variants: reds,
    isOn: true,
    isOpen: true,
    isExcluded: async () => excluded,
    segment: async () => segment ?? null,
    kept: {
      find: async () => {
        done.push('find')
        return rows
      },
      keep: async (one) => {
        expect(one).toMatchObject({ actor, experiment: 'one' })
        done.push(`keep ${one.variant}`)
        return first === undefined ? one.variant : first
      },
    },
    request: null,
    gone: (variant) => done.push(`gone ${variant}`),
    ...given,
  })
  const { variant, isExposed } = assigned
  const marks = [assigned.excluded && 'excluded', assigned.sticky && 'sticky', isExposed && 'exposed']
  return [[variant, ...marks.filter((mark) => mark !== false)].join(' '), ...done]
}

describe('an experiment', () => {
  it.each<[string, Made, Partial<ExperimentQuestion>, readonly string[]]>([
    [
      'gives control while it is off, also to those with a row, which stays',
      { row: 'red' },
      { isOn: false },
      ['control'],
    ],
    [
      'gives control to the excluded, also to those with a row',
      { row: 'red', excluded: true },
      {},
      ['control excluded'],
    ],
    ['gives control without an actor, and keeps nothing', {}, { id: null }, ['control']],
    ['gives the row that is kept, whatever the weights are', { row: 'blue' }, {}, ['blue sticky exposed', 'find']],
    [
      'gives the row that is kept, although the gates are closed',
      { row: 'red' },
      { isOpen: false },
      ['red sticky exposed', 'find'],
    ],
    [
      'gives the row that is kept, and not the segment',
      { row: 'red', segment: 'blue' },
      {},
      ['red sticky exposed', 'find'],
    ],
    ['keeps control too, where it is kept', { row: 'control' }, {}, ['control sticky exposed', 'find']],
    [
      'gives the variant of a segment, although the gates are closed',
      { segment: 'blue' },
      { isOpen: false },
      ['blue sticky exposed', 'find', 'keep blue'],
    ],
    [
      'gives control where the gates are closed, and does not keep it',
      {},
      { isOpen: false },
      ['control exposed', 'find'],
    ],
    ['computes by the weights, and keeps that', {}, {}, ['red sticky exposed', 'find', 'keep red']],
    ['gives what another process kept first', { first: 'blue' }, {}, ['blue sticky exposed', 'find', 'keep red']],
    ['computes where the store does not answer', { row: null }, {}, ['red exposed', 'find']],
    ['computes where the store does not keep', { first: null }, {}, ['red exposed', 'find', 'keep red']],
    ['computes without a store', {}, { kept: null }, ['red exposed']],
    [
      'computes anew where the row names a variant that is gone, and leaves the row',
      { row: 'green' },
      {},
      ['red exposed', 'find', 'gone green'],
    ],
    [
      'computes where another process has just kept a variant that is gone',
      { first: 'green' },
      {},
      ['red exposed', 'find', 'keep red', 'gone green'],
    ],
    [
      'gives control where the row is gone and the gates are closed',
      { row: 'green' },
      { isOpen: false },
      ['control exposed', 'find', 'gone green'],
    ],
  ])('%s', async (_, made, given, wanted) => {
    expect(await ask(made, given)).toEqual(wanted)
  })

  it('moves no actor without a row when a rollout grows: the variant does not depend on the gates', async () => {
    const split = variants({ control: 50, red: 50 })
    for (let index = 0; index < 100; index++) {
      const id = `User:${index}`
      const [answer] = await ask({}, { id, variants: split, kept: null })
      expect(answer).toBe(`${computedVariant('one', id, split)} exposed`)
    }
  })
})
