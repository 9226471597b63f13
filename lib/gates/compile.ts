// A feature's rows, compiled for checks: what every check would otherwise work out again.
import { optOutSuffix } from '../actors/storable-id.js'
import { bucketThreshold } from './bucket.js'
import { crc32State } from './crc32.js'
import { readBoolean, readPercentage } from './values.js'

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
  /** Whether a stored id holds U+FFFD, as which an id with a lone surrogate is stored. */
  readonly replaced: boolean
}

/** Compiles the rows of one feature (gate key → values as stored). Keys of gates it does not know never open. Never throws. */
export function compileGates(name: string, gates: ReadonlyMap<string, readonly string[]>): CompiledGates {
  const actors = toSet(gates.get('actors'))
  const optOuts = readOptOuts(actors)
  const groups = gates.get('groups')
  const percentageOfActors = readPercentage(single(gates.get('percentage_of_actors')))
  const percentageOfTime = readPercentage(single(gates.get('percentage_of_time')))
  const compiled = {
    boolean: readBoolean(single(gates.get('boolean'))),
    actors,
    optOuts,
    groups: groups !== undefined && groups.length > 0 ? groups : null,
    percentageOfActors,
    percentageOfTime,
    threshold: bucketThreshold(percentageOfActors),
    crcState: crc32State(name),
    replaced: gates.get('actors')?.some((value) => value.includes('\ufffd')) === true,
  }
  return { kind: kindOf(compiled), ...compiled }
}

function kindOf(gates: Omit<CompiledGates, 'kind'>): CompiledGates['kind'] {
  if (gates.boolean || gates.percentageOfTime >= 100) return gates.optOuts === null ? 'on' : 'conditional'
  const closed = gates.actors === null && gates.groups === null
  return closed && gates.percentageOfActors <= 0 && gates.percentageOfTime <= 0 ? 'off' : 'conditional'
}

/**
 * The value of a gate that has one. Two Rails processes that set a percentage at once can leave two rows, which the
 * database hands out in any order (Ruby takes whichever comes first): all processes here must still choose the same.
 */
function single(values: readonly string[] | undefined): string {
  return values?.toSorted()[0] ?? ''
}

function toSet(values: readonly string[] | undefined): ReadonlySet<string> | null {
  return values === undefined || values.length === 0 ? null : new Set(values)
}

function readOptOuts(actors: ReadonlySet<string> | null): ReadonlySet<string> | null {
  if (actors === null) return null
  const ids = new Set<string>()
  for (const value of actors) if (value.endsWith(optOutSuffix)) ids.add(value.slice(0, -optOutSuffix.length))
  return ids.size === 0 ? null : ids
}
