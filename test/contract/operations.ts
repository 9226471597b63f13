// Random operations for property tests, on few features and few values, so that they meet each other.
import fc from 'fast-check'
import type { Operation } from '../../lib/state/operations.js'

/** Texts that Postgres can hold; everything else is refused before, and tested on its own. */
const storedText = fc.oneof(
  fc.constantFrom('User:1', 'User:2', 'Project:42', 'User:1:opt_out', '', "'; drop table features;--", '__proto__'),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\0', '')),
)
const values = fc.array(storedText, { maxLength: 4 })
const setGate = fc.constantFrom('actors' as const, 'groups' as const)
const percentageGate = fc.constantFrom('percentage_of_actors' as const, 'percentage_of_time' as const)
const gateKey = fc.constantFrom('boolean', 'actors', 'groups', 'percentage_of_actors', 'expression', '__proto__')

export const operations: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('enable' as const) }),
  fc.record({ kind: fc.constant('disable' as const) }),
  fc.record({ kind: fc.constant('add' as const), gate: setGate, values }),
  fc.record({ kind: fc.constant('drop' as const), gate: setGate, values }),
  fc.record({
    kind: fc.constant('set' as const),
    gate: percentageGate,
    value: fc.constantFrom('0', '25', '33.333', '100'),
  }),
  fc.record({
    kind: fc.constant('replace' as const),
    gates: fc.array(fc.tuple(gateKey, values), { maxLength: 3 }).map((entries) => new Map(entries)),
  }),
  fc.record({ kind: fc.constant('remove' as const) }),
)

export const sequences = fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), operations), {
  minLength: 1,
  maxLength: 15,
})
