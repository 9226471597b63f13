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
    ['redis://cache?db=2&family=0', { host: 'cache', port: 6379, username: null, password: null, db: 2, tls: false }],
    [
      'unix:///run/redis.sock?db=1',
      { host: '', path: '/run/redis.sock', port: 6379, username: null, password: null, db: 1, tls: false },
    ],
    [
      'redis:///run/redis.sock?db=1',
      { host: '', path: '/run/redis.sock', port: 6379, username: null, password: null, db: 1, tls: false },
    ],
    [
      'redis://%2Frun%2Fredis.sock/1',
      { host: '', path: '/run/redis.sock', port: 6379, username: null, password: null, db: 1, tls: false },
    ],
    [
      'redis+socket:///run/redis.sock?db=1',
      { host: '', path: '/run/redis.sock', port: 6379, username: null, password: null, db: 1, tls: false },
    ],
    [
      'unix://me:secret@/redis.sock',
      { host: '', path: '/redis.sock', port: 6379, username: 'me', password: 'secret', db: 0, tls: false },
    ],
    ['/redis.sock', { host: '', path: '/redis.sock', port: 6379, username: null, password: null, db: 0, tls: false }],
  ])('%s is taken apart', (url, address) => {
    expect(parseRedisUrl(url)).toEqual({ path: null, ...address })
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

  it.each([
    [' redis://:secret@cache', /begins with a blank; remove the blank/],
    ['"redis://:secret@cache"', /begins with a quote; remove the quotes/],
    ['REDIS_URL=redis://:secret@cache', /begins with the name of a variable/],
    ['redis-cli -u redis://:secret@cache', /begins with a command/],
    ['redis://:secret@a:1,b:2/0', /several hosts.*give the one address of the primary; Redis Cluster is not supported/],
    ['redis-sentinel://:secret@a', /in place of Sentinels/],
    ['rediss://:secret@cache?ssl_cert_reqs=none', /"ssl_cert_reqs" is not taken; set the option redisTls/],
    ['rediss://:secret@/run/redis.sock', /a Unix socket, which is not encrypted; write unix:/],
    ['cache:6379', /does not begin with a scheme/],
    ['redis:6379', /does not begin with a scheme/],
  ])('%j is refused with what to do, and without its password', (url, said) => {
    expect(() => parseRedisUrl(url)).toThrow(said)
    expect(() => parseRedisUrl(url)).not.toThrow('secret')
  })
})
