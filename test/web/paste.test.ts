// Many pasted ids, without a browser: how they are read, and what is said of them.
import { describe, expect, it } from 'vitest'
import { parseIds, parseManyIds, withFound } from '../../web/src/proposal/ids.js'
import { pasteReport } from '../../web/src/proposal/paste-report.js'

const signal = new AbortController().signal
const set = (...ids: readonly string[]) => new Set(ids)

describe('a long paste', () => {
  it('is read as a short one is, whatever ends its lines', async () => {
    for (const text of ['', '\n', 'User:1', 'User:1\r\nUser:2\rUser:3\n\n4,x', '\u2028User:1']) {
      expect(await parseManyIds(text, 'User', signal)).toEqual(parseIds(text, 'User'))
    }
    const text = Array.from({ length: 9_999 }, (_, id) => `User:${id}`).join('\r\n')
    expect((await parseManyIds(text, null, signal))?.ids).toHaveLength(9_999)
  })

  it('is left where another one takes its place', async () => {
    const control = new AbortController()
    const reading = parseManyIds('User:1\n'.repeat(5_000), null, control.signal)
    control.abort()
    expect(await reading).toBe(null)
  })
})

describe('the report of a paste', () => {
  it('says what is new, what is there, what stands on the other list, and in which lines the rest is', () => {
    const parsed = parseIds('User:1 User:2 User:3\nx\nUser:4 y z', null)
    expect(pasteReport(parsed, set('User:1'), set('User:3'), 'opted out')).toEqual({
      fresh: ['User:2', 'User:3', 'User:4'],
      text: '7 ids: 3 new · 1 there already · 1 opted out · 3 malformed (lines 2, 3)',
    })
    expect(pasteReport(parseIds(' ', null), set(), set(), '')).toEqual({ fresh: [], text: '' })
  })

  it('counts words that turned out to be paths of actors as ids, and says of the others that they are not found', () => {
    const parsed = parseIds('a/b, c/d\nUser:1 a/b', null)
    const whole = withFound(parsed, new Map([['a/b', 'Project:2']]))
    expect(whole).toMatchObject({ ids: ['User:1', 'Project:2'], malformedCount: 1 })
    expect(pasteReport(whole, set('Project:2'), set(), '', 'not found').text).toBe(
      '3 ids: 1 new · 1 there already · 1 not found (line 1)',
    )
  })

  it('takes no more than fit into one change', () => {
    const { fresh, text } = pasteReport(
      { ids: Array.from({ length: 10_001 }, (_, id) => `a:${id}`), malformed: [], malformedCount: 0 },
      set(),
      set(),
      '',
    )
    expect(fresh).toHaveLength(10_000)
    expect(text).toBe('10,001 ids: 10,001 new · the first 10,000 fit into one change')
  })
})
