// Redis URLs, taken apart.
import { describe, expect, it } from 'vitest'
import { parseRedisUrl } from '../../../lib/cache/redis/url.js'
import { ConfigurationError } from '../../../lib/errors.js'

describe('a Redis URL', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6379, username: null, password: null, db: 0, tls: false }],
    ['rediss://cache:7000/3', { host: 'cache', port: 7000, username: null, password: null, db: 3, tls: true }],
    ['redis://:p%40ss@[::1]:1/', { host: '::1', port: 1, username: null, password: 'p@ss', db: 0, tls: false }],
    [
      'redis://me:secret@1.2.3.4',
      { host: '1.2.3.4', port: 6379, username: 'me', password: 'secret', db: 0, tls: false },
    ],
  ])('%s is taken apart', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address)
  })

  it.each([
    'secret',
    'http://secret@cache',
    'redis://:secret@',
    'redis://:secret@cache/name',
    'redis://:secret@cache/0/1',
    'redis://:secret@cache?commandTimeout=0',
    'redis://:secret%zz@cache',
    'redis://:secret@cache:99999',
  ])('%s is refused without being shown', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(ConfigurationError)
    expect(() => parseRedisUrl(url)).toThrow(
      /^redisUrl \(REDIS_URL\): (?!.*secret).*is no Redis URL: .*write redis:\/\/host:6379\/0/,
    )
  })
})
