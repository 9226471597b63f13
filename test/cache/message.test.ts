import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hint } from '../../lib/cache/cache.js'
import { hintMessage, largestMessage, parseMessage, waitMessage } from '../../lib/cache/message.js'
import { parsePointer, pointerText } from '../../lib/cache/pointer.js'
import { seal } from '../../lib/cache/sealed.js'
import { packedFormat } from '../../lib/store/packed-state.js'
import { databaseId, feature, hint, position } from './samples.js'

const told: Hint = {
  from: position(1),
  via: [position(2)],
  to: position(3),
  changed: new Map([
    ['a_flag', feature('a_flag', ['User:1', 'Übung:2'])],
    ['gone', null],
  ]),
}

function* mutants(text: string): Generator<string> {
  const bytes = Buffer.from(text)
  for (let length = 0; length < bytes.length; length++) yield bytes.toString('utf8', 0, length)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield flipped.toString()
  }
}

describe('a message', () => {
  it('is read as it was told', () => {
    expect(parseMessage(hintMessage(told, databaseId))).toEqual({ kind: 'hint', hint: told, databaseId })
    const request = { id: 'an-id', position: position(4) }
    expect(parseMessage(waitMessage(request))).toEqual({ kind: 'wait', request })
  })

  it('is read as it was told whatever flags and actors are called', () => {
    const texts = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(texts, fc.array(texts), (name, actors) => {
        const named = { ...told, changed: new Map([[name, feature(name, actors)]]) }
        const read = parseMessage(Buffer.from(hintMessage(named, databaseId)).toString())
        expect(read).toEqual({ kind: 'hint', hint: named, databaseId })
      }),
    )
  })

  it('is nothing when it was cut at any byte, or any bit of it was flipped', () => {
    const count = { hint: 0, wait: 0 }
    for (const mutant of mutants(hintMessage(told, databaseId))) {
      expect(parseMessage(mutant)).toBeNull()
      count.hint += 1
    }
    for (const mutant of mutants(waitMessage({ id: 'an-id', position: position(4) }))) {
      expect(parseMessage(mutant)).toBeNull()
      count.wait += 1
    }
    expect(count.hint + count.wait).toBeGreaterThan(4_000)
  })

  it('never grows over its size', () => {
    const flags = Array.from({ length: 2_000 }, (_, index) => `flag_${index}`)
    const changed = new Map(flags.map((name) => [name, feature(name)]))
    const via = flags.map((_, index) => position(index))
    for (const large of [
      { ...told, changed },
      { ...told, via },
      { ...told, via, changed },
    ])
      expect(Buffer.byteLength(hintMessage(large, databaseId))).toBeLessThanOrEqual(largestMessage)
  })

  const good = JSON.parse(hintMessage(told, databaseId).split('\n')[1] ?? '')
  it.each([
    ['nothing', ''],
    ['a text that is not sealed', JSON.stringify(good)],
    ['no JSON', seal('from>to')],
    ['null', seal('null')],
    ['a list', seal('[]')],
    ['another format', seal(JSON.stringify({ ...good, format: 999 }))],
    ['another kind', seal(JSON.stringify({ ...good, kind: 'eval' }))],
    ['no from', seal(JSON.stringify({ ...good, from: undefined }))],
    ['a version beyond a bigint', seal(JSON.stringify({ ...good, to: { version: '1e3', nonce: 'n' } }))],
    ['a negative version', seal(JSON.stringify({ ...good, to: { version: '-1', nonce: 'n' } }))],
    ['a version that is a number', seal(JSON.stringify({ ...good, to: { version: 1, nonce: 'n' } }))],
    ['a forged nonce', seal(JSON.stringify({ ...good, to: { version: '1', nonce: 'a:b' } }))],
    ['a via that is none', seal(JSON.stringify({ ...good, via: [null] }))],
    ['no database id', seal(JSON.stringify({ ...good, databaseId: null }))],
    ['no content', seal(JSON.stringify({ ...good, changed: undefined }))],
    ['content that is no list', seal(JSON.stringify({ ...good, changed: {} }))],
    ['a feature without a name', seal(JSON.stringify({ ...good, changed: [[]] }))],
    ['a gate without values', seal(JSON.stringify({ ...good, changed: [['a', 'boolean']] }))],
    ['a value that is no text', seal(JSON.stringify({ ...good, changed: [['a', 'boolean', [true]]] }))],
    ['a feature of an older format', seal(JSON.stringify({ ...good, changed: [['a', [['boolean', ['true']]]]] }))],
    ['very deep nesting', seal(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)],
    ['a wait for no position', seal(JSON.stringify({ format: packedFormat, kind: 'wait', id: 'x', position: null }))],
    ['a wait with an id that would be a part of another key', seal(waitBody('x:y*'))],
  ])('is nothing when it holds %s', (_what, text) => {
    expect(parseMessage(text)).toBeNull()
  })

  it('pollutes nothing', () => {
    const text = JSON.stringify({ ...good, changed: [['__proto__', '__proto__', ['polluted']]] })
    const message = parseMessage(seal(text.replace('{', '{"__proto__":{"polluted":true},')))
    expect(message?.kind === 'hint' && message.hint.changed?.has('__proto__')).toBe(true)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

function waitBody(id: string): string {
  return JSON.stringify({ format: packedFormat, kind: 'wait', id, position: position(1) })
}

describe('a pointer', () => {
  it('is read as it was written', () => {
    const at = position(9)
    const text = pointerText(at, databaseId)
    expect(parsePointer(text)).toEqual({ position: at, databaseId, text })
  })

  it('is nothing when it was cut at any byte, or any bit of it was flipped', () => {
    for (const mutant of mutants(pointerText(position(9), databaseId))) expect(parsePointer(mutant)).toBeNull()
  })

  it.each(['', 'x', '1:2', '1:2:3', seal('1:2'), seal('1:2:3:4'), seal(':::'), seal('-1:a:b'), seal('1:a:')])(
    'is not %j',
    (text) => {
      expect(parsePointer(text)).toBeNull()
    },
  )
})

it('a hint of nothing is a hint', () => {
  const empty = hint(position(1), position(2))
  expect(parseMessage(hintMessage(empty, databaseId))).toEqual({ kind: 'hint', hint: empty, databaseId })
})
