// The directory: the databases that processes have found at an address. It is the only content of Redis that belongs to an
// address and not to a database. It is only advice: it tells a boot which database's state to look for.
import type { Sealer } from '../../state/sealed.js'
import { isIdentifier } from '../../state/state-json.js'
import type { Faults } from '../cache-health.js'
import type { RedisConnection } from './connection.js'
import { signedNames, verifiedName } from '../format/signed-name.js'

/** A database that was not seen for this long is removed, if another one was seen. */
export const seenMs = 24 * 60 * 60_000

export const nowLua = `
  local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/**
 * `seen(key)`: the entries of the last day, oldest first, or the last one if all are older. Entries of the future do not count:
 * they would never grow old. The number and the length of entries are limited, because any client may have written them.
 */
export const seenLua = `
  local function short(entries)
    for index, entry in ipairs(entries) do entries[index] = string.sub(entry, 1, 256) end
    return entries
  end
  local function seen(key)
    if redis.call('type', key).ok ~= 'zset' then return {} end
    local till = now + ${seenMs}
    local found = redis.call('zrangebyscore', key, now - ${seenMs}, till, 'limit', 0, 64)
    if #found > 0 then return short(found) end
    found = redis.call('zrangebyscore', key, '-inf', till, 'limit', 0, 64)
    return short({ found[#found] })
  end
`

export interface DirectoryOptions {
  readonly key: string
  readonly address: string
  readonly sealer: Sealer
  readonly faults: Faults
}

export class RedisDirectory {
  readonly #options: DirectoryOptions

  constructor(options: DirectoryOptions) {
    this.#options = options
  }

  get key(): string {
    return this.#options.key
  }

  /**
   * The entry that a process of this database writes into the directory, and the entry that it takes out: the one signed with
   * the secret that is being retired, which will soon prove nothing; empty without such a secret.
   */
  entries(identity: string): readonly [current: string, outdated: string] {
    const [current = identity, outdated = ''] = signedNames(this.#options.sealer, this.#place, identity)
    return [current, outdated]
  }

  /** Takes the database out, under every secret that may have signed its entry. Throws the errors of the connection. */
  async remove(connection: RedisConnection, identity: string): Promise<void> {
    const entries = signedNames(this.#options.sealer, this.#place, identity)
    await connection.run('writing', (redis) => redis.zrem(this.key, ...entries))
  }

  /** The databases in an answer of `seen`, newest first; warns if there are several, or entries without a valid signature. */
  read(answer: unknown): readonly string[] {
    const entries = Array.isArray(answer) ? answer.filter((entry) => typeof entry === 'string') : []
    const identities = new Set<string>()
    let unproven = 0
    for (const entry of entries.reverse()) {
      const identity = verifiedName(this.#options.sealer, this.#place, entry)
      if (isIdentifier(identity)) identities.add(identity)
      else unproven += 1
    }
    this.#note([...identities], unproven)
    return [...identities]
  }

  #note(identities: readonly string[], unproven: number): void {
    const { faults, address } = this.#options
    if (identities.length > 1) {
      const names = identities.map((identity) => identity.slice(0, 8)).join(', ')
      faults.failed(
        'the directory',
        `${identities.length} databases are at one address (${names} at ${address}): give each installation its own namespace ` +
          '(option `namespace`), otherwise their processes start without Redis',
      )
    } else if (unproven > 0) faults.failed('the directory', 'it holds entries that are not ours: they count as absent')
    else faults.healed('the directory')
  }

  get #place() {
    return { purpose: 'directory', owner: this.#options.address } as const
  }
}
