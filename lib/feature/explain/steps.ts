// The gates of a stored flag one by one, in the order in which a check asks them, each with why it is open or closed. What they say follows
// from the answer, which answer.ts has.
import { optOutSuffix } from '../../actors/stored-id.js'
import { namedFew } from '../../definition/named-few.js'
import { actorBucket } from '../../gates/bucket.js'
import { type CompiledGates, storedText } from '../../gates/compile.js'
import { crc32Finish, crc32State } from '../../gates/crc32.js'
import { isListed, joinSorted, type Reason } from '../../gates/decide.js'
import type { StoredFeature } from '../../state/state.js'
import { quoted } from '../../text/printable.js'
import type { Asked, GatesAnswer } from './answer.js'
import type { ExplainedBucket, ExplainedGate } from './explanation.js'

export interface StoredGates {
  readonly stored: StoredFeature
  readonly gates: CompiledGates
}

/** The step of each reason that is a gate. */
const gateOf: Readonly<Partial<Record<Reason, string>>> = {
  opt_out: 'never',
  boolean: 'boolean',
  actor: 'actors',
  percentage_of_actors: 'percentage_of_actors',
  percentage_of_time: 'percentage_of_time',
  group: 'groups',
}

const known = new Set(['boolean', 'actors', 'percentage_of_actors', 'percentage_of_time', 'groups'])
const withoutActor = 'it was asked without an actor'
const emptyList = 'the list is empty'

type Step = Omit<ExplainedGate, 'decides'>

export function gateSteps(flag: StoredGates, asked: Asked, answer: GatesAnswer): readonly ExplainedGate[] {
  const steps: readonly Step[] = [
    neverStep(flag, asked),
    booleanStep(flag),
    actorsStep(flag, asked),
    bucketStep(flag, asked),
    timeStep(flag),
    groupsStep(flag, asked, answer),
    ...unknownSteps(flag),
  ]
  return steps.map((step) => ({ ...step, decides: step.gate === gateOf[answer.reason] }))
}

function neverStep({ gates: { optOuts, replaced } }: StoredGates, { ids }: Asked): Step {
  const out = optOuts === null ? [] : ids.filter((id) => isListed(optOuts, id, replaced))
  if (out.length > 0)
    return { gate: 'never', open: false, why: `${listed(out)} on the list, which beats all other gates` }
  const why =
    optOuts === null ? emptyList : ids.length === 0 ? withoutActor : `${listed(ids)} not on the list of ${optOuts.size}`
  return { gate: 'never', open: false, why }
}

function booleanStep({ gates, stored }: StoredGates): Step {
  const text = storedText(stored.gates.get('boolean'))
  if (gates.boolean) return { gate: 'boolean', open: true, why: 'on for everybody' }
  const why =
    text === '' || text === 'false' ? 'not on for everybody' : `the stored text ${quoted(text)} does not mean on`
  return { gate: 'boolean', open: false, why }
}

function actorsStep({ gates: { actors, optOuts, replaced } }: StoredGates, { ids }: Asked): Step {
  const on = actors === null ? [] : ids.filter((id) => isListed(actors, id, replaced))
  if (on.length > 0) return { gate: 'actors', open: true, why: `${listed(on)} on the list` }
  const count = (actors?.size ?? 0) - (optOuts?.size ?? 0)
  if (count === 0) return { gate: 'actors', open: false, why: emptyList }
  const why = ids.length === 0 ? withoutActor : `${listed(ids)} not on the list of ${count}`
  return { gate: 'actors', open: false, why }
}

function bucketStep({ gates: { percentageOfActors, threshold, crcState }, stored }: StoredGates, { ids }: Asked): Step {
  const gate = 'percentage_of_actors'
  if (threshold <= 0) return { gate, open: false, why: 'no share of actors is set' }
  if (ids.length === 0)
    return { gate, open: false, why: `${percent(percentageOfActors)} of actors, and ${withoutActor}` }
  const joinedId = joinSorted(ids)
  const bucket = actorBucket(crcState, joinedId)
  const checksum = crc32Finish(crc32State(joinedId, crcState))
  const detail: ExplainedBucket = { input: stored.key + joinedId, joinedId, checksum, bucket, threshold }
  const open = bucket < threshold
  const place = percent(placeOf(bucket, threshold))
  const who = `${namedFew(ids.map((id) => quoted(id)))} ${ids.length === 1 ? 'stands' : 'together stand'}`
  return { gate, open, why: `${who} at ${place}; the first ${percent(percentageOfActors)} have it`, detail }
}

/** The place of a bucket in percent: with one decimal, and with all where that would read as if it stood on the other side, or on the border. */
function placeOf(bucket: number, threshold: number): number {
  const place = bucket / 1_000
  const short = Math.round(place * 10) / 10
  const border = threshold / 1_000
  return short !== border && short < border === bucket < threshold ? short : place
}

function timeStep({ gates: { percentageOfTime } }: StoredGates): Step {
  const gate = 'percentage_of_time'
  if (percentageOfTime <= 0) return { gate, open: false, why: 'no share of checks is set' }
  if (percentageOfTime >= 100) return { gate, open: true, why: 'all checks' }
  return { gate, open: null, why: `${percent(percentageOfTime)} of checks, by chance in each of them` }
}

function groupsStep({ gates: { groups } }: StoredGates, { ids }: Asked, { asked }: GatesAnswer): Step {
  const gate = 'groups'
  if (groups === null) return { gate, open: false, why: 'no group is set' }
  if (ids.length === 0) return { gate, open: false, why: withoutActor }
  const names = (wanted: boolean | null) => [...asked].flatMap(([group, is]) => (is === wanted ? [quoted(group)] : []))
  const [has, unknown] = [names(true), names(null)]
  if (has.length > 0) return { gate, open: true, why: `in the group ${namedFew(has)}` }
  if (asked.size === 0)
    return { gate, open: null, why: `not asked for ${namedFew(groups.map(quoted))}: another gate decides` }
  if (unknown.length === 0) return { gate, open: false, why: `in no group of ${namedFew(groups.map(quoted))}` }
  const why = `it is not known who is in ${namedFew(unknown)}: not registered in this process, or the predicate failed or took too long; here that counts as no`
  return { gate, open: null, why }
}

/** Gates of later versions of Flipper, say: here they open nothing. */
function unknownSteps({ stored }: StoredGates): readonly Step[] {
  const why = 'this version does not know the gate, and it opens nothing here'
  return [...stored.gates.keys()].filter((gate) => !known.has(gate)).map((gate) => ({ gate, open: false, why }))
}

/** `User:1 is`, `User:1 and User:2 are`. */
function listed(ids: readonly string[]): string {
  return `${namedFew(ids.map((id) => quoted(id)))} ${ids.length === 1 ? 'is' : 'are'}`
}

function percent(percentage: number): string {
  return `${percentage} %`
}

/** The rows that decided: any of these values of the gate. Null where no row did. */
export function decidingRows({ gates, stored }: StoredGates, { ids }: Asked, answer: GatesAnswer): DecidingRows | null {
  const { replaced, optOuts, actors } = gates
  const single = (gate: string) => ({ gate, values: [storedText(stored.gates.get(gate))] })
  switch (answer.reason) {
    case 'boolean':
    case 'percentage_of_actors':
    case 'percentage_of_time':
      return single(answer.reason)
    case 'opt_out': {
      const out = ids.filter((id) => optOuts !== null && isListed(optOuts, id, replaced))
      return { gate: 'actors', values: spellings(out).map((id) => id + optOutSuffix) }
    }
    case 'actor':
      return {
        gate: 'actors',
        values: spellings(ids.filter((id) => actors !== null && isListed(actors, id, replaced))),
      }
    case 'group':
      return { gate: 'groups', values: [...answer.asked].flatMap(([group, is]) => (is === true ? [group] : [])) }
    default:
      return null
  }
}

export interface DecidingRows {
  readonly gate: string
  readonly values: readonly string[]
}

/** An id may be stored with U+FFFD in the place of a lone surrogate. */
function spellings(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.map((id) => id.toWellFormed()))]
}
