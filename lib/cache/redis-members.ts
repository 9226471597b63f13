// Who is alive, and who has acknowledged a wait request. Ages are told by Redis' own clock: those of the machines differ.
import type { WaitRequest } from './cache.js'
import type { RedisConnection } from './redis-connection.js'
import type { RedisKeys } from './redis-keys.js'
import type { RedisTimings } from './redis-timings.js'

const nowLua = `
  local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/** Members of the future would never grow old: the clock was set back, or somebody else wrote them. */
const beatLua = `${nowLua}
  local kind = redis.call('type', KEYS[1]).ok
  if kind ~= 'zset' and kind ~= 'none' then redis.call('del', KEYS[1]) end
  redis.call('zadd', KEYS[1], now, ARGV[1])
  redis.call('zremrangebyscore', KEYS[1], '-inf', now - ARGV[2])
  redis.call('zremrangebyscore', KEYS[1], now + ARGV[2], '+inf')
  redis.call('pexpire', KEYS[1], ARGV[2])
  return redis.call('zcard', KEYS[1])
`

const laggingLua = `${nowLua}
  local lagging = {}
  for _, name in ipairs(redis.call('zrangebyscore', KEYS[1], now - ARGV[1], now + ARGV[1])) do
    if redis.call('sismember', KEYS[2], name) == 0 then lagging[#lagging + 1] = name end
  end
  return lagging
`

const acknowledgeLua = `
  redis.call('sadd', KEYS[1], ARGV[1])
  redis.call('pexpire', KEYS[1], ARGV[2])
  return 1
`

export interface MembersOptions {
  readonly connection: RedisConnection
  readonly keys: RedisKeys
  readonly processName: string
  readonly timings: RedisTimings
}

export class RedisMembers {
  readonly #options: MembersOptions

  constructor(options: MembersOptions) {
    this.#options = options
  }

  /** How many are alive, this one included. */
  async beat(): Promise<number | null> {
    const { connection, keys, processName, timings } = this.#options
    const alive: unknown = await connection.run('writing', (redis) =>
      redis.eval(beatLua, 1, keys.members, processName, timings.aliveMs),
    )
    return typeof alive === 'number' ? alive : null
  }

  async leave(): Promise<void> {
    const { connection, keys, processName } = this.#options
    await connection.run('writing', (redis) => redis.zrem(keys.members, processName))
  }

  async acknowledge({ id }: WaitRequest): Promise<void> {
    const { connection, keys, processName, timings } = this.#options
    const key = keys.acknowledged(id)
    await connection.run('writing', (redis) => redis.eval(acknowledgeLua, 1, key, processName, timings.keepMs))
  }

  /** The others that are alive and have not acknowledged. */
  async lagging({ id }: WaitRequest): Promise<readonly string[]> {
    const { connection, keys, processName, timings } = this.#options
    const names: unknown = await connection.run('reading', (redis) =>
      redis.eval(laggingLua, 2, keys.members, keys.acknowledged(id), timings.aliveMs),
    )
    return Array.isArray(names) ? names.filter(isProcessName).filter((name) => name !== processName) : []
  }

  async forget({ id }: WaitRequest): Promise<void> {
    const { connection, keys } = this.#options
    await connection.run('writing', (redis) => redis.del(keys.acknowledged(id)))
  }
}

/** Names are shown on terminals; what no process would call itself is none. */
function isProcessName(name: unknown): name is string {
  return typeof name === 'string' && /^[\x21-\x7e]{1,255}$/.test(name)
}
