// The shortcut of a check must answer what the full check answers, or nothing.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ClassCheck } from '../../../lib/feature/check/actor-classes.js'
import { fastAnswer } from '../../../lib/feature/check/fast-path.js'
import { Checker } from '../../../lib/feature/check/check.js'
import { Misuse } from '../../../lib/feature/check/misuse.js'
import { Requests } from '../../../lib/feature/request-scope.js'
import type { Definition } from '../../../lib/definition/definition.js'
import { InvalidFeatureFlagError } from '../../../lib/errors.js'
import { silentLogger } from '../../../lib/log.js'
import { CurrentSnapshot } from '../../../lib/replica/current-snapshot.js'
import { Entries } from '../../../lib/replica/entries.js'
import { Flag } from '../../../lib/replica/flag.js'
import { definition } from '../../support/definition.js'
import { ManualClock } from '../../support/manual-clock.js'

const classes = new Map([['Project', {}]])
const scope = {
  random: () => 0.5,
  inGroup: (_name: string, { flipperId }: { flipperId: string }) => flipperId === 'Project:3',
}

const definitionOf = (type: string, defaultEnabled: boolean): Definition => ({
  ...definition('a_flag', defaultEnabled),
  type,
})
const texts = (...some: string[]) => fc.subarray(some)
const gates = fc.record({
  boolean: texts('true'),
  actors: texts('Project:1', 'Project:2', 'Project:2:opt_out', 'Project:\ufffd'),
  groups: texts('threes'),
  percentage_of_actors: fc.constantFrom([], ['0'], ['40'], ['100']),
  percentage_of_time: fc.constantFrom([], ['0'], ['40'], ['60'], ['100']),
})
const flags = fc
  .record({
    definition: fc.constantFrom(
      null,
      definitionOf('development', true),
      definitionOf('development', false),
      definitionOf('ops', true),
    ),
    gates: fc.option(gates),
    compiled: fc.boolean(),
  })
  .map(({ definition: defined, gates: stored, compiled }) => {
    const rows = stored === null ? null : { key: 'a_flag', gates: new Map(Object.entries(stored)) }
    const flag = new Flag('a_flag', defined, rows)
    if (compiled) expect(flag.gates === null).toBe(stored === null)
    return flag
  })
const things = fc.constantFrom<unknown>(
  ...[undefined, null, 42, {}, { type: 'ops' }, 'pod', [{ flipperId: 'Project:1' }], { flipperId: 5 }],
  ...['Project:1', 'Project:2', 'Project:3', 'Project:\ud800', 'User:1', ''].map((flipperId) => ({ flipperId })),
)

const rules = (strict: boolean) => ({ strict, classes: strict ? new ClassCheck(classes) : null, scope })

/** What the full check says; null where it refuses. */
function fullAnswer(flag: Flag, thing: unknown, strict: boolean, misuse: Misuse): boolean | null {
  const entries = new Entries(new Map([[flag.name, flag]]))
  const current = new CurrentSnapshot<Flag>({ entries, position: null, identity: null, source: 'definitions' })
  const usageFault = (name: string) =>
    flag.isDevelopment
      ? null
      : new InvalidFeatureFlagError('unknown_flag', { problem: `there is no ${name}`, remedy: 'define it' })
  const special = () => ({ flipperId: 'FlipperPod:here' })
  const requests = new Requests(new ManualClock())
  const checker = new Checker({ strict, current, requests, catalog: { usageFault }, misuse, scope, special, classes })
  try {
    return checker.decide(flag.name, thing, undefined).value
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidFeatureFlagError)
    return null
  }
}

it('the shortcut of a check answers what the full check answers, or leaves the answer to it', () => {
  let answered = 0
  fc.assert(
    fc.property(flags, things, fc.boolean(), (flag, thing, strict) => {
      const answer = fastAnswer(flag, thing, undefined, rules(strict))
      if (answer === undefined) return
      answered += 1
      expect(answer).toBe(fullAnswer(flag, thing, strict, new Misuse(silentLogger, false)))
    }),
    { numRuns: 3_000 },
  )
  // About 560 of the draws have an answer of the shortcut, give or take 25: fewer than this means that it has stopped to answer.
  expect(answered).toBeGreaterThan(300)
})

it('the shortcut of a check answers for an actor once the gates are compiled, in strict mode too', () => {
  const stored = { key: 'a_flag', gates: new Map([['actors', ['Project:1']]]) }
  const flag = new Flag('a_flag', definitionOf('development', false), stored)
  const answer = (id: string, strict: boolean) => fastAnswer(flag, { flipperId: id }, undefined, rules(strict))
  expect([answer('Project:1', true), answer('Project:1', false)]).toEqual([undefined, undefined])
  expect(flag.gates).not.toBeNull()
  expect([answer('Project:1', true), answer('Project:2', false)]).toEqual([true, false])
  expect(answer('User:1', true)).toBeUndefined()
})
