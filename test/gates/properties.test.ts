// Properties of buckets, percentages and decisions.
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { optOutSuffix } from '../../lib/actors/stored-id.js'
import { actorBucket } from '../../lib/gates/bucket.js'
import { compileGates } from '../../lib/gates/compile.js'
import { crc32Finish, crc32State } from '../../lib/gates/crc32.js'
import { type Decision, decide, decideMany, isOpenForActor, type DecideScope } from '../../lib/gates/decide.js'
import { gateState, gateValues } from '../../lib/gates/flag-state.js'
import { readPercentage } from '../../lib/gates/stored-values.js'

/** Any text a caller can make, lone surrogates included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.array(fc.integer({ min: 0xd700, max: 0xe100 }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
)
const bytes = (text: string) => Buffer.from(text, 'utf8')

describe('the checksum', () => {
  it('is that of zlib over the UTF-8 bytes, for every text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(crc32Finish(crc32State(text))).toBe(crc32(bytes(text)))
      }),
      { numRuns: 5_000 },
    )
  })

  it('goes on from the state after a name', () => {
    fc.assert(
      fc.property(anyText, anyText, (name, id) => {
        const state = crc32State(id, crc32State(name))
        expect(crc32Finish(state)).toBe(crc32(Buffer.concat([bytes(name), bytes(id)])))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is right for the longest ids, and for every unit by itself', () => {
    const long = fc.string({ unit: 'binary', minLength: 3_000, maxLength: 4_000 })
    fc.assert(
      fc.property(long, (id) => {
        expect(actorBucket(crc32State('flag'), id)).toBe(crc32(bytes(`flag${id}`)) % 100_000)
      }),
      { numRuns: 50 },
    )
    for (let unit = 0; unit <= 0xffff; unit++) {
      const text = String.fromCharCode(unit)
      if (crc32Finish(crc32State(text)) !== crc32(bytes(text))) expect.fail(`U+${unit.toString(16)} differs`)
    }
    expect(crc32Finish(crc32State(''))).toBe(0)
  })
})

describe('reading a percentage', () => {
  it('gives a number and never NaN, whatever is stored', () => {
    const almost = fc.string({ unit: fc.constantFrom(...'019._eE+- dDx\t\n,٣\0'), maxLength: 10 })
    fc.assert(
      fc.property(fc.oneof(almost, anyText), (text) => {
        expect(readPercentage(text)).not.toBeNaN()
      }),
      { numRuns: 5_000 },
    )
  })
})

const ids = fc.constantFrom('User:1', 'User:2', 'Ci::Runner:3', 'Zürich:4', '漢字', '', '\ufffd')
const percentage = fc.oneof(
  fc.constantFrom('0', '0.1', '33.333', '99.999', '100', '150', '-1', ''),
  fc.float().map(String),
)
const rows = fc
  .record(
    {
      boolean: fc.constantFrom('true', 'false', '1', 'TRUE', '').map((value) => [value]),
      actors: fc.uniqueArray(
        fc.oneof(
          ids,
          ids.map((id) => id + optOutSuffix),
        ),
        { maxLength: 6 },
      ),
      groups: fc.subarray(['staff', 'unregistered', 'nobody']),
      percentage_of_actors: percentage.map((value) => [value]),
      percentage_of_time: percentage.map((value) => [value]),
      expression: fc.constant(['{"Equal":[1,1]}']),
    },
    { requiredKeys: [] },
  )
  .map((record) => new Map(Object.entries(record).filter(([, values]) => values !== undefined)))
const chance = fc.constantFrom(0, 0.25, 0.5, 0.9999999)
const staff = new Set(['User:1', '漢字'])
const scopeOf = (random: number): DecideScope => ({
  random: () => random,
  inGroup: (name, { flipperId }) => name === 'staff' && staff.has(flipperId),
})

/** The gates one after the other, as Flipper's gem has them, without anything compiled or shared. */
function byTheBook(name: string, gates: ReadonlyMap<string, readonly string[]>, id: string | null, random: number) {
  const values = (gate: string) => gates.get(gate) ?? []
  if (id !== null && values('actors').includes(`${id}${optOutSuffix}`)) return 'opt_out'
  if (['true', '1'].includes(values('boolean')[0] ?? '')) return 'boolean'
  if (id !== null && values('actors').includes(id)) return 'actor'
  const ofActors = readPercentage(values('percentage_of_actors')[0] ?? '')
  if (id !== null && crc32(bytes(`${name}${id}`)) % 100_000 < ofActors * 1_000) return 'percentage_of_actors'
  if (random < readPercentage(values('percentage_of_time')[0] ?? '') / 100) return 'percentage_of_time'
  if (id !== null && values('groups').includes('staff') && staff.has(id)) return 'group'
  return 'closed'
}

describe('a decision', () => {
  const one = (
    name: string,
    gates: ReadonlyMap<string, readonly string[]>,
    id: string | null,
    random: number,
  ): Decision => decide(compileGates(name, gates), id, id === null ? null : { flipperId: id }, scopeOf(random))

  it('is what the gates say one after the other', () => {
    fc.assert(
      fc.property(anyText, rows, fc.option(ids), chance, (name, gates, id, random) => {
        const { value, reason } = one(name, gates, id, random)
        expect(reason).toBe(byTheBook(name, gates, id, random))
        expect(value).toBe(reason !== 'closed' && reason !== 'opt_out')
      }),
      { numRuns: 3_000 },
    )
  })

  it('of plain gates is the same by the short way', () => {
    let plain = 0
    fc.assert(
      fc.property(anyText, rows, fc.oneof(ids, anyText), (name, gates, id) => {
        const compiled = compileGates(name, gates)
        if (!compiled.onlyActorsAndPercentage) return
        plain += 1
        expect(isOpenForActor(compiled, id)).toBe(one(name, gates, id, 0).value)
      }),
      { numRuns: 5_000 },
    )
    expect(plain).toBeGreaterThan(100)
  })

  it('of a flag that is always or never open is so for everybody, at any chance', () => {
    fc.assert(
      fc.property(rows, fc.option(ids), chance, (gates, id, random) => {
        const { kind } = compileGates('flag', gates)
        if (kind !== 'conditional') expect(one('flag', gates, id, random).value).toBe(kind === 'on')
      }),
      { numRuns: 2_000 },
    )
  })

  it('for several actors does not depend on their order, and for a list of one actor is that of the actor', () => {
    fc.assert(
      fc.property(rows, fc.uniqueArray(ids, { minLength: 1, maxLength: 5 }), chance, (gates, list, random) => {
        const several = (order: readonly string[]) => {
          const actors = order.map((flipperId) => ({ flipperId }))
          return decideMany(compileGates('flag', gates), order, actors, scopeOf(random))
        }
        expect(several(list.toReversed())).toBe(several(list))
        expect(several(list.slice(0, 1))).toBe(one('flag', gates, list[0] ?? '', random))
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes an id with a lone surrogate for the one that is stored of it', () => {
    fc.assert(
      fc.property(anyText, (id) => {
        const stored = id.toWellFormed()
        const allowed = compileGates('flag', new Map([['actors', [stored]]]))
        const denied = compileGates(
          'flag',
          new Map([
            ['boolean', ['true']],
            ['actors', [stored + optOutSuffix]],
          ]),
        )
        const actor = { flipperId: id }
        const scope = scopeOf(0.5)
        if (!stored.endsWith(optOutSuffix)) expect(decide(allowed, id, actor, scope).reason).toBe('actor')
        expect(decide(denied, id, actor, scope).reason).toBe('opt_out')
        expect(decideMany(denied, ['User:9', id], [actor], scope).reason).toBe('opt_out')
        expect(decide(allowed, `${id}x`, actor, scope).value).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is frozen and made once: no caller can change the answer of another', () => {
    const decision = one('flag', new Map([['boolean', ['true']]]), null, 0)
    expect(Object.isFrozen(decision)).toBe(true)
    expect(one('other', new Map([['boolean', ['1']]]), 'User:1', 0)).toBe(decision)
  })
})

describe('state and values', () => {
  it('agree: a flag is off exactly when it lists no open gate, and lists no zero and no empty set', () => {
    fc.assert(
      fc.property(rows, (gates) => {
        const compiled = compileGates('flag', gates)
        const values = gateValues(compiled)
        const open = values.filter(({ key, value }) => key !== 'boolean' || value === true)
        expect(gateState(compiled) === 'off').toBe(open.length === 0)
        expect(values.filter(({ key }) => key === 'boolean')).toHaveLength(1)
        for (const { value } of values) {
          if (typeof value === 'number') expect(value).toBeGreaterThan(0)
          if (typeof value === 'object') expect(value.length).toBeGreaterThan(0)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
