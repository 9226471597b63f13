// A crowd of processes on one machine takes the processors that the servers have to themselves elsewhere: with 40 that boot,
// a Redis among them gets a twentieth of what it needs. So the crowd gives way, and has loaded its modules beforehand.
import { constants, setPriority } from 'node:os'
import '../dist/cache/redis/cache.js'
import '../dist/store/postgres/store.js'

/** Lets the servers of this machine, and the writers, go first. */
export function giveWay() {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
}
