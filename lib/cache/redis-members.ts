// Who is alive, and who has acknowledged a wait request. Ages are told by Redis' own clock: those of the machines differ.
import type { Acknowledgements, WaitRequest } from './cache.js'
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

/** All that are alive, each followed by 1 where it has acknowledged and by 0 where it has not. */
const answersLua = `${nowLua}
  local answers = {}
  for _, name in ipairs(redis.call('zrangebyscore', KEYS[1], now - ARGV[1], now + ARGV[1])) do
    answers[#answers + 1] = name
    answers[#answers + 1] = redis.call('sismember', KEYS[2], name)
  end
  return answers
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

  /** Who of the others that are alive has acknowledged, and who has not. */
  async acknowledgements({ id }: WaitRequest): Promise<Acknowledgements> {
    const { connection, keys, processName, timings } = this.#options
    const answers: unknown = await connection.run('reading', (redis) =>
      redis.eval(answersLua, 2, keys.members, keys.acknowledged(id), timings.aliveMs),
    )
    const lagging: string[] = []
    let confirmed = 0
    if (!Array.isArray(answers)) return { confirmed, lagging }
    for (let at = 0; at < answers.length; at += 2) {
      const name: unknown = answers[at]
      if (!isProcessName(name) || name === processName) continue
      if (answers[at + 1] === 1) confirmed += 1
      else lagging.push(name)
    }
    return { confirmed, lagging }
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
