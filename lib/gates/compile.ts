// The rows of a stored feature, compiled once, so that a check does not work them out again.
import { optOutSuffix } from '../actors/stored-id.js'
import { bucketThreshold } from './bucket.js'
import { crc32State } from './crc32.js'
import { readBoolean, readPercentage } from './stored-values.js'

export type GateKey = 'boolean' | 'actors' | 'groups' | 'percentage_of_actors' | 'percentage_of_time'

export interface CompiledGates {
  /** `on`: open for all actors, and none has opted out. `off`: nothing can open it. `conditional`: the gates are asked. */
  readonly kind: 'on' | 'off' | 'conditional'
  readonly boolean: boolean
  /** All stored actor values, as in Flipper, opt-outs with their suffix included; null if there are none. */
  readonly actors: ReadonlySet<string> | null
  /** The ids of opted-out actors; null if there are none. */
  readonly optOuts: ReadonlySet<string> | null
  readonly groups: readonly string[] | null
  readonly percentageOfActors: number
  readonly percentageOfTime: number
  /** Actor buckets below this are open. */
  readonly threshold: number
  /** The CRC-32 state after the flag's name. */
  readonly crcState: number
  /** Whether only the list of actors and the percentage of actors can open it, and no actor has opted out. */
  readonly onlyActorsAndPercentage: boolean
  /** Whether a stored id holds U+FFFD: an id with a lone surrogate is stored with it. */
  readonly replaced: boolean
}

/** Compiles the rows of one feature (gate key → values as stored). Unknown gate keys never open. Never throws. */
export function compileGates(name: string, gates: ReadonlyMap<string, readonly string[]>): CompiledGates {
  const boolean = readBoolean(storedText(gates.get('boolean')))
  const values = gates.get('actors') ?? []
  const optOuts = readOptOuts(values)
  const stored = gates.get('groups') ?? []
  const groups = stored.length > 0 ? stored : null
  const percentageOfActors = readPercentage(storedText(gates.get('percentage_of_actors')))
  const percentageOfTime = readPercentage(storedText(gates.get('percentage_of_time')))
  const open = boolean || percentageOfTime >= 100
  const closed = values.length === 0 && groups === null && percentageOfActors <= 0 && percentageOfTime <= 0
  const replaced = values.some(isReplaced)
  return {
    kind: open && optOuts === null ? 'on' : !open && closed ? 'off' : 'conditional',
    boolean,
    actors: values.length === 0 ? null : new Set(values),
    optOuts,
    groups,
    percentageOfActors,
    percentageOfTime,
    threshold: bucketThreshold(percentageOfActors),
    crcState: crc32State(name),
    onlyActorsAndPercentage: !open && optOuts === null && groups === null && percentageOfTime <= 0 && !replaced,
    replaced,
  }
}

/**
 * The value of a gate that has one. Two Rails processes that set a percentage at the same time can leave two rows, which the
 * database gives in any order (Ruby takes the first): all processes here must still choose the same row.
 */
export function storedText(values: readonly string[] | undefined): string {
  if (values === undefined) return ''
  return (values.length > 1 ? values.toSorted()[0] : values[0]) ?? ''
}

/** Makes no set for the many flags without opt-outs. */
function readOptOuts(values: readonly string[]): ReadonlySet<string> | null {
  let ids: Set<string> | null = null
  for (const value of values) {
    if (!value.endsWith(optOutSuffix)) continue
    ids ??= new Set()
    ids.add(value.slice(0, -optOutSuffix.length))
  }
  return ids
}

/** A loop of our own: for a text as short as an id, V8's search costs more than reading the characters. */
function isReplaced(value: string): boolean {
  for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) === 0xfffd) return true
  return false
}
