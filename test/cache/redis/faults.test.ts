// A Redis that is down, frozen, refuses or loses everything is a miss, a warning and one line in the log, never an error.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RedisServer } from '../../support/redis-server.js'
import { freePort, temporaryFolder } from '../../support/service-process.js'
import { startRedis } from '../../support/services.js'
import { bulk, startFakeRedis } from './fake-redis.js'
import { Fleet, type Member, patiently, quickly } from '../fleet.js'
import { ears, hint, identity, pointerTo, position, state, until, write } from '../samples.js'

/** Ten times what a command may take: a guard against hanging, not a goal. */
const hangMs = 2_000
const fleet = new Fleet()
const servers: RedisServer[] = []

async function start(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options)
  servers.push(server)
  return server
}

afterEach(async () => {
  await fleet.close()
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

/** Everything a replica asks for comes to nothing, soon. */
async function expectMisses({ cache }: Member): Promise<void> {
  const startedAt = performance.now()
  const answers = await Promise.all([
    cache.readPointer(identity),
    cache.readBlob(identity, pointerTo(state(position(1)))),
    write(cache, state(position(1)), null),
    cache.readNewest(identity),
    cache.publish(identity, hint(position(1), position(2))),
    cache.beat(identity),
    cache.acknowledge(identity, { id: 'an-id', position: position(1) }),
    cache.waitForAll(identity, position(1), 5_000).catch((error: unknown) => error),
    cache.find(),
    cache.tellDifference(identity, null),
    cache.leave(identity),
  ])
  expect(performance.now() - startedAt).toBeLessThan(hangMs)
  expect(answers.slice(0, 4)).toEqual([null, null, false, null])
  expect(answers[7]).toMatchObject({ code: 'cache_unavailable' })
  expect(answers[8]).toEqual({ identities: [], state: null })
}

function logged({ logger }: Member): string[] {
  return logger.lines.map(({ level }) => level)
}

/** The cache serves, and what one process tells another one hears. */
async function expectService(url: string, { cache }: Member): Promise<void> {
  await until(() => cache.status().connected)
  const at = position(5)
  await until(async () => write(cache, state(at), await cache.readPointer(identity)))
  const other = fleet.join(url, { timings: patiently }).cache
  expect(await other.readPointer(identity)).toMatchObject({ position: at })
  expect(await other.readBlob(identity, pointerTo(state(at)))).toEqual(state(at))
  await until(async () => {
    await cache.beat(identity)
    return cache.status().warning === null
  })
}

describe('a Redis that is down', () => {
  it('at boot is a miss and one line in the log, and is used as soon as it is there', async () => {
    const port = await freePort()
    const url = `redis://127.0.0.1:${port}`
    const member = fleet.join(url, { timings: quickly })
    const heard = ears()
    member.cache.subscribe(identity, heard)
    await expectMisses(member)
    await expectMisses(member)
    expect(member.cache.status()).toMatchObject({ connected: false, subscribed: false })
    expect(member.cache.status().warning).toContain('ECONNREFUSED')
    expect(logged(member)).toEqual(['warn'])
    await start({ port })
    await until(() => heard.unsureCount() > 0)
    await expectService(url, member)
    expect(logged(member)).toEqual(['warn', 'info'])
  })

  it('and comes back is subscribed to again, and each process is told to look', async () => {
    const first = await start()
    const member = fleet.join(first.url, { timings: { ...quickly, pingMs: 60_000 } })
    const heard = ears()
    member.cache.subscribe(identity, heard)
    await expectService(first.url, member)
    await until(() => heard.unsureCount() > 0)
    await first.kill()
    await until(() => !member.cache.status().connected && !member.cache.status().subscribed)
    await expectMisses(member)
    const before = heard.unsureCount()
    await start({ port: first.port })
    await until(() => heard.unsureCount() > before)
    const told = hint(position(1), position(2))
    await until(() => member.cache.status().connected)
    await member.cache.publish(identity, told)
    await until(() => heard.hints.length === 1)
    await expectService(first.url, member)
    expect(logged(member)).toEqual(['warn', 'info'])
  })
})

describe('a Redis that is frozen', () => {
  it('is a miss, loses the connection that piles up questions, and heals', async () => {
    const server = await start()
    const member = fleet.join(server.url, { timings: quickly })
    const heard = ears()
    member.cache.subscribe(identity, heard)
    await expectService(server.url, member)
    await until(() => heard.unsureCount() > 0)
    server.signal('SIGSTOP')
    await expectMisses(member)
    expect(member.cache.status().warning).toContain('did not answer within')
    await until(() => !member.cache.status().connected && !member.cache.status().subscribed)
    await expectMisses(member)
    const before = heard.unsureCount()
    server.signal('SIGCONT')
    await until(() => heard.unsureCount() > before)
    await expectService(server.url, member)
    expect(logged(member)).toEqual(['warn', 'info'])
  })

  it('at boot is a miss, and does not hold up the end', async () => {
    const server = await start()
    server.signal('SIGSTOP')
    const member = fleet.join(server.url)
    member.cache.subscribe(identity, ears())
    await expectMisses(member)
    const startedAt = performance.now()
    await member.cache.close()
    expect(performance.now() - startedAt).toBeLessThan(hangMs)
  })

  it('while it was in use does not hold up the end', async () => {
    const server = await start()
    const member = fleet.join(server.url)
    member.cache.subscribe(identity, ears())
    await expectService(server.url, member)
    await until(() => member.cache.status().subscribed)
    server.signal('SIGSTOP')
    const pending = expectMisses(member)
    const startedAt = performance.now()
    await member.cache.close()
    expect(performance.now() - startedAt).toBeLessThan(hangMs)
    await pending
  })
})

describe('a Redis that refuses', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  it('a client with no password or a wrong one is a warning that says what to do, without the password', async () => {
    const secured = await start({ arguments: ['--requirepass', 'right p@ss'] })
    const address = new URL(secured.url).host
    const nobody = fleet.join(secured.url, { timings: quickly })
    const wrong = fleet.join(`redis://:wr0ng-secret@${address}`, { timings: quickly })
    const right = fleet.join(`redis://:right%20p%40ss@${address}`)
    await expectService(`redis://:right%20p%40ss@${address}`, right)
    for (const member of [nobody, wrong]) {
      member.cache.subscribe(identity, ears())
      await expectMisses(member)
      await until(() => /NOAUTH|WRONGPASS/.test(member.cache.status().warning ?? ''))
      expect(member.cache.status().warning).toContain('redisUrl (REDIS_URL)')
      expect(logged(member)).toEqual(['warn'])
      expect(JSON.stringify([member.logger.lines, member.cache.status()])).not.toContain('secret')
    }
  })

  it('a password that it does not ask for is one warning in the log, and nothing on the console', async () => {
    const printed = vi.spyOn(console, 'warn').mockImplementation(() => {})
    try {
      const member = fleet.join(`redis://:s3cret@${new URL(server.url).host}`)
      member.cache.subscribe(identity, ears())
      await until(() => member.cache.status().connected && member.cache.status().subscribed)
      expect(printed).not.toHaveBeenCalled()
      const lines = member.logger.lines.filter(({ level }) => level === 'warn')
      expect(lines).toEqual([
        { level: 'warn', fields: {}, message: expect.stringContaining('Redis asks for no password') },
      ])
      expect(JSON.stringify(member.logger.lines)).not.toContain('s3cret')
    } finally {
      printed.mockRestore()
    }
  })

  it('a Unix socket is a place like any other', async () => {
    const socket = join(temporaryFolder('redis-socket', null), 'redis.sock')
    await start({ arguments: ['--unixsocket', socket] })
    await expectService(`unix://${socket}?db=1`, fleet.join(`unix://${socket}?db=1`))
  })

  it('writes, being a replica, is read, warns, and is written again as a primary', async () => {
    const member = fleet.join(server.url, { timings: patiently })
    const redis = fleet.outsider(server.url)
    const at = position(1)
    await write(member.cache, state(at), null)
    await redis.replicaof('127.0.0.1', await freePort())
    await member.cache.beat(identity)
    expect(member.cache.status().warning).toMatch(/READONLY.*let redisUrl \(REDIS_URL\) name the primary/)
    // It connects again, as it would to find a new primary at the old address.
    await until(async () => expect(await member.cache.readPointer(identity)).toMatchObject({ position: at }))
    expect(await member.cache.readBlob(identity, pointerTo(state(at)))).toEqual(state(at))
    expect(member.cache.status().warning).toContain('READONLY')
    await redis.replicaof('NO', 'ONE')
    await expectService(server.url, member)
    expect(logged(member)).toEqual(['warn', 'info'])
  })

  it('writes, being full, is read, warns, and is written again when there is room', async () => {
    const member = fleet.join(server.url, { timings: patiently })
    const redis = fleet.outsider(server.url)
    const at = position(1)
    await write(member.cache, state(at), null)
    await redis.config('SET', 'maxmemory', '1')
    await member.cache.beat(identity)
    expect(await write(member.cache, state(position(2)), await member.cache.readPointer(identity))).toBe(false)
    expect(member.cache.status().warning).toMatch(/OOM.*raise maxmemory/)
    expect(await member.cache.readBlob(identity, pointerTo(state(at)))).toEqual(state(at))
    await redis.config('SET', 'maxmemory', '0')
    await expectService(server.url, member)
    expect(logged(member)).toEqual(['warn', 'info'])
  })

  it('the channel is tried again, and heard as soon as it is allowed', async () => {
    const redis = fleet.outsider(server.url)
    await redis.call('ACL', 'SETUSER', 'narrow', 'on', '>pass', '~sluice:*', '+@all', 'resetchannels')
    const timings = { ...patiently, pingMs: 50 }
    const member = fleet.join(`redis://narrow:pass@127.0.0.1:${server.port}`, { timings })
    const heard = ears()
    member.cache.subscribe(identity, heard)
    await until(() => member.cache.status().warning?.includes('NOPERM'))
    await pause(200) // Refused again, several times.
    await until(() => member.cache.status().connected)
    expect(member.cache.status().subscribed).toBe(false)
    await redis.call('ACL', 'SETUSER', 'narrow', '&sluice:*')
    await until(() => heard.unsureCount() === 1)
    await until(() => member.cache.status().warning === null)
    expect(logged(member)).toEqual(['warn', 'info'])
    await redis.call('ACL', 'DELUSER', 'narrow')
  })

  it('everything but the rights that the documentation asks for serves', async () => {
    const page = readFileSync(new URL('../../../docs/decisions/redis-cache.md', import.meta.url), 'utf8')
    const rights = /acl setuser sluice (.*)/.exec(page)?.[1]?.split(' ') ?? []
    expect(rights).toContain('>PASSWORD')
    const redis = fleet.outsider(server.url)
    await redis.call('ACL', 'SETUSER', 'sluice', ...rights)
    const url = `redis://sluice:PASSWORD@127.0.0.1:${server.port}`
    const member = fleet.join(url, { timings: patiently })
    const heard = ears()
    member.cache.subscribe(identity, { ...heard, wait: (request) => void member.cache.acknowledge(identity, request) })
    await until(() => heard.unsureCount() === 1)
    await expectService(url, member)
    await member.cache.publish(identity, hint(position(1), position(2)))
    await until(() => heard.hints.length === 1)
    const other = fleet.join(url, { timings: patiently }).cache
    await other.beat(identity)
    expect((await other.find()).identities).toEqual([identity])
    await other.tellDifference(identity, null)
    await until(() => heard.differences.length === 1)
    expect(await other.waitForAll(identity, position(1), 5_000)).toEqual({ confirmed: 1, lagging: [] })
    expect((await member.cache.waitForAll(identity, position(1), 300)).lagging).toHaveLength(1)
    await other.leave(identity)
    await other.beat(identity)
    await other.close()
    await until(async () => expect((await member.cache.waitForAll(identity, position(1), 300)).lagging).toEqual([]))
    expect(member.logger.lines).toEqual([])
    await redis.call('ACL', 'DELUSER', 'sluice')
  })

  it.each([
    ['MISCONF Redis is configured to save RDB snapshots, but it cannot persist', 'see its log'],
    ['LOADING Redis is loading the dataset in memory', 'has just started'],
    ['MASTERDOWN Link with MASTER is down', 'lost its primary'],
    ['ERR unknown command', 'ERR unknown command'],
  ])('with %s is a miss and a warning', async (refusal, remedy) => {
    const fake = await startFakeRedis((command) => {
      if (command === 'hello') return '-ERR unknown command `HELLO`\r\n'
      if (command === 'info') return bulk('loading:0\r\n')
      return command === 'client' ? '+OK\r\n' : `-${refusal}\r\n`
    })
    const member = fleet.join(fake.url, { timings: quickly })
    await expectMisses(member)
    expect(member.cache.status()).toMatchObject({ connected: true, warning: expect.stringContaining(remedy) })
    expect(logged(member)).toEqual(['warn'])
    await fleet.close()
    await fake.close()
  })

  it('to serve while it loads its data is a miss and a warning', async () => {
    const fake = await startFakeRedis((command) =>
      command === 'hello' || command === 'client'
        ? '+OK\r\n'
        : command === 'info'
          ? bulk('loading:1\r\nloading_eta_seconds:9\r\n')
          : '-LOADING Redis is loading the dataset in memory\r\n',
    )
    const member = fleet.join(fake.url)
    await expectMisses(member)
    expect(member.cache.status()).toMatchObject({ warning: expect.stringContaining('has just started') })
    await fleet.close()
    await fake.close()
  })

  it('to speak its protocol is a miss and a warning', async () => {
    const fake = await startFakeRedis(() => 'HTTP/1.1 400 Bad Request\r\n\r\n')
    const member = fleet.join(fake.url, { timings: quickly })
    member.cache.subscribe(identity, ears())
    await expectMisses(member)
    expect(member.cache.status()).toMatchObject({ warning: expect.any(String) })
    await fleet.close()
    await fake.close()
  })

  it('to answer with what was asked for is a miss and a warning', async () => {
    const fake = await startFakeRedis((command) =>
      command === 'info' ? bulk('loading:0\r\n') : command === 'hello' ? '+OK\r\n' : ':42\r\n',
    )
    const member = fleet.join(fake.url, { timings: quickly })
    expect(await member.cache.readPointer(identity)).toBeNull()
    expect(await member.cache.readBlob(identity, pointerTo(state(position(1))))).toBeNull()
    expect(await write(member.cache, state(position(1)), null)).toBe(false)
    expect(member.cache.status().warning).not.toBeNull()
    await fleet.close()
    await fake.close()
  })
})

describe('a Redis that loses everything', () => {
  it('gets pointer, blob and members back', async () => {
    const server = await start()
    const member = fleet.join(server.url, { timings: patiently })
    const redis = fleet.outsider(server.url)
    await expectService(server.url, member)
    for (let round = 0; round < 3; round++) {
      await redis.flushall()
      expect(await member.cache.readPointer(identity)).toBeNull()
      await expectService(server.url, member)
    }
    expect(logged(member)).toEqual([])
  })

  it('but the pointer gets the blob back', async () => {
    const server = await start()
    const member = fleet.join(server.url, { timings: patiently })
    const redis = fleet.outsider(server.url)
    const at = position(1)
    await write(member.cache, state(at), null)
    await redis.del(fleet.key(`blob:${at.version}:${at.nonce}:${state(at).digest}`))
    expect(await member.cache.readPointer(identity)).toBeNull()
    await until(() => write(member.cache, state(at), null))
    expect(await fleet.join(server.url, { timings: patiently }).cache.readBlob(identity, pointerTo(state(at)))).toEqual(
      state(at),
    )
  })
})
