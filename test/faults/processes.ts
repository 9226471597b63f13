// A server and all of its processes, frozen or killed together, as when its machine is.
import { readFileSync } from 'node:fs'

/** The process and all that it has started, itself first. */
export function family(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(family)]
}

/** Sends the signal to the process first, so that it starts no others meanwhile, then to all that it has started. */
export function signalFamily(pid: number, signal: NodeJS.Signals): void {
  // 0 and below would mean groups of processes, ours among them.
  if (pid <= 1) return
  for (const member of family(pid)) {
    try {
      process.kill(member, signal)
    } catch {
      // It ended by itself between the look and the signal.
    }
  }
}

/** Linux keeps the list; elsewhere only the process itself is known. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text
      .split(' ')
      .filter((part) => part !== '')
      .map(Number)
  } catch {
    return []
  }
}
