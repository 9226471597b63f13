// The processes that are alive, and those that have acknowledged a wait request. Redis' own clock measures ages, because the
// clocks of the machines differ. With a secret, a name counts only with a signature (signed-name.ts), which Redis cannot check:
// the processes do.
import { timeSlices } from '../../time/time-slices.js'
import type { Sealer } from '../../state/sealed.js'
import type { Clock } from '../../time/clock.js'
import type { Acknowledgements, Member, WaitRequest } from '../cache.js'
import type { Faults } from '../cache-health.js'
import type { RedisConnection } from './connection.js'
import { nowLua, type RedisDirectory, seenLua, seenMs } from './directory.js'
import type { RedisKeys } from './keys.js'
import type { RedisTimings } from '../timings.js'
import { signedName, signedNames, verifiedName } from '../format/signed-name.js'

/** Each beat looks at this many processes, all of them or a sample, in windows of eight. */
const sampled = 64
const windows = 8
/** More names are not fetched: a fleet is smaller, and any client may have written them. */
const mostNames = 20_000

/**
 * Processes and databases with a time in the future would never grow old: the clock was set back, or another client wrote them,
 * so they are removed. Answers the number of processes, the directory, and with a secret some of the processes' names.
 */
const beatLua = `${nowLua}${seenLua}
  local function keep(key, entry, age)
    local kind = redis.call('type', key).ok
    if kind ~= 'zset' and kind ~= 'none' then redis.call('del', key) end
    redis.call('zadd', key, now, entry)
    redis.call('zremrangebyscore', key, '-inf', now - age)
    redis.call('zremrangebyscore', key, now + age, '+inf')
  end
  keep(KEYS[1], ARGV[1], ARGV[2])
  redis.call('pexpire', KEYS[1], ARGV[2])
  keep(KEYS[2], ARGV[3], ${seenMs})
  if ARGV[4] ~= '' then redis.call('zrem', KEYS[2], ARGV[4]) end
  local count = redis.call('zcard', KEYS[1])
  local names = {}
  local function look(from, length)
    for _, name in ipairs(redis.call('zrangebyscore', KEYS[1], '-inf', '+inf', 'limit', from, length)) do
      names[#names + 1] = string.sub(name, 1, 512)
    end
  end
  if #ARGV > 4 and count <= ${sampled} then look(0, ${sampled}) end
  for index = 5, #ARGV do
    if count > ${sampled} then look(math.floor(ARGV[index] * (count - ${sampled / windows} + 1)), ${sampled / windows}) end
  end
  return { count, seen(KEYS[2]), names }
`

/** All processes alive, and all that have acknowledged. */
const answersLua = `${nowLua}
  local alive = redis.call('zrangebyscore', KEYS[1], now - ARGV[1], now + ARGV[1], 'limit', 0, ${mostNames})
  if redis.call('type', KEYS[2]).ok ~= 'zset' then return { alive, {} } end
  return { alive, redis.call('zrangebyscore', KEYS[2], '-inf', '+inf', 'limit', 0, ${mostNames}) }
`

/** All processes alive, each with the milliseconds since its last beat. */
const aliveLua = `${nowLua}
  local found = redis.call('zrangebyscore', KEYS[1], now - ARGV[1], now + ARGV[1], 'withscores', 'limit', 0, ${mostNames})
  for index = 2, #found, 2 do found[index] = now - tonumber(found[index]) end
  return found
`

const acknowledgeLua = `
  redis.call('zadd', KEYS[1], 0, ARGV[1])
  redis.call('pexpire', KEYS[1], ARGV[2])
  return 1
`

export interface MembersOptions {
  readonly connection: RedisConnection
  readonly keys: RedisKeys
  readonly sealer: Sealer
  readonly directory: RedisDirectory
  readonly faults: Faults
  readonly processName: string
  readonly timings: RedisTimings
  readonly clock: Clock
}

export class RedisMembers {
  readonly #options: MembersOptions
  /** The databases that this process has joined. */
  readonly #joined = new Set<string>()

  constructor(options: MembersOptions) {
    this.#options = options
  }

  /** The number of processes alive, this one included. Also notes the database in the directory, and warns of others there. */
  async beat(identity: string): Promise<number | null> {
    const { connection, keys, directory, processName, sealer, timings, clock } = this.#options
    this.#joined.add(identity)
    const member = signedName(sealer, memberOf(identity), processName)
    const offsets = sealer.signed ? Array.from({ length: windows }, () => String(clock.random())) : []
    const [entry, outdated] = directory.entries(identity)
    const given = [member, timings.aliveMs, entry, outdated, ...offsets]
    const answer: unknown = await connection.run('writing', (redis) =>
      redis.eval(beatLua, 2, keys.of(identity).members, directory.key, ...given),
    )
    const [count, seen, names]: unknown[] = Array.isArray(answer) ? answer : []
    directory.read(seen)
    return typeof count === 'number' ? this.#proven(identity, count, textsIn(names)) : null
  }

  /** Takes this process out of the fleet of one database, or of all that it has joined. */
  async leave(identities: Iterable<string> = this.#joined): Promise<void> {
    const { connection, keys, processName, sealer } = this.#options
    for (const identity of [...identities]) {
      this.#joined.delete(identity)
      const names = signedNames(sealer, memberOf(identity), processName)
      await connection.run('writing', (redis) => redis.zrem(keys.of(identity).members, ...names))
    }
  }

  async alive(identity: string): Promise<readonly Member[]> {
    const { connection, keys, sealer, timings } = this.#options
    const answer: unknown = await connection.run('reading', (redis) =>
      redis.eval(aliveLua, 1, keys.of(identity).members, timings.aliveMs),
    )
    const found: readonly unknown[] = Array.isArray(answer) ? answer : []
    // A process signs its name anew from time to time, and both stay for a while.
    const ages = new Map<string, number>()
    for (let index = 0; index + 1 < found.length; index += 2) {
      const [entry, ageMs] = [found[index], Number(found[index + 1])]
      const name = typeof entry === 'string' ? verifiedName(sealer, memberOf(identity), entry) : null
      if (name === null || !isProcessName(name)) continue
      ages.set(name, Math.max(0, Math.min(ageMs, ages.get(name) ?? ageMs)))
    }
    return [...ages].map(([name, ageMs]) => ({ name, ageMs }))
  }

  async acknowledge(identity: string, { id }: WaitRequest): Promise<void> {
    const { connection, keys, processName, sealer, timings } = this.#options
    const key = keys.of(identity).acknowledged(id)
    const entry = signedName(sealer, ackOf(identity), processName, ackText(id, processName))
    await connection.run('writing', (redis) => redis.eval(acknowledgeLua, 1, key, entry, timings.keepMs))
  }

  /** The other processes alive that have acknowledged, and those that have not. */
  async acknowledgements(identity: string, { id }: WaitRequest): Promise<Acknowledgements> {
    const { connection, keys, processName, timings } = this.#options
    const { members, acknowledged } = keys.of(identity)
    const answer: unknown = await connection.run('reading', (redis) =>
      redis.eval(answersLua, 2, members, acknowledged(id), timings.aliveMs),
    )
    const [alive, answered]: unknown[] = Array.isArray(answer) ? answer : []
    const others = await this.#names(textsIn(alive), memberOf(identity))
    const acknowledging = await this.#names(textsIn(answered), ackOf(identity), (name) => ackText(id, name))
    others.delete(processName)
    const lagging = [...others].filter((name) => !acknowledging.has(name))
    return { confirmed: others.size - lagging.length, lagging }
  }

  async forget(identity: string, { id }: WaitRequest): Promise<void> {
    const { connection, keys } = this.#options
    await connection.run('writing', (redis) => redis.del(keys.of(identity).acknowledged(id)))
  }

  /** Only signed names count: for a large fleet a sample estimates their share. */
  #proven(identity: string, count: number, names: readonly string[]): number {
    const { sealer, faults } = this.#options
    if (!sealer.signed || names.length === 0) return count
    const proven = names.filter((name) => verifiedName(sealer, memberOf(identity), name) !== null).length
    if (proven === names.length) faults.healed('members')
    else faults.failed('members', 'some are not signed with FEATURE_CACHE_SECRET: they do not count')
    return Math.max(1, Math.round((proven / names.length) * count))
  }

  async #names(
    entries: readonly string[],
    place: Parameters<typeof verifiedName>[1],
    bodyOf?: (name: string) => string,
  ): Promise<Set<string>> {
    const yieldIfDue = timeSlices()
    const names = new Set<string>()
    for (const entry of entries) {
      const name = verifiedName(this.#options.sealer, place, entry, bodyOf)
      if (name !== null && isProcessName(name)) names.add(name)
      await yieldIfDue()
    }
    return names
  }
}

const memberOf = (identity: string) => ({ purpose: 'member', owner: identity }) as const
const ackOf = (identity: string) => ({ purpose: 'ack', owner: identity }) as const

/** An acknowledgement of one request proves nothing for another. */
function ackText(id: string, name: string): string {
  return `${id} ${name}`
}

function textsIn(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.filter((text) => typeof text === 'string') : []
}

/** Names are shown on terminals; a text that no process would use as its name is not a name. */
function isProcessName(name: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(name)
}
