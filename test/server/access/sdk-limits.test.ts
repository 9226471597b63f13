// How often SDKs may ask and report: counted for each project at an address, on a clock that is never set.
import { describe, expect, it } from 'vitest'
import { headersIn, LimitReached, SdkLimits } from '../../../lib/server/access/sdk-limits.js'

function limitsOf(polls: number, reports = polls, wrongIds = polls) {
  const time = { ms: 1_000 }
  const limits = new SdkLimits({ polls, reports, wrongIds, elapsed: () => time.ms, now: () => 1_700_000_000_500 })
  return { limits, time }
}

/** Whether a call is allowed; what it throws otherwise is the refusal. */
function isAllowed(call: () => unknown): boolean {
  try {
    call()
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(LimitReached)
    return false
  }
}

describe('the limits of SDKs', () => {
  it('count polls and reports apart, for each project at each address', () => {
    const { limits } = limitsOf(1)
    limits.poll('10.0.0.1', 1)
    limits.report('10.0.0.1', 1)
    limits.poll('10.0.0.1', 2)
    limits.poll('10.0.0.2', 1)
    expect(isAllowed(() => limits.poll('10.0.0.1', 1))).toBe(false)
    expect(isAllowed(() => limits.poll('::ffff:10.0.0.1', 1))).toBe(false)
    expect(isAllowed(() => limits.report('10.0.0.1', 1))).toBe(false)
  })

  it('begin anew after a minute', () => {
    const { limits, time } = limitsOf(1)
    limits.poll('10.0.0.1', 1)
    time.ms += 59_999
    expect(isAllowed(() => limits.poll('10.0.0.1', 1))).toBe(false)
    time.ms += 1
    expect(isAllowed(() => limits.poll('10.0.0.1', 1))).toBe(true)
  })

  it('count a wrong ID only when it was wrong', () => {
    const { limits } = limitsOf(2)
    for (let count = 0; count < 9; count++) expect(isAllowed(() => limits.guess('10.0.0.1'))).toBe(true)
    limits.noteWrong('10.0.0.1')
    expect(isAllowed(() => limits.guess('10.0.0.1'))).toBe(true)
    limits.noteWrong('10.0.0.1')
    expect(isAllowed(() => limits.guess('10.0.0.1'))).toBe(false)
    expect(isAllowed(() => limits.guess('10.0.0.2'))).toBe(true)
  })

  it('are told in the headers of GitLab', () => {
    const { limits, time } = limitsOf(2)
    expect(headersIn(limits.headersOf(limits.poll('10.0.0.1', 1)))).toEqual({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '1700000061',
    })
    time.ms += 30_000
    limits.poll('10.0.0.1', 1)
    const headers = [
      ...['ratelimit-limit', '2', 'ratelimit-remaining', '0', 'ratelimit-reset', '1700000031'],
      ...['retry-after', '30'],
    ]
    expect(() => limits.poll('10.0.0.1', 1)).toThrow(expect.objectContaining({ code: 'rate_limited', headers }))
  })

  it('let 125 clients of one address ask each 15 s and report each minute, by default', () => {
    const { limits } = limitsOf(6_000)
    for (let count = 0; count < 125 * 4; count++) limits.poll('10.0.0.1', 1)
    for (let count = 0; count < 125; count++) limits.report('10.0.0.1', 1)
    expect(limits.poll('10.0.0.1', 1)).toMatchObject({ limit: 6_000, remaining: 5_499 })
  })
})
