// What is different in what was stored at two points in the past.
import type { Catalog } from '../../definition/catalog.js'
import type { StoredFeature } from '../../state/state.js'
import type { UncertainRow } from '../../state/past.js'
import { compareTexts } from '../../state/text-order.js'
import { type FlagOutline, outlineBetween } from '../change/preview/outline.js'
import type { PastStates } from './past.js'
import type { PointText } from './point.js'

export interface DiffQuestion {
  /** Default: all flags. */
  readonly name?: string
  readonly from: PointText
  /** Default: now. */
  readonly to?: PointText
}

/** One end of a comparison. */
export interface DiffEnd {
  readonly version: string
  /** When that version was made; null where no row of the history tells. */
  readonly at: Date | null
}

export interface DiffFlag extends FlagOutline {
  /** Whether of some of its rows it is not known if they were stored, because they were written past the triggers. */
  readonly untracked: boolean
}

export interface Diff {
  readonly from: DiffEnd
  readonly to: DiffEnd
  /** Those that differ, or may differ, by name. */
  readonly flags: readonly DiffFlag[]
}

interface End extends DiffEnd {
  readonly features: ReadonlyMap<string, StoredFeature>
  readonly uncertain: readonly UncertainRow[]
}

const now = '0s'

/** Rejects with FeatureError (`invalid_point`, `not_in_history`) and StoreUnavailable. */
export async function diffBetween(
  { past, catalog }: { readonly past: Pick<PastStates, 'ofFlag' | 'ofAll'>; readonly catalog: Pick<Catalog, 'get'> },
  { name, from, to = now }: DiffQuestion,
): Promise<Diff> {
  const read = (point: PointText) => (name === undefined ? past.ofAll(point) : ofFlag(past, name, point))
  const [before, after] = [await read(from), await read(to)]
  const untracked = new Set([...before.uncertain, ...after.uncertain].map(({ feature }) => feature))
  const names = new Set([...before.features.keys(), ...after.features.keys(), ...untracked])
  const flags = [...names].sort(compareTexts).map((key): DiffFlag => {
    const sides = [before.features.get(key) ?? null, after.features.get(key) ?? null] as const
    return { ...outlineBetween(key, sides, catalog.get(key) ?? null), untracked: untracked.has(key) }
  })
  return { from: endOf(before), to: endOf(after), flags: flags.filter((flag) => flag.changed || flag.untracked) }
}

async function ofFlag(past: Pick<PastStates, 'ofFlag'>, name: string, point: PointText): Promise<End> {
  const { version, at, stored, uncertain } = await past.ofFlag(name, point)
  return { version, at, features: new Map(stored === null ? [] : [[name, stored]]), uncertain }
}

function endOf({ version, at }: End): DiffEnd {
  return { version, at }
}
