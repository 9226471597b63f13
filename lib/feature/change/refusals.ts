// Why a change is refused, or was stored and not confirmed, as the errors that its caller gets.
import { namedFew } from '../../definition/named-few.js'
import { FeatureError, InvalidOperation } from '../../errors.js'
import { quoted } from '../../text/printable.js'

/** Ends a transaction that has nothing to do; it never leaves change-writer.ts. */
export class NothingStored extends FeatureError {
  constructor() {
    super('internal', { problem: 'nothing is stored of the flag', remedy: 'there is nothing to do' })
  }
}

export function defaultOnTrap(name: string, action: string): FeatureError {
  return new InvalidOperation('default_on_trap', {
    problem:
      `${quoted(name)} is on by default and nothing is stored for it: ${action} for some would store a row, the default ` +
      'would no longer count, and the flag would be off for everybody else',
    remedy: 'enable it for everybody first (then opt actors out), or give force: true to turn it off for the others',
  })
}

export function processesLag(confirmed: number, lagging: readonly string[]): FeatureError {
  const others =
    confirmed === 0 ? '' : confirmed === 1 ? ', and 1 process has it' : `, and ${confirmed} processes have it`
  const [which, look] =
    lagging.length === 1
      ? ['one process', 'look at that process, which gets']
      : [`${lagging.length} processes`, 'look at those processes, which get']
  return new FeatureError('processes_lag', {
    problem: `the change is stored${others}, but ${which} did not confirm it in time: ${namedFew(lagging)}`,
    remedy: `${look} it with the next poll`,
  })
}

export function waitNeedsCache(): FeatureError {
  return new FeatureError('invalid_arguments', {
    problem: 'wait: true asks the other processes through Redis, and no Redis is configured',
    remedy: 'set redisUrl (REDIS_URL) to the Redis that the processes share, or leave wait out',
  })
}
