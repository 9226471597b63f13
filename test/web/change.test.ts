// What a change is, without a browser: operations that are put together, and what is said of them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../../web/src/api/preview.js'
import type { FlagDetail } from '../../web/src/api/flag.js'
import { countAt, effectText, shareSpoken, withoutActorText } from '../../web/src/change/effect-text.js'
import { nextStepOf } from '../../web/src/change/next-step.js'
import { parseIds } from '../../web/src/proposal/ids.js'
import { type Operation, withOperation } from '../../web/src/proposal/operations.js'
import { actionOf, sentenceOf, shortActionOf } from '../../web/src/proposal/proposal.js'
import { parseShare, prefillOf } from '../../web/src/proposal/prefill.js'
import { requestCommand, requestLink } from '../../web/src/proposal/request.js'

const stored = { percentage_of_actors: 25, percentage_of_time: 0 }
const share = (value: number): Operation => ({ op: 'percentage_of_actors', value })
const together = (...operations: readonly Operation[]) =>
  operations.reduce<readonly Operation[]>((before, one) => withOperation(before, one, stored), [])

describe('operations that are put together', () => {
  it('have each share once, and none that is stored already', () => {
    expect(together(share(30), share(50))).toEqual([share(50)])
    expect(together(share(30), share(25))).toEqual([])
  })

  it('cancel what takes another back', () => {
    const add = { op: 'add', list: 'actors', ids: ['User:1', 'User:2'] } as const
    const remove = { op: 'remove', list: 'actors', ids: ['User:2', 'User:9'] } as const
    expect(together(add, remove)).toEqual([
      { op: 'remove', list: 'actors', ids: ['User:9'] },
      { op: 'add', list: 'actors', ids: ['User:1'] },
    ])
    expect(together(add, { ...add, op: 'remove' })).toEqual([])
  })

  it('are for everybody alone, and end being so with the next one', () => {
    expect(together(share(50), { op: 'enable' })).toEqual([{ op: 'enable' }])
    expect(together({ op: 'disable' }, share(50))).toEqual([share(50)])
  })

  it('are the same in whatever order they came, for different gates', () => {
    const lists = ['actors', 'never', 'groups'] as const
    const one = fc.oneof(
      fc.integer({ min: 0, max: 100 }).map(share),
      fc.record({ op: fc.constant('add' as const), list: fc.constantFrom(...lists), ids: fc.constant(['User:1']) }),
      fc.record({ op: fc.constant('remove' as const), list: fc.constantFrom(...lists), ids: fc.constant(['User:2']) }),
    )
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), (operations) => {
        // The last word on a share counts, so only one of them is kept.
        const [first] = operations.filter(({ op }) => op === 'percentage_of_actors')
        const others = operations.filter(({ op }) => op !== 'percentage_of_actors')
        const all = [...(first === undefined ? [] : [first]), ...others]
        expect(together(...all.toReversed())).toEqual(together(...all))
      }),
    )
  })
})

describe('what the button says', () => {
  const of = (...operations: readonly Operation[]) => ({ kind: 'operations', flag: 'dark_mode', operations }) as const

  it.each([
    [of(share(50)), 'Set dark_mode to 50 % of actors', 'Set 50 %', '25 → 50 % of actors'],
    [of({ op: 'enable' }), 'Turn on dark_mode for everybody', 'Turn on', 'on for everybody'],
    [
      of({ op: 'delete' }),
      'Delete what is stored of dark_mode',
      'Delete',
      'what is stored is deleted, and the default counts',
    ],
    [of({ op: 'add', list: 'actors', ids: ['User:7'] }), 'Add 1 actor to dark_mode', 'Add 1', 'User:7 added'],
    [
      of({ op: 'add', list: 'never', ids: ['a:1', 'b:2', 'c:3'] }),
      'Add 3 actors (never) to dark_mode',
      'Add 3',
      'never for 3 actors: added',
    ],
    [
      of(share(50), { op: 'remove', list: 'groups', ids: ['staff'] }),
      'Change dark_mode',
      'Make the change',
      '25 → 50 % of actors; group staff removed',
    ],
    [
      { kind: 'several', flags: ['a', 'b'], op: 'disable' } as const,
      'Turn off 2 flags for everybody',
      'Turn off',
      'off for everybody',
    ],
    [
      { kind: 'undo', flag: 'dark_mode', changeId: '1', sentence: '+ 50 %' } as const,
      'Undo the change of dark_mode',
      'Undo',
      'taking back: + 50 %',
    ],
  ])('%# is what happens', (proposal, action, short, sentence) => {
    expect([actionOf(proposal), shortActionOf(proposal), sentenceOf(proposal, stored)]).toEqual([
      action,
      short,
      sentence,
    ])
  })
})

const effect: Effect = {
  actor_class: 'User',
  known: 18_432,
  sample: 10_000,
  of: 'application',
  gain: 4_604,
  lose: 0,
  margin: 106,
  unknown: 0,
  gain_first: [],
  lose_first: [],
  without_actor: { before: 0, after: 0 },
  everybody: false,
}

describe('what is said of an effect', () => {
  it('says "about" of a sample, with its margin, and nothing of the kind where all were looked at', () => {
    expect(effectText(effect)).toBe('About +4,604 gain it, 0 lose it of 18,432 known actors of the class User (± 106).')
    expect(effectText({ ...effect, known: 40, sample: 40, of: 'lists', gain: 0, lose: 9, margin: 0 })).toBe(
      '0 gain it, −9 lose it of 40 known actors of the class User (those on stored lists).',
    )
  })

  it('says so where no actors are known, and of whom it depends on a group', () => {
    expect(effectText({ ...effect, known: null, gain: 0, everybody: true })).toMatch(
      /not known: .* are known\. It becomes on for everybody\.$/,
    )
    expect(effectText({ ...effect, unknown: 3 })).toContain('of 3 it depends on a group')
    expect(effectText({ ...effect, everybody: true })).toContain('on for everybody')
  })

  it('says what checks without an actor answer', () => {
    expect(withoutActorText(effect)).toBe('Checks without an actor: off, as before.')
    expect(withoutActorText({ ...effect, without_actor: { before: 0, after: 0.05 } })).toBe(
      'Checks without an actor: off → on in 5 %.',
    )
  })

  it('counts while a slider moves from what came with the flag', () => {
    const known = {
      actor_class: 'User',
      classes: ['User'],
      known: 200,
      sample: 200,
      of: 'application',
      on: 50,
      margin: 0,
      by_percent: Array.from({ length: 101 }, (_, share) => share * 2),
    } as const
    expect(countAt(known, 50)).toEqual({ on: 100, isAbout: false })
    expect(countAt(known, 33.5)).toEqual({ on: 67, isAbout: true })
    expect(countAt({ ...known, known: null }, 50)).toBe(null)
    expect(countAt({ ...known, by_percent: [] }, 50)).toBe(null)
    expect(shareSpoken(known, 50)).toBe('50 percent, 100 of 200 known actors')
  })
})

describe('a change that a link names', () => {
  it.each([
    [
      { set: '50', reason: 'flat' },
      { operation: share(50), reason: 'flat' },
    ],
    [{ set: 'true' }, { operation: { op: 'enable' }, reason: '' }],
    [{ set: 'false' }, { operation: { op: 'disable' }, reason: '' }],
    [{ set: '101' }, null],
    [{ set: '<script>' }, null],
    [{ set: ['50', '60'] }, null],
    [{}, null],
  ])('%j is put together', (query, wanted) => {
    expect(prefillOf(query)).toEqual(wanted)
  })

  it('has a reason of limited length', () => {
    expect(prefillOf({ set: '1', reason: 'x'.repeat(5_000) })?.reason).toHaveLength(1_000)
  })
})

describe('a share as it is written', () => {
  it.each([
    ['50', 50],
    [' 33.333 % ', 33.333],
    ['0,5', 0.5],
    ['100', 100],
    ['100.001', null],
    ['1.2345', null],
    ['-1', null],
    ['1e2', null],
    ['', null],
    ['٥', null],
  ])('"%s" is %s', (text, value) => {
    expect(parseShare(text)).toBe(value)
  })
})

describe('pasted ids', () => {
  it('are split, each once, with the lines of those that are none', () => {
    expect(parseIds('User:1, User:2\n7\tUser:1\r\nnonsense\n Project;42', 'User')).toEqual({
      ids: ['User:1', 'User:2', 'User:7', 'Project;42'],
      malformed: [{ text: 'nonsense', line: 3 }],
      malformedCount: 1,
    })
    expect(parseIds('7', null).malformed).toEqual([{ text: '7', line: 1 }])
  })
})

describe('the usual next step', () => {
  const detail = (gates: object, more: object = {}): FlagDetail => ({
    name: 'dark_mode',
    revision: '1-a-b',
    state: 'conditional',
    stored: true,
    summary: '',
    gates: {
      boolean: false,
      percentage_of_actors: 0,
      percentage_of_time: 0,
      groups: [],
      actors: { count: 0, first: [] },
      never: { count: 0, first: [] },
      unknown: [],
      ...gates,
    },
    definition: {
      type: 'development',
      group: null,
      description: null,
      default_enabled: false,
      milestone: null,
      introduced_by_url: null,
      rollout_issue_url: null,
      feature_issue_url: null,
      file: null,
      line: null,
      overdue: false,
      faults: [],
    },
    isDegraded: false,
    ageMs: null,
    effect: { actor_class: null, classes: [], known: null, sample: 0, of: null, on: 0, margin: 0, by_percent: [] },
    history: [
      { change_id: null, at: '2026-01-01T00:00:00Z', author: 'sam', source: 'cli', reason: null, sentence: '' },
    ],
    groupsKnown: [],
    environments: [],
    ...more,
  })
  const hours = (after: number) => Date.parse('2026-01-01T00:00:00Z') + after * 3_600_000

  it.each([
    [0, 1],
    [0.5, 1],
    [1, 10],
    [25, 50],
    [60, 75],
    [75, 100],
  ])('after %d %% is %d %%', (now, to) => {
    expect(nextStepOf(detail({ percentage_of_actors: now }), hours(1))).toMatchObject({ kind: 'raise', to })
  })

  it('is to remove the flag, once it has been on for all for a day', () => {
    const full = detail({ boolean: true }, { state: 'on' })
    expect(nextStepOf(full, hours(23))?.kind).toBe('wait')
    expect(nextStepOf(full, hours(24))?.kind).toBe('remove')
  })

  it('is none for flags that stay, and for those without definition', () => {
    const { definition } = detail({})
    expect(nextStepOf(detail({}, { definition: null }), hours(1))).toBe(null)
    expect(nextStepOf(detail({}, { definition: { ...definition, type: 'ops' } }), hours(1))).toBe(null)
  })
})

describe('a change that a person asks another one for', () => {
  it('is a link that puts it together, and a command that a shell takes as it is meant', () => {
    const asked = { flag: 'a flag/b', set: '33.5', reason: "it's & $(flat)" }
    const link = new URL(requestLink(asked, 'https://flags.example.com'))
    expect(link.pathname).toBe('/flags/a%20flag%2Fb')
    expect(prefillOf(Object.fromEntries(link.searchParams))).toEqual({
      operation: { op: 'percentage_of_actors', value: 33.5 },
      reason: asked.reason,
    })
    expect(requestCommand(asked)).toBe(`bin/feature-flag set 'a flag/b' 33.5 --actors --reason 'it'\\''s & $(flat)'`)
    expect(requestCommand({ flag: 'dark_mode', set: 'true', reason: '' })).toBe('bin/feature-flag set dark_mode true')
  })
})
