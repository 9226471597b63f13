// Explanations without a browser: what is asked, as an address has it, and what is said of the answer.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Explanation } from '../../web/src/api/explain.js'
import { answerWord, asOfText, comparedText, issueText, markText } from '../../web/src/explain/answer-text.js'
import { pointText } from '../../web/src/explain/point-text.js'
import { dayAndTime } from '../../web/src/text/times.js'
import { type Question, readQuestion, splitActors, withOffset, writeQuestion } from '../../web/src/explain/question.js'

describe('a question', () => {
  it('is read from an address as it was written into it, whatever it asks', () => {
    const text = fc.string({ minLength: 1, maxLength: 20 })
    const question: fc.Arbitrary<Question> = fc
      .record({
        flag: fc.option(text),
        actors: fc.uniqueArray(text, { maxLength: 4 }),
        at: fc.oneof(fc.constant(''), text),
        only: fc.constantFrom('on', 'different', 'all'),
        than: fc.option(
          fc
            .record({ actors: fc.uniqueArray(text, { maxLength: 3 }), at: fc.oneof(fc.constant(''), text) })
            .filter(({ actors, at }) => actors.length > 0 || at !== ''),
        ),
      })
      // Which flags are shown is asked of all flags alone.
      .map((one) => (one.flag === null ? one : { ...one, only: 'on' }))
    fc.assert(
      fc.property(question, (one) => {
        expect(readQuestion(writeQuestion(one))).toEqual(one)
      }),
    )
  })

  it('is none in an address that asks nothing, and takes of a strange one what it understands', () => {
    expect(readQuestion({})).toBe(null)
    expect(readQuestion({ actor: ['', null], at: 7 })).toBe(null)
    expect(readQuestion({ actor: ['User:7', 7], only: '<img>', at: ['2h', '3h'] })).toEqual({
      flag: null,
      actors: ['User:7'],
      at: '2h',
      only: 'on',
      than: null,
    })
    expect(readQuestion({ actor: Array.from({ length: 500 }, (_, id) => `User:${id}`) })?.actors).toHaveLength(100)
  })

  it('has each actor once, and a time of the calendar with its offset', () => {
    expect(splitActors(' User:1,User:2\nUser:1 ')).toEqual(['User:1', 'User:2'])
    expect(withOffset('2026-11-20T10:00')).toBe(new Date('2026-11-20T10:00').toISOString().replace('.000', ''))
    expect(withOffset('nonsense')).toBe('nonsense')
  })
})

const explanation: Explanation = {
  name: 'dark|mode',
  actors: ['User:`7`', 'a:\u202e1'],
  value: false,
  reason: 'closed',
  chance: 0,
  approximate: ['group:staff', 'untracked', 'of_later'],
  steps: [
    { gate: 'actors', open: false, decides: false, why: 'not | on <img src=x onerror=alert(1)>' },
    { gate: 'groups', open: null, decides: true, why: '![x](javascript:alert(1))' },
  ],
  as_of: { position: { version: '48213', nonce: null }, at: '2026-11-26T09:30:41Z', from: 'memory' },
  by: {
    change_id: 'id',
    position: null,
    at: '2026-11-20T10:12:03Z',
    author: '@everyone',
    source: 'cli',
    reason: '*flat*',
  },
}

describe('an answer in words', () => {
  it('says on, off, or how often', () => {
    expect([true, false].map((value) => answerWord({ value, chance: 1 }))).toEqual(['on', 'off'])
    expect(answerWord({ value: null, chance: 0.055 })).toBe('on in 5.5 % of checks')
  })

  it('says what is not certain, and from where it is', () => {
    expect(explanation.approximate.map(markText)).toEqual([
      'the group staff is decided by today’s code, or is not known here',
      'it depends on rows that were written past the history',
      'of_later',
    ])
    expect(asOfText(explanation.as_of)).toBe(
      `${dayAndTime(Date.UTC(2026, 10, 26, 9, 30, 41))} (position 48213), from memory: the database cannot be reached`,
    )
  })

  it('says both answers where they differ, and as of when where that is what differs', () => {
    const [on, off] = [
      { value: true, chance: 1 },
      { value: false, chance: 0 },
    ]
    const one = { answer: on, actors: ['User:7'], point: 'now' }
    const compared = (than: Partial<typeof one>) => comparedText(one, { ...one, ...than })
    expect(compared({ actors: ['User:9'] })).toBe('Both are on.')
    expect(compared({ actors: ['User:9'], answer: off })).toBe('The answers differ: on for User:7, off for User:9.')
    expect(compared({ answer: off, point: '8 min ago' })).toBe(
      'The answers differ: on for User:7 (now), off for User:7 (8 min ago).',
    )
  })

  it.each([
    ['', 'now'],
    ['8m', '8 min ago'],
    ['3 d', '3 d ago'],
    ['48213', 'position 48213'],
    ['7e6f6a52-6c0e-4d0f-9d3a-6b1f2f6a9d11', 'after the change 7e6f6a52…'],
    ['2026-11-26T09:30:41Z', dayAndTime(Date.UTC(2026, 10, 26, 9, 30, 41))],
    ['last \u202eTuesday', 'last \\u{202e}Tuesday'],
  ])('has the point %j as %j', (text, words) => {
    expect(pointText(text)).toBe(words)
  })

  it('as Markdown has no mark of its own that a name or a reason wrote', () => {
    expect(issueText(explanation, 'production', 'https://flags.example/explain')).toBe(
      [
        "`dark¦mode` is **off** for `User:'7'` + `a:\\u{202e}1` in production: nothing turns it on.",
        '',
        '| | Gate | | Why |',
        '|---|---|---|---|',
        '|  | Actors | closed | not \\| on \\<img src=x onerror=alert(1)\\> |',
        '| **→** | Groups | ? | \\!\\[x\\](javascript:alert(1)) |',
        '',
        'Decided by \\@everyone (cli), 2026-11-20T10:12:03Z: “\\*flat\\*”; change `id`.',
        'Not certain: the group staff is decided by today’s code, or is not known here.',
        'Not certain: it depends on rows that were written past the history.',
        'Not certain: of\\_later.',
        'As of 2026-11-26 09:30:41 UTC (position 48213), from memory: the database cannot be reached. https://flags.example/explain',
      ].join('\n'),
    )
  })
})
