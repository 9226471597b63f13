// The past of the store in memory: its history has everything since the store was made, and nothing is written past it.
import type { PastPoint, RowOperation, RowTrail } from '../../state/past.js'
import type { FoundPoint } from '../history/past-point.js'
import type { PastRows } from '../history/past.js'
import type { HistoryEntry } from '../store.js'
import type { MemoryHistory } from './history.js'
import type { Made } from './made.js'

interface MemoryQuestion {
  readonly point: PastPoint
  /** Null: all of them. */
  readonly feature: string | null
}

type MemoryPast = Omit<PastRows, 'stored'> & { readonly found: FoundPoint }

/** What of the answer is in the history. */
export function memoryPast(history: MemoryHistory, { point, feature }: MemoryQuestion): MemoryPast {
  const { made, position: now } = history
  const clock = history.now()
  const moment = momentOf(point, clock)
  const version = versionOf(point, made, feature, moment)
  const after = version === null ? 0 : Math.max(0, made.length - 1 - Number(version))
  const isAsked = (entry: HistoryEntry) => feature === null || entry.feature === feature
  const passed = version === null ? [] : made.slice(0, Number(version) + 1)
  const trails = made.slice(made.length - after).flatMap(({ entries }) => entries.filter(isAsked))
  return {
    found: {
      version: version === null ? null : String(version),
      now: now.version,
      first: made.length > 1 ? '1' : null,
      versionsAfter: after,
      began: made[0]?.at ?? null,
      earliest: null,
      moment,
      clock,
    },
    now,
    at: passed.at(-1)?.at ?? null,
    newest: feature === null ? null : (passed.findLast(({ entries }) => entries.some(isAsked))?.position ?? null),
    trails: trailsOf(trails),
  }
}

function momentOf(point: PastPoint, clock: Date): Date | null {
  if (point.kind === 'time') return point.at
  return point.kind === 'ago' ? new Date(clock.getTime() - point.ms) : null
}

/** Null: the history has no such revision or change. */
function versionOf(
  point: PastPoint,
  made: readonly Made[],
  feature: string | null,
  moment: Date | null,
): bigint | null {
  const latest = made.length - 1
  const versionAt = (index: number) => (index < 0 ? null : BigInt(index))
  switch (point.kind) {
    case 'version':
      return BigInt(point.version)
    case 'revision': {
      const { version, nonce } = point.revision
      const touches = ({ entries }: Made) => entries.some((entry) => feature === null || entry.feature === feature)
      if (version === '0') {
        const first = made.findIndex(touches)
        return feature === null ? null : versionAt(first === -1 ? latest : first - 1)
      }
      const isMeant = (one: Made) => one.position.version === version && one.position.nonce.startsWith(nonce)
      return versionAt(made.findIndex((one) => isMeant(one) && touches(one)))
    }
    case 'change': {
      const isOf = ({ entries }: Made) => entries.some(({ changeId }) => changeId === point.changeId)
      return versionAt(point.side === 'before' ? made.findIndex(isOf) - 1 : made.findLastIndex(isOf))
    }
    case 'time':
    case 'ago': {
      // A clock may be set back: the last version before the first that has a later time.
      const later = made.findIndex(({ at }, index) => index > 0 && moment !== null && at > moment)
      return versionAt(later === -1 ? latest : later - 1)
    }
  }
}

/** The first operation on each row. Nothing disagrees with it, so what came before it does not matter. */
function trailsOf(entries: readonly HistoryEntry[]): readonly RowTrail[] {
  const trails = new Map<string, RowTrail>()
  for (const { feature, gate, value, operation, position } of entries) {
    const key = JSON.stringify([feature, gate, value])
    if (trails.has(key)) continue
    const after: RowOperation = { operation, version: position.version, isUntracked: false }
    const before: RowOperation = { ...after, operation: operation === 'added' ? 'removed' : 'added', version: '0' }
    trails.set(key, { feature, gate, value, isStored: operation === 'removed', before, after })
  }
  return [...trails.values()]
}
