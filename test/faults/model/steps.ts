// What can happen in a schedule, and how schedules are drawn.
import * as fc from 'fast-check'

export type Step =
  | { readonly do: 'write'; readonly flags: readonly number[]; readonly by: number | null }
  | { readonly do: 'remove'; readonly flag: number }
  | { readonly do: 'truncate' }
  | { readonly do: 'restore'; readonly changesAgo: number }
  | { readonly do: 'prune'; readonly keep: number }
  | { readonly do: 'write unseen'; readonly flags: readonly number[] }
  | { readonly do: 'repair' }
  | { readonly do: 'forge hint'; readonly how: ForgedHint }
  | { readonly do: 'forge blob'; readonly keepDigest: boolean }
  | { readonly do: 'boot beside' }
  | { readonly do: 'database'; readonly down: boolean }
  | { readonly do: 'cache'; readonly down: boolean }
  | { readonly do: 'flush' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'boot' }

/**
 * `away and back`: two hints, to an invented position and back to the real one. `ahead`: to an invented position. `next`: to a
 * real position that this database comes to, with other content. `down`: to a real position that was passed.
 */
export type ForgedHint = 'away and back' | 'ahead' | 'next' | 'down'

/** How the network treats one delivery of one message. */
export type Delivery = 'now' | 'late' | 'lost' | 'twice'

export interface Schedule {
  readonly steps: readonly Step[]
  readonly deliveries: readonly Delivery[]
  readonly latenciesMs: readonly number[]
}

const flagNumber = fc.nat({ max: 4 })
const steps: readonly (readonly [number, fc.Arbitrary<Step>])[] = [
  [
    10,
    fc.record({
      do: fc.constant('write' as const),
      flags: fc.array(flagNumber, { minLength: 1, maxLength: 3 }),
      by: fc.oneof(fc.constant(null), fc.nat({ max: 3 })),
    }),
  ],
  [2, fc.record({ do: fc.constant('remove' as const), flag: flagNumber })],
  [1, fc.constant({ do: 'truncate' })],
  [2, fc.record({ do: fc.constant('restore' as const), changesAgo: fc.integer({ min: 1, max: 5 }) })],
  [1, fc.record({ do: fc.constant('prune' as const), keep: fc.nat({ max: 3 }) })],
  [
    1,
    fc.record({
      do: fc.constant('write unseen' as const),
      flags: fc.array(flagNumber, { minLength: 1, maxLength: 2 }),
    }),
  ],
  [1, fc.constant({ do: 'repair' })],
  [
    2,
    fc.record({
      do: fc.constant('forge hint' as const),
      how: fc.constantFrom<ForgedHint[]>('away and back', 'ahead', 'next', 'down'),
    }),
  ],
  [1, fc.record({ do: fc.constant('forge blob' as const), keepDigest: fc.boolean() })],
  [1, fc.constant({ do: 'boot beside' })],
  [2, fc.record({ do: fc.constant('database' as const), down: fc.boolean() })],
  [2, fc.record({ do: fc.constant('cache' as const), down: fc.boolean() })],
  [1, fc.constant({ do: 'flush' })],
  [10, fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) })],
  [1, fc.constant({ do: 'boot' })],
]

const network = {
  deliveries: fc
    .infiniteStream(fc.constantFrom<Delivery[]>('now', 'now', 'late', 'late', 'lost', 'twice'))
    .map(take(60)),
  latenciesMs: fc.infiniteStream(fc.constantFrom(0, 0, 1, 20, 400)).map(take(60)),
}

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  steps: fc.array(fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))), { maxLength: 30 }),
  ...network,
})

/** Writes alone, in quick succession: hints are lost and late all the time. */
export const busySchedules: fc.Arbitrary<Schedule> = fc.record({
  steps: fc.array(
    fc.oneof(
      fc.record({
        do: fc.constant('write' as const),
        flags: fc.array(flagNumber, { minLength: 1, maxLength: 1 }),
        by: fc.nat({ max: 1 }),
      }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 300 }) }),
    ),
    { minLength: 20, maxLength: 30 },
  ),
  ...network,
})

function take(count: number) {
  return <T>(stream: Iterable<T> & { take(count: number): Iterable<T> }): T[] => [...stream.take(count)]
}
