// What an SDK says of itself, in the places in which SDKs of the last years say it.
import { describe, expect, it } from 'vitest'
import { sdkIdentity } from '../../lib/unleash/registration.js'

const secret = `glffct-${'x'.repeat(20)}`

describe('the SDK of a request', () => {
  it('is told by headers of each poll', () => {
    const headers = {
      'unleash-appname': 'production',
      'unleash-sdk': 'unleash-node-sdk:6.12.1',
      'unleash-client-spec': '5.2.0',
      'unleash-interval': '15000',
      'unleash-connection-id': 'one',
    }
    expect(sdkIdentity({ headers, query: {} }, [secret])).toEqual({
      app: 'production',
      sdk: 'unleash-node-sdk:6.12.1',
      spec: '5.2.0',
      intervalMs: 15_000,
      process: 'one',
    })
  })

  it('is told by the body of a registration where no header tells it', () => {
    const body = { appName: 'shop', instanceId: 'host-1', sdkVersion: 'unleash-client-python:5.12.0', interval: 15 }
    expect(sdkIdentity({ headers: {}, query: {}, body }, [secret])).toEqual({
      app: 'shop',
      sdk: 'unleash-client-python:5.12.0',
      spec: null,
      intervalMs: 15_000,
      process: 'host-1',
    })
  })

  it('is not the secret, in none of its fields', () => {
    const text = `${secret}-1795`
    const headers = { 'unleash-appname': text, 'unleash-sdk': `sdk ${text}`, 'unleash-client-spec': secret }
    const seen = sdkIdentity({ headers, query: {}, body: { instanceId: secret } }, [secret])
    expect(seen.process).toBe(null)
    expect(JSON.stringify(seen)).not.toContain('xxxx')
  })

  const odd: readonly (readonly [string, object, object])[] = [
    ['an interval that is none', { 'unleash-interval': 'undefined' }, { intervalMs: null }],
    ['an interval of a month', { 'unleash-interval': String(30 * 86_400_000) }, { intervalMs: null }],
    ['an interval in seconds', { 'unleash-interval': '15.5' }, { intervalMs: 15_500 }],
    ['a name of 10,000 signs', { 'unleash-appname': 'a'.repeat(10_000) }, { app: 'a'.repeat(255) }],
    ['a name that would break a line', { 'unleash-appname': 'a\u0000b\nc\u2028d' }, { app: 'abcd' }],
    ['half of a pair', { 'unleash-appname': 'a\ud83d' }, { app: 'a' }],
  ]
  it.each(odd)('is read with %s', (_, headers, expected) => {
    expect(sdkIdentity({ headers: { ...headers }, query: {} }, [secret])).toMatchObject(expected)
  })
})
