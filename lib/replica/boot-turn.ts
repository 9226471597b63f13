// When a process that has booted from the cache asks the store whether that was right. Processes that boot together ask in
// turn, and none of them while more and more do: the machines, the store's among them, have enough to do then.
import { atMost, type Clock } from '../time/clock.js'
import { smallFleet } from './fleet-shares.js'

export interface Turn {
  readonly clock: Clock
  readonly fleet: {
    countFleet(): Promise<number>
    /** The time over which the questions of that many are to be spread. */
    readonly fleetSpreadMs: number
  }
  readonly pollIntervalMs: number
  readonly wait: (ms: number, call: () => void) => void
  /** Asks the store; a small fleet compares the whole content. Never rejects. */
  readonly refresh: (isSmall: boolean) => Promise<void>
}

/** A fleet that has grown by more than this meanwhile is still booting. */
const growing = 1.1

/** How long a start waits for the store to confirm what the cache held. */
const confirmMs = 250

/**
 * Refreshes when it is this process's turn: within milliseconds where it is alone, after two poll intervals at the latest.
 * Resolves when that is done, and sooner where it takes more than a moment: no process may have kept the cache up to date
 * meanwhile, and a job that starts, asks and ends would have old answers; a large fleet always has. Never rejects.
 */
export function confirmInTurn(turn: Turn): Promise<void> {
  const { clock } = turn
  const confirmed = new Promise<void>((resolve) => {
    void ask(turn, 0, clock.now() + 2 * turn.pollIntervalMs, resolve)
  })
  return atMost(clock, confirmMs, confirmed)
}

async function ask(turn: Turn, before: number, untilMs: number, done: () => void): Promise<void> {
  const { clock, fleet } = turn
  const count = await fleet.countFleet()
  const leftMs = untilMs - clock.now()
  if (count <= growing * before || leftMs <= 0) {
    await turn.refresh(count <= smallFleet)
    done()
    return
  }
  const turnMs = Math.min(leftMs, fleet.fleetSpreadMs * (0.2 + 0.8 * clock.random()))
  if (turnMs > confirmMs) done()
  turn.wait(turnMs, () => void ask(turn, count, untilMs, done))
}
