// Which requests are polls that need no router, and what of their headers is read.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type FrontPoll, PollFront } from '../../../lib/server/sdks/poll-front.js'
import { pollHeaders } from '../../../lib/server/sdks/poll-headers.js'

function requestOf(url: string, method = 'GET', rawHeaders: readonly string[] = []): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  return Object.assign(request, { url, method, rawHeaders: [...rawHeaders] })
}

/** What reaches the function that answers; null for a request that passes on to the router. */
function taken(url: string, method?: string): Pick<FrontPoll, 'project' | 'polled'> | null {
  const front = new PollFront(() => false)
  let seen: Pick<FrontPoll, 'project' | 'polled'> | null = null
  front.use(({ project, polled }) => {
    seen = { project, polled }
    return true
  })
  const request = requestOf(url, method)
  expect(front.answers(request, new ServerResponse(request))).toBe(seen !== null)
  return seen
}

const prefix = '/api/v4/feature_flags/unleash'

describe('the front of polls', () => {
  it.each([
    ['/7', { project: '7', polled: 'features' }],
    ['/7/features', { project: '7', polled: 'features' }],
    ['/7/client/features', { project: '7', polled: 'features' }],
    ['/7/client/delta', { project: '7', polled: 'delta' }],
    ['/group%2Fsub%2fshop.one~x/client/features', { project: 'group/sub/shop.one~x', polled: 'features' }],
    ['', null],
    ['/', null],
    ['/7/', null],
    ['/7?x=1', null],
    ['/7/delta', null],
    ['/7/client', null],
    ['/7/client/features/', null],
    ['/7/client/streaming', null],
    ['/a%252Fb', null],
    ['/a%zz', null],
    ['//7', null],
  ] as const)('takes %s as %o', (path, expected) => {
    expect(taken(prefix + path)).toEqual(expected)
  })

  it('leaves other methods and other addresses to the router', () => {
    expect(taken(`${prefix}/7`, 'HEAD')).toBeNull()
    expect(taken(`${prefix}/7`, 'POST')).toBeNull()
    expect(taken(`http://localhost${prefix}/7`)).toBeNull()
    expect(taken('/api/v4/features')).toBeNull()
  })

  it('leaves a poll whose answer fails to the router, which tells the fault', () => {
    const front = new PollFront(() => false)
    front.use(() => {
      throw new Error('no answer')
    })
    const request = requestOf(`${prefix}/7`)
    expect(front.answers(request, new ServerResponse(request))).toBe(false)
  })
})

describe('the headers of a poll', () => {
  it('are those that say something, in any case', () => {
    const raw = [
      'Host',
      'x',
      'UNLEASH-InstanceID',
      'secret',
      'Accept-Encoding',
      'gzip',
      '__proto__',
      'x',
      'If-None-Match',
      '"a"',
    ]
    expect(pollHeaders(requestOf('/', 'GET', raw))).toEqual({
      'unleash-instanceid': 'secret',
      'accept-encoding': 'gzip',
      'if-none-match': '"a"',
    })
  })

  it("are Node's where one comes twice", () => {
    const request = requestOf('/', 'GET', ['instance_id', 'a', 'Instance_ID', 'b'])
    expect(pollHeaders(request)).toBe(request.headers)
  })
})
