// When a process that has booted from the cache asks the store whether that was right. Processes that boot together ask in
// turn, and none of them while more and more do: the machines, the store's among them, have enough to do then.
import type { Clock } from './clock.js'

export interface Turn {
  readonly clock: Clock
  readonly fleet: {
    countFleet(): Promise<number>
    /** The time over which the questions of that many are to be spread. */
    readonly fleetSpreadMs: number
  }
  readonly pollIntervalMs: number
  readonly wait: (ms: number, call: () => void) => void
  readonly call: () => void
}

/** A fleet that has grown by more than this meanwhile is still booting. */
const growing = 1.1

/** Calls when it is this process's turn: at once where it is alone, after two poll intervals at the latest. Never rejects. */
export async function awaitTurn(turn: Turn): Promise<void> {
  const { clock } = turn
  return ask(turn, 0, clock.now() + 2 * turn.pollIntervalMs)
}

async function ask(turn: Turn, before: number, untilMs: number): Promise<void> {
  const { clock, fleet } = turn
  const count = await fleet.countFleet()
  const leftMs = untilMs - clock.now()
  if (count <= growing * before || leftMs <= 0) {
    turn.call()
    return
  }
  const turnMs = fleet.fleetSpreadMs * (0.2 + 0.8 * clock.random())
  turn.wait(Math.min(turnMs, leftMs), () => void ask(turn, count, untilMs))
}
