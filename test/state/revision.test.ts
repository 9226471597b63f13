// The text of a revision.
import { describe, expect, it } from 'vitest'
import { parseRevision, revisionText } from '../../lib/state/revision.js'

describe('a revision', () => {
  it('is read from the text that it is written as', () => {
    const revision = { version: '48213', nonce: '9f3c21aa', content: 'e3b0c442' }
    expect(revisionText(revision)).toBe('48213-9f3c21aa-e3b0c442')
    expect(parseRevision('48213-9f3c21aa-e3b0c442')).toEqual(revision)
  })

  it.each([
    '',
    '48213',
    '48213-9f3c21aa',
    '48213-9f3c21aa-e3b0c44',
    '-1-9f3c21aa-e3b0c442',
    '1-9F3C21AA-e3b0c442',
    ' 1-9f3c21aa-e3b0c442',
  ])('is not read from "%s"', (text) => {
    expect(parseRevision(text)).toBeNull()
  })
})
