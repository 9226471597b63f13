// Faults without a browser: the words of the page in place of the remedies that name addresses and commands.
import { describe, expect, it } from 'vitest'
import { ApiFault, isOwnFault } from '../../web/src/api/fault.js'
import { faultWords } from '../../web/src/parts/pieces/fault-words.js'

const refused = (status: number, code: string, message: string) =>
  new ApiFault({ kind: 'refused', status, code, message })

describe('what went wrong', () => {
  it.each([
    [
      'not_found',
      'the flag "a; b" is neither defined nor stored; GET /api/v4/features shows all flags',
      'The flag "a; b" is neither defined nor stored. Check how it is written.',
    ],
    [
      'not_found',
      'the flag "dark_mod" is neither defined nor stored; did you mean "dark_mode"?',
      'The flag "dark_mod" is neither defined nor stored. Did you mean "dark_mode"?',
    ],
    [
      'invalid_point',
      '"last Tuesday" is not a point in the past; give a time with an offset, a position (48213)',
      '"last Tuesday" is not a point in the past. Write how long ago it was (2h, 3d), or choose a time from the calendar.',
    ],
    [
      'invalid_arguments',
      'the actor "7" names no class; write class and id; a class is registered with actors.CLASS.id',
      'The actor "7" names no class. Write an actor as its class and its id, such as User:7.',
    ],
    [
      'not_restorable',
      '"dark_mode": what the change did was changed again since, so it cannot be undone; restore dark_mode --to POINT',
      '"dark_mode": what the change did was changed again since, so it cannot be undone. “Restore this…” in the history of the flag brings back all that it had at an earlier time.',
    ],
    ['not_restorable', 'rows are not certain; accept them', 'rows are not certain; accept them'],
    ['invalid_arguments', 'the option "x" is 7; leave it out', 'the option "x" is 7; leave it out'],
    ['store_conflict', 'others were quicker; try again', 'others were quicker; try again'],
    ['invalid_point', 'no remedy', 'no remedy'],
  ])('of %s is told as a person reads it: %j', (code, message, words) => {
    expect(faultWords(refused(400, code, message))).toBe(words)
  })

  it('is the question alone where the server says so, and then asking again does not help', () => {
    expect([400, 404, 409, 422].map((status) => isOwnFault(refused(status, 'x', 'x')))).toEqual(Array(4).fill(true))
    expect([401, 408, 429, 500, 503].map((status) => isOwnFault(refused(status, 'x', 'x')))).toEqual(
      Array(5).fill(false),
    )
    expect(isOwnFault(new ApiFault({ kind: 'nonsense', status: 404, message: 'x' }))).toBe(false)
  })
})
