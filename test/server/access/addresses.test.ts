// The address of a client behind proxies, as Fastify works it out.
import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { clientAddress, proxyTest } from '../../../lib/server/access/addresses.js'

const proxies = ['10.0.0.0/8', '127.0.0.1', 'fd00::/8']
const forwarded = [
  undefined,
  '',
  ' ',
  ',',
  '192.0.2.1',
  '192.0.2.1, 10.0.0.1',
  '198.51.100.1, 192.0.2.1,10.0.0.1',
  '10.0.0.3, 10.0.0.2, 10.0.0.1',
  ' 192.0.2.1 ,, 10.0.0.1 , ',
  'unknown, 10.0.0.1',
  '192.0.2.1:4711, 10.0.0.1',
  '2001:db8::1, fd00::1',
  '[2001:db8::1]:80, 10.0.0.1',
]

describe('the address of a client', () => {
  it('is that of the connection, or the last one before the proxies that are believed: the same as Fastify says', async () => {
    const isProxy = proxyTest(proxies)
    const app = Fastify({ trustProxy: isProxy })
    app.get('/', ({ ip }) => ip)
    for (const remote of ['127.0.0.1', '10.1.2.3', '203.0.113.9', 'fd00::9', '::1']) {
      for (const given of forwarded) {
        const headers = given === undefined ? {} : { 'x-forwarded-for': given }
        const answered = await app.inject({ url: '/', remoteAddress: remote, headers })
        expect(clientAddress(remote, given, isProxy), `${remote} ${given}`).toBe(answered.body)
      }
    }
    await app.close()
  })
})
