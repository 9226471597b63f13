// Texts with a hash or a signature before them.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeSealer, type Place, seal, unseal } from '../../lib/state/sealed.js'

const place: Place = { purpose: 'pointer', owner: 'a-database' }
const [first, second, third] = ['f', 's', 't'].map((letter) => letter.repeat(32)) as [string, string, string]

describe('a text that is sealed without a secret', () => {
  const sealer = makeSealer(null)

  it('has its SHA-256 before it', () => {
    expect(seal(sealer, place, 'text')).toBe(`${createHash('sha256').update('text').digest('hex')}\ntext`)
    expect(unseal(sealer, place, seal(sealer, place, 'a\nb'))).toBe('a\nb')
    expect(sealer.signed).toBe(false)
  })

  it.each(['', '\n', 'text', `${'0'.repeat(64)}\ntext`, `${'0'.repeat(64)}text`])('does not come out of %j', (text) => {
    expect(unseal(sealer, place, text)).toBeNull()
  })
})

describe('a text that is sealed with a secret', () => {
  const sealer = makeSealer(first)
  const text = seal(sealer, place, 'text')

  it('is unsealed with the secret, at its place alone', () => {
    expect(unseal(sealer, place, text)).toBe('text')
    const elsewhere: readonly Place[] = [
      { ...place, purpose: 'message' },
      { ...place, owner: 'another' },
      { purpose: 'disk', owner: '' },
    ]
    for (const other of elsewhere) expect(unseal(sealer, other, text)).toBeNull()
    expect(unseal(makeSealer(second), place, text)).toBeNull()
    expect(unseal(makeSealer(null), place, text)).toBeNull()
    expect(unseal(sealer, place, seal(makeSealer(null), place, 'text'))).toBeNull()
  })

  it('cannot be moved between an owner and the text by moving a line break', () => {
    const one = seal(sealer, { purpose: 'disk', owner: 'a' }, 'b\nc')
    const body = 'c'
    const [mark = ''] = one.split('\n')
    expect(sealer.verifies({ purpose: 'disk', owner: 'a\nb' }, mark, body)).toBe(false)
    expect(sealer.verifies({ purpose: 'disk', owner: 'a"]\nb' }, mark, body)).toBe(false)
  })

  it('shows which secret it was signed with, and nothing of the secret', () => {
    expect(text).toMatch(/^[0-9a-f]{8}\.[0-9a-f]{64}\ntext$/)
    expect(seal(makeSealer(second), place, 'text').slice(0, 8)).not.toBe(text.slice(0, 8))
    expect(seal(sealer, place, 'other').slice(0, 8)).toBe(text.slice(0, 8))
  })

  it('counts under another key id, or with other letters of it, for nothing', () => {
    for (const spoiled of [`00000000${text.slice(8)}`, text.toUpperCase(), text.slice(9), ` ${text}`, `.${text}`]) {
      expect(unseal(sealer, place, spoiled)).toBeNull()
    }
  })

  it('comes out the same in pieces and as a whole', () => {
    const marking = sealer.marking(place)
    for (const piece of ['te', Buffer.from('x'), 't']) marking.update(piece)
    expect(text.startsWith(`${marking.mark()}\n`)).toBe(true)
  })
})

describe('two secrets', () => {
  it('both verify, and the first signs', () => {
    const changing = makeSealer(`${second} , ${first}`)
    const old = seal(makeSealer(first), place, 'text')
    expect(unseal(changing, place, old)).toBe('text')
    const made = seal(changing, place, 'text')
    expect(made).toBe(seal(makeSealer(second), place, 'text'))
    expect(unseal(makeSealer(first), place, made)).toBeNull()
    expect([old, made].map((text) => changing.isCurrent(text.split('\n')[0] ?? ''))).toEqual([false, true])
    expect(changing.marksOf(place, 'text')).toEqual([made, old].map((text) => text.split('\n')[0]))
  })

  it('change one after the other, and no process that is a step behind or ahead is cut off', () => {
    const steps = [first, `${first},${second}`, `${second},${first}`, second].map(makeSealer)
    for (const [index, sealer] of steps.entries()) {
      for (const other of [steps[index - 1], steps[index + 1]]) {
        if (other !== undefined) expect(unseal(other, place, seal(sealer, place, 'text'))).toBe('text')
      }
    }
  })
})

describe('secrets', () => {
  it.each([
    ['nothing', ''],
    ['spaces', ' '.repeat(40)],
    ['too few characters', 'hunter2'],
    ['too few characters but for spaces', `hunter2${' '.repeat(40)}`],
    ['a comma and nothing after it', `${first},`],
    ['a comma and nothing before it', `,${first}`],
    ['a second one that is too short', `${first},hunter2`],
    ['three', [first, second, third].join(',')],
  ])('are refused where they are %s, and the value is not shown', (_what, secret) => {
    const refusal = (() => {
      try {
        makeSealer(secret)
        return null
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toMatchObject({ code: 'invalid_configuration' })
    expect(String(refusal)).toContain('FEATURE_CACHE_SECRET')
    expect(String(refusal)).not.toMatch(/hunter2|ffff|ssss/)
  })
})
