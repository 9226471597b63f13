// Many processes on one machine take the processors that the servers have to themselves elsewhere: with 40 that boot,
// a Redis among them gets a twentieth of what it needs. So the crowd gives way, and has loaded its modules beforehand.
import { constants, setPriority } from 'node:os'
import { loadDriver, loadPostgresStore, loadRedisCache } from '../support/build.js'

await loadRedisCache()
// The cache imports ioredis at its first use, which is a tenth of a second of a processor in each of 40 processes.
const { loadRedisDriver } = await loadDriver()
await loadRedisDriver()
await loadPostgresStore()

/** Lets the servers of this machine, and the writers, go first. */
export function giveWay() {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
}
