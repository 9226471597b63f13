// Many processes on one machine take the processors that the servers have to themselves elsewhere: with 40 that boot,
// a Redis among them gets a twentieth of what it needs. So the crowd gives way, and has loaded its modules beforehand.
import { constants, setPriority } from 'node:os'
import { loadPostgresStore, loadRedisCache } from '../support/build.js'

await loadRedisCache()
await loadPostgresStore()

/** Lets the servers of this machine, and the writers, go first. */
export function giveWay() {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
}
