// The texts of messages and pointers that processes share.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hint } from '../../../lib/cache/cache.js'
import {
  differenceMessage,
  hintMessage,
  largestMessage,
  mostNames,
  parseMessage,
  waitMessage,
} from '../../../lib/cache/format/message.js'
import { parsePointer, pointerText } from '../../../lib/cache/format/pointer.js'
import { packedFormat } from '../../../lib/state/packed-state.js'
import { makeSealer, type Purpose, seal as sealFor } from '../../../lib/state/sealed.js'
import { circle, feature, hint, identity, position, secret, signed, unsigned } from '../samples.js'

const seal = (body: string, purpose: Purpose = 'message') => sealFor(unsigned, { purpose, owner: identity }, body)

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
    expect(parseMessage(circle, hintMessage(circle, told))).toEqual({ kind: 'hint', hint: told })
    const request = { id: 'an-id', position: position(4) }
    expect(parseMessage(circle, waitMessage(circle, request))).toEqual({ kind: 'wait', request })
    for (const names of [['a_flag', '__proto__', 'Übung 😀'], [], null]) {
      expect(parseMessage(circle, differenceMessage(circle, names))).toEqual({ kind: 'difference', names })
    }
  })

  it('tells of a difference without names where they are more than a hundred, or too long', () => {
    const names = Array.from({ length: mostNames }, (_, index) => `flag_${index}`)
    const told = (list: readonly string[]) => parseMessage(circle, differenceMessage(circle, list))
    expect(told(names)).toEqual({ kind: 'difference', names })
    expect(told([...names, 'one_more'])).toEqual({ kind: 'difference', names: null })
    expect(told(['x'.repeat(largestMessage)])).toEqual({ kind: 'difference', names: null })
  })

  it('is nothing to the processes of another database, whatever it tells', () => {
    const other = { sealer: unsigned, identity: 'another' }
    const request = { id: 'an-id', position: position(4) }
    const texts = [hintMessage(circle, told), waitMessage(circle, request), differenceMessage(circle, null)]
    for (const text of texts) expect(parseMessage(other, text)).toBeNull()
  })

  it('counts with a secret only where a process that has it has told it of this database', () => {
    const [ours, theirs] = [signed, makeSealer('another secret as long as the first one is')]
    const rotated = makeSealer(`a new secret that is long enough to be one,${secret}`)
    const inCircle = { sealer: ours, identity }
    const text = hintMessage(inCircle, told)
    expect(parseMessage(inCircle, text)).toEqual({ kind: 'hint', hint: told })
    expect(parseMessage({ sealer: rotated, identity }, text)).toEqual({ kind: 'hint', hint: told })
    expect(parseMessage({ sealer: theirs, identity }, text)).toBeNull()
    expect(parseMessage(circle, text)).toBeNull()
    expect(parseMessage(inCircle, hintMessage(circle, told))).toBeNull()
    expect(parseMessage(inCircle, hintMessage({ sealer: theirs, identity }, told))).toBeNull()
    const elsewhere = hintMessage({ sealer: ours, identity: 'another' }, told)
    expect(parseMessage(inCircle, elsewhere.replaceAll('another', identity))).toBeNull()
    for (const mutant of mutants(text)) expect(parseMessage(inCircle, mutant)).toBeNull()
  })

  it('is read as it was told whatever flags and actors are called', () => {
    const texts = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(texts, fc.array(texts), (name, actors) => {
        const named = { ...told, changed: new Map([[name, feature(name, actors)]]) }
        const read = parseMessage(circle, Buffer.from(hintMessage(circle, named)).toString())
        expect(read).toEqual({ kind: 'hint', hint: named })
      }),
    )
  })

  it('is nothing when it was cut at any byte, or any bit of it was flipped', () => {
    const count = { hint: 0, wait: 0, difference: 0 }
    for (const mutant of mutants(hintMessage(circle, told))) {
      expect(parseMessage(circle, mutant)).toBeNull()
      count.hint += 1
    }
    for (const mutant of mutants(waitMessage(circle, { id: 'an-id', position: position(4) }))) {
      expect(parseMessage(circle, mutant)).toBeNull()
      count.wait += 1
    }
    for (const mutant of mutants(differenceMessage(circle, ['a_flag']))) {
      expect(parseMessage(circle, mutant)).toBeNull()
      count.difference += 1
    }
    expect(count.hint + count.wait + count.difference).toBeGreaterThan(4_000)
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
      expect(Buffer.byteLength(hintMessage(circle, large))).toBeLessThanOrEqual(largestMessage)
  })

  const good = JSON.parse(hintMessage(circle, told).split('\n')[1] ?? '')
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
    ['no identity', seal(JSON.stringify({ ...good, identity: null }))],
    ['the identity of another database', seal(JSON.stringify({ ...good, identity: 'another' }))],
    ['no content', seal(JSON.stringify({ ...good, changed: undefined }))],
    ['content that is no list', seal(JSON.stringify({ ...good, changed: {} }))],
    ['a feature without a name', seal(JSON.stringify({ ...good, changed: [[]] }))],
    ['a gate without values', seal(JSON.stringify({ ...good, changed: [['a', 'boolean']] }))],
    ['a value that is no text', seal(JSON.stringify({ ...good, changed: [['a', 'boolean', [true]]] }))],
    ['a feature of an older format', seal(JSON.stringify({ ...good, changed: [['a', [['boolean', ['true']]]]] }))],
    ['a value that is no well-formed text', seal(JSON.stringify({ ...good, changed: [['a', 'actors', ['\ud800']]] }))],
    ['a gate whose name is not well-formed', seal(JSON.stringify({ ...good, changed: [['a', '\udfff', []]] }))],
    ['a key that is not well-formed', seal(JSON.stringify({ ...good, changed: [['a\ud800']] }))],
    ['a removed key that is not well-formed', seal(JSON.stringify({ ...good, changed: ['a\ud800'] }))],
    ['a difference of names that are no list', seal(differenceBody('a_flag'))],
    ['a difference of names that are no texts', seal(differenceBody([1]))],
    ['a difference of names that are not well-formed', seal(differenceBody(['\ud800']))],
    ['a difference of more names than are told', seal(differenceBody(Array(mostNames + 1).fill('a')))],
    ['very deep nesting', seal(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)],
    [
      'a wait for no position',
      seal(JSON.stringify({ format: packedFormat, kind: 'wait', identity, id: 'x', position: null })),
    ],
    ['a wait with an id that would be a part of another key', seal(waitBody('x:y*'))],
  ])('is nothing when it holds %s', (_what, text) => {
    expect(parseMessage(circle, text)).toBeNull()
  })

  it('leaves the prototypes of objects alone', () => {
    const text = JSON.stringify({ ...good, changed: [['__proto__', '__proto__', ['polluted']]] })
    const message = parseMessage(circle, seal(text.replace('{', '{"__proto__":{"polluted":true},')))
    expect(message?.kind === 'hint' && message.hint.changed?.has('__proto__')).toBe(true)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

function waitBody(id: string): string {
  return JSON.stringify({ format: packedFormat, kind: 'wait', identity, id, position: position(1) })
}

function differenceBody(names: unknown): string {
  return JSON.stringify({ format: packedFormat, kind: 'difference', identity, names })
}

describe('a pointer', () => {
  const named = { position: position(9), digest: 'ab12' }
  const parse = (text: string, sealer = unsigned) => parsePointer(sealer, identity, text)
  const pointerSeal = (text: string) => seal(text.replace('ID', identity), 'pointer')

  it('is read as it was written', () => {
    const text = pointerText(unsigned, identity, named)
    expect(parse(text)).toEqual({ ...named, text })
  })

  it('is nothing when it was cut at any byte, or any bit of it was flipped', () => {
    for (const sealer of [unsigned, signed]) {
      for (const mutant of mutants(pointerText(sealer, identity, named))) expect(parse(mutant, sealer)).toBeNull()
    }
  })

  it('counts with a secret only where a process that has it has written it of this database', () => {
    const text = pointerText(signed, identity, named)
    expect(parse(text, signed)).toEqual({ ...named, text })
    expect(parse(text)).toBeNull()
    expect(parse(pointerText(unsigned, identity, named), signed)).toBeNull()
    expect(parsePointer(signed, 'another', pointerText(signed, identity, named))).toBeNull()
  })

  it('is accepted in the form that the following cases spoil', () => {
    expect(parse(pointerSeal('1:a:ID:0f'))).toMatchObject({ position: { version: '1', nonce: 'a' }, digest: '0f' })
  })

  it.each(['', 'x', '1:2', '1:2:ID:0f'])('does not come out of %j, which is not sealed', (text) => {
    expect(parse(text)).toBeNull()
  })

  it.each([
    ...['1:2', '1:2:ID', '1:2:ID:0f:4', ':::', '-1:a:ID:0f', '1:a::0f', '1:a:ID:'],
    ...['1:a:another:0f', '1:a:ID:xyz', '1:a:ID:0F', `1:a:ID:${'0'.repeat(129)}`],
  ])('does not come out of %j, sealed', (text) => {
    expect(parse(pointerSeal(text))).toBeNull()
  })
})

it('a hint that changes nothing is a hint', () => {
  const empty = hint(position(1), position(2))
  expect(parseMessage(circle, hintMessage(circle, empty))).toEqual({ kind: 'hint', hint: empty })
})
