// Whether a change only takes away, beside what random checks answer before it and after it.
import { describe, expect, it } from 'vitest'
import { optOutSuffix } from '../../lib/actors/stored-id.js'
import { compileGates } from '../../lib/gates/compile.js'
import { decideMany } from '../../lib/gates/decide.js'
import { narrows, type Side } from '../../lib/gates/narrows.js'
import { size } from '../faults/size.js'
import { type Random, seededRandom } from '../support/random.js'

const users = ['User:1', 'User:2', 'User:3', 'User:4', '\ud800', '\ufffd']
const groups = ['staff', 'team']

type Rows = Readonly<Record<string, readonly string[]>>
const side = (rows: Rows | null, isOnByDefault = false): Side => ({
  gates: rows === null ? null : compileGates('a_flag', new Map(Object.entries(rows))),
  isOnByDefault,
})

/** The chance that a check of these actors answers true, where these groups hold them. */
function chanceOfCheck({ gates, isOnByDefault }: Side, ids: readonly string[], inGroups: ReadonlySet<string>): number {
  if (gates === null) return isOnByDefault ? 1 : 0
  const actors = ids.map((flipperId) => ({ flipperId }))
  const at = (random: number) =>
    decideMany(gates, ids, actors, {
      random: () => random,
      inGroup: (name, { flipperId }) => inGroups.has(`${name} ${flipperId}`),
    }).value
  if (at(1 - Number.EPSILON)) return 1
  return at(0) ? Math.min(gates.percentageOfTime / 100, 1) : 0
}

function some(random: Random, from: readonly string[], chance: number): string[] {
  return from.filter(() => random.next() < chance)
}

function randomRows(random: Random): Rows | null {
  if (random.below(8) === 0) return null
  const shares = ['0', '20', '20', '50', '100', '150', '-5', '0.001']
  const rows: Record<string, readonly string[]> = {}
  const put = (key: string, values: readonly string[]) => {
    if (values.length > 0) rows[key] = values
  }
  put('boolean', random.below(6) === 0 ? ['true'] : [])
  // As they are stored.
  const stored = users.filter((id) => id.isWellFormed())
  const denied = some(random, stored, random.pick([0, 0.1, 0.3])).map((id) => id + optOutSuffix)
  put('actors', [...some(random, stored, random.pick([0, 0.2, 0.6])), ...denied])
  put('percentage_of_actors', random.below(2) === 0 ? [random.pick(shares)] : [])
  put('percentage_of_time', random.below(3) === 0 ? [random.pick(shares)] : [])
  put('groups', some(random, groups, random.pick([0, 0, 0.4])))
  return rows
}

/** Often the rows before with one gate altered: two that have nothing in common seldom narrow. */
function rowsNear(random: Random, rows: Rows | null): Rows | null {
  const other = randomRows(random)
  if (rows === null || other === null || random.below(4) === 0) return other
  const gate = random.pick(['boolean', 'actors', 'percentage_of_actors', 'percentage_of_time', 'groups'])
  const { [gate]: _, ...kept } = rows
  const added = other[gate]
  return added === undefined ? kept : { ...kept, [gate]: added }
}

describe('narrows', () => {
  it('never calls a change narrow in which any check gains: without an actor, with one, with several, by chance', () => {
    const random = seededRandom()
    const checks = size(20_000, 1_000_000)
    let made = 0
    let narrow = 0
    for (let pair = 0; made < checks; pair++) {
      const rows = randomRows(random)
      const [before, after] = [side(rows, random.below(2) === 0), side(rowsNear(random, rows), random.below(2) === 0)]
      // One default holds for both: it is of the definition.
      const later: Side = { ...after, isOnByDefault: before.isOnByDefault }
      if (!narrows(before, later)) continue
      narrow += 1
      for (let check = 0; check < 20; check++) {
        made += 1
        const ids = random.below(6) === 0 ? [] : random.shuffled(users).slice(0, 1 + random.below(4))
        const inGroups = new Set(groups.flatMap((group) => some(random, users, 0.3).map((id) => `${group} ${id}`)))
        const [was, becomes] = [chanceOfCheck(before, ids, inGroups), chanceOfCheck(later, ids, inGroups)]
        if (becomes > was) expect.fail(`pair ${pair}: ${ids.join()} had ${was} and has ${becomes}`)
      }
    }
    expect(narrow).toBeGreaterThan(900)
  })

  const optOut = (id: string) => id + optOutSuffix

  it.each<[string, Rows | null, Rows | null, { defaultOn?: true }, boolean]>([
    ['turning it off', { actors: ['User:1'], percentage_of_actors: ['25'] }, {}, {}, true],
    ['turning it off, with opt-outs', { boolean: ['true'], actors: [optOut('User:1')] }, {}, {}, true],
    ['a smaller share', { percentage_of_actors: ['25'] }, { percentage_of_actors: ['10'] }, {}, true],
    ['a larger share', { percentage_of_actors: ['25'] }, { percentage_of_actors: ['25.001'] }, {}, false],
    ['a larger share of checks', { percentage_of_time: ['5'] }, { percentage_of_time: ['6'] }, {}, false],
    ['a share of a flag that is on', { boolean: ['true'] }, { percentage_of_actors: ['50'] }, {}, true],
    ['all actors to some', { percentage_of_actors: ['100'] }, { actors: ['User:1'], groups: ['staff'] }, {}, true],
    ['all actors to everybody', { percentage_of_actors: ['100'] }, { boolean: ['true'] }, {}, false],
    ['an actor more', { actors: ['User:1'] }, { actors: ['User:1', 'User:2'] }, {}, false],
    ['an actor more, to whom it is denied', {}, { actors: ['User:2', optOut('User:2')] }, {}, true],
    ['an actor less', { actors: ['User:1', 'User:2'] }, { actors: ['User:1'] }, {}, true],
    ['a group more', { actors: ['User:1'] }, { actors: ['User:1'], groups: ['staff'] }, {}, false],
    ['a group less', { groups: ['staff', 'team'] }, { groups: ['team'] }, {}, true],
    ['an opt-out more', { boolean: ['true'] }, { boolean: ['true'], actors: [optOut('User:1')] }, {}, true],
    ['an opt-out less', { boolean: ['true'], actors: [optOut('User:1')] }, { boolean: ['true'] }, {}, false],
    ['an opt-out less, of a flag for one', { actors: ['User:2', optOut('User:1')] }, { actors: ['User:2'] }, {}, false],
    ['deleting one that is off by default', { actors: ['User:1'] }, null, {}, true],
    ['deleting one that is on by default', { actors: ['User:1'] }, null, { defaultOn: true }, false],
    ['storing one that is on by default', null, { actors: ['User:1'] }, { defaultOn: true }, true],
    ['storing one that is off by default', null, { percentage_of_time: ['1'] }, {}, false],
    [
      'one gate narrower, another wider',
      { groups: ['staff'], percentage_of_actors: ['5'] },
      { percentage_of_actors: ['6'] },
      {},
      false,
    ],
  ])('judges %s', (_, before, after, { defaultOn = false }, verdict) => {
    expect(narrows(side(before, defaultOn), side(after, defaultOn))).toBe(verdict)
  })
})
