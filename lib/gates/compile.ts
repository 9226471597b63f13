// A feature's rows, compiled for checks: what every check would otherwise work out again.
import { optOutSuffix } from '../actors/stored-id.js'
import { bucketThreshold } from './bucket.js'
import { crc32State } from './crc32.js'
import { readBoolean, readPercentage } from './stored-values.js'

export type GateKey = 'boolean' | 'actors' | 'groups' | 'percentage_of_actors' | 'percentage_of_time'

export interface CompiledGates {
  /** `on`: open for everybody, nobody opted out. `off`: nothing can open. Else the gates are asked. */
  readonly kind: 'on' | 'off' | 'conditional'
  readonly boolean: boolean
  /** All stored actor values, opt-outs with their suffix included, as in Flipper; null without any. */
  readonly actors: ReadonlySet<string> | null
  /** The ids of opted-out actors; null without any. */
  readonly optOuts: ReadonlySet<string> | null
  readonly groups: readonly string[] | null
  readonly percentageOfActors: number
  readonly percentageOfTime: number
  /** Actor buckets below this are open. */
  readonly threshold: number
  /** The CRC-32 state after the flag's name. */
  readonly crcState: number
  /** Whether nothing but the list of actors and their percentage can open it, and nobody has opted out. */
  readonly isPlain: boolean
  /** Whether a stored id holds U+FFFD, as which an id with a lone surrogate is stored. */
  readonly replaced: boolean
}

/** Compiles the rows of one feature (gate key → values as stored). Keys of gates it does not know never open. Never throws. */
export function compileGates(name: string, gates: ReadonlyMap<string, readonly string[]>): CompiledGates {
  const boolean = readBoolean(single(gates.get('boolean')))
  const values = gates.get('actors') ?? []
  const optOuts = readOptOuts(values)
  const stored = gates.get('groups') ?? []
  const groups = stored.length > 0 ? stored : null
  const percentageOfActors = readPercentage(single(gates.get('percentage_of_actors')))
  const percentageOfTime = readPercentage(single(gates.get('percentage_of_time')))
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
    isPlain: !open && optOuts === null && groups === null && percentageOfTime <= 0 && !replaced,
    replaced,
  }
}

/**
 * The value of a gate that has one. Two Rails processes that set a percentage at once can leave two rows, which the
 * database hands out in any order (Ruby takes whichever comes first): all processes here must still choose the same.
 */
function single(values: readonly string[] | undefined): string {
  if (values === undefined) return ''
  return (values.length > 1 ? values.toSorted()[0] : values[0]) ?? ''
}

/** No set is made for the many flags that nobody has opted out of. */
function readOptOuts(values: readonly string[]): ReadonlySet<string> | null {
  let ids: Set<string> | null = null
  for (const value of values) {
    if (!value.endsWith(optOutSuffix)) continue
    ids ??= new Set()
    ids.add(value.slice(0, -optOutSuffix.length))
  }
  return ids
}

/** A loop of our own: asking V8 to search a text costs more than reading one as short as an id. */
function isReplaced(value: string): boolean {
  for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) === 0xfffd) return true
  return false
}
