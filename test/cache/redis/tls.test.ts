// `rediss://`: whose certificate is trusted, what is said of one that is not, and that no socket ends the process.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import * as driver from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findBinary } from '../../../scripts/find-binary.js'
import { RedisCache } from '../../../lib/cache/redis/cache.js'
import { connectorTo } from '../../../lib/cache/redis/connector.js'
import { parseRedisUrl } from '../../../lib/cache/redis/url.js'
import type { RedisTls } from '../../../lib/config/options.js'
import { makeSealer } from '../../../lib/state/sealed.js'
import { type Certificates, makeCertificates } from '../../support/certificates.js'
import { type RecordingLogger, recordingLogger } from '../../support/recording-logger.js'
import type { RedisServer } from '../../support/redis-server.js'
import { startRedis } from '../../support/services.js'
import { redisFarewell, type StrikingProxy, startStrikingProxy } from '../../support/striking-proxy.js'
import { ears, until } from '../samples.js'
import { systemClock } from '../../../lib/time/clock.js'

// Comes with the packages of PostgreSQL nearly everywhere.
describe.skipIf(findBinary('openssl') === null)('the certificate of Redis', () => {
  let certificates: Certificates
  let redis: RedisServer
  let door: StrikingProxy
  const caches: RedisCache[] = []
  beforeAll(async () => {
    certificates = makeCertificates()
    redis = await startRedis()
    const { key, certificate: cert } = certificates
    door = await startStrikingProxy({
      target: redis.port,
      protocol: 'redis',
      farewell: redisFarewell,
      tls: { key, cert },
    })
  })
  afterEach(async () => {
    for (const cache of caches.splice(0)) await cache.close()
  })
  afterAll(async () => {
    await door?.close()
    await redis?.stop()
    certificates?.remove()
  })

  function open(tls: RedisTls, host = 'localhost'): { cache: RedisCache; logger: RecordingLogger } {
    const logger = recordingLogger()
    const cache = new RedisCache({
      driver,
      url: `rediss://${host}:${door.port}`,
      tls,
      address: 'tls',
      sealer: makeSealer(null),
      logger,
      clock: { ...systemClock, random: () => 0 },
    })
    cache.subscribe('tls', ears())
    caches.push(cache)
    return { cache, logger }
  }
  const authority = () => readFileSync(certificates.authority, 'utf8')

  it('is one warning where it is not trusted, however often it is tried, and names every remedy', async () => {
    const tries = door.connections + 20
    const { cache, logger } = open({})
    await until(() => door.connections > tries)
    expect(logger.lines.filter(({ level }) => level !== 'debug')).toHaveLength(1)
    expect(logger.lines[0]?.level).toBe('warn')
    expect(JSON.stringify(logger.lines[0])).toMatch(
      /not trusted.*NODE_EXTRA_CA_CERTS.*redisTls\.ca.*redisTls\.rejectUnauthorized: false/,
    )
    expect(cache.status().warning).toContain('not trusted')
  })

  it('is refused for another host, with what to do', async () => {
    const { cache } = open({ ca: authority(), servername: 'cache.example' })
    await until(() => cache.status().warning !== null)
    expect(cache.status().warning).toMatch(/for another host.*redisTls\.servername/)
  })

  it.each([
    ['its authority is named', () => ({ ca: authority() }), 'localhost'],
    ['its authority is one of several', () => ({ ca: [certificates.certificate, authority()] }), 'localhost'],
    ['the name it has is given', () => ({ ca: authority(), servername: 'localhost' }), '127.0.0.1'],
    ['any is accepted', () => ({ rejectUnauthorized: false }), 'localhost'],
  ])('is accepted by both connections where %s', async (_what, tls, host) => {
    const { cache, logger } = open(tls(), host)
    await until(() => cache.status().connected && cache.status().subscribed)
    expect(logger.lines).toEqual([])
  })

  it('that cannot be read as PEM is a warning, and no end', async () => {
    const { cache } = open({ ca: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----' })
    await until(() => cache.status().warning !== null)
    expect(await cache.readPointer('tls')).toBeNull()
  })
})

describe('a socket of Redis', () => {
  it('may fail more than once, from its making to its end, and holds no process', async () => {
    const server = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
    const Connector = connectorTo(driver, () => parseRedisUrl(`redis://127.0.0.1:${address.port}`), {})
    const connector = new Connector()
    const socket = await connector.connect(() => {})
    for (let time = 0; time < 3; time++) socket.emit('error', new Error('once more'))
    socket.destroy()
    socket.emit('error', new Error('afterwards'))
    await new Promise((done) => server.close(done))
  })
})
