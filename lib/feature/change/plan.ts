// What each change means in rows, and when it must be refused. Pure: the checks run inside the store's transaction.
import type { Actor } from '../../actors/actor.js'
import { FeatureGroup } from '../../actors/groups.js'
import { optOutSuffix, storableId } from '../../actors/stored-id.js'
import { quoted } from '../../text/printable.js'
import { type FeatureError, InvalidOperation } from '../../errors.js'
import { percentageText } from '../../gates/percentage.js'
import { readBoolean, readPercentage } from '../../gates/stored-values.js'
import type { Operation } from '../../state/operations.js'
import type { Current, Step } from '../../store/store.js'

export type ChangeAction =
  | 'enable'
  | 'disable'
  | 'opt_out'
  | 'remove_opt_out'
  | 'enable_percentage_of_actors'
  | 'disable_percentage_of_actors'
  | 'enable_percentage_of_time'
  | 'disable_percentage_of_time'
  | 'remove'
  | 'import'
  | 'undo'
  | 'restore'

/** What is enabled or disabled for: everybody, or these actors and groups. */
export type ChangeTargets = 'everybody' | readonly (Actor | FeatureGroup)[]

/** One step with what the change log says of it. */
export interface PlannedStep {
  readonly step: Step
  readonly action: ChangeAction
  readonly things: readonly string[]
  readonly percentage: number | null
  /** True where the step does nothing, and is no fault, if nothing is stored of the flag. */
  readonly onlyStored?: boolean
  /** True where creating the row would turn a default-on flag off for everybody else. */
  readonly narrows: boolean
}

/** Enables for everybody, or for these actors and groups. Throws InvalidFeatureFlagError for an id that cannot be stored. */
export function planEnable(feature: string, things: ChangeTargets): PlannedStep[] {
  if (things === 'everybody') return [plan(feature, 'enable', { kind: 'enable' })]
  return planTargets(feature, 'enable', 'add', things)
}

/** Disables for everybody, or takes these actors and groups off the list. */
export function planDisable(feature: string, things: ChangeTargets): PlannedStep[] {
  if (things === 'everybody') return [plan(feature, 'disable', { kind: 'disable' })]
  return planTargets(feature, 'disable', 'drop', things)
}

/** Denies the flag to these actors, whatever its gates say. */
export function planOptOut(feature: string, actors: readonly Actor[]): PlannedStep[] {
  const ids = actors.map((actor) => storableId(actor.flipperId))
  const operation: Operation = { kind: 'add', gate: 'actors', values: ids.map((id) => id + optOutSuffix) }
  return [{ ...plan(feature, 'opt_out', operation), things: ids, narrows: true }]
}

/**
 * Takes the denial back. `mustExist`: refused (`opted_out`) where there is none, as in GitLab's API. GitLab's library does nothing
 * then, and does not store the flag for it.
 */
export function planRemoveOptOut(
  feature: string,
  actors: readonly Actor[],
  { mustExist }: { readonly mustExist: boolean },
): PlannedStep[] {
  const ids = actors.map((actor) => storableId(actor.flipperId))
  const values = ids.map((id) => id + optOutSuffix)
  const planned = plan(feature, 'remove_opt_out', { kind: 'drop', gate: 'actors', values })
  if (!mustExist) return [{ ...planned, things: ids, onlyStored: true }]
  const check = (current: Current) => {
    const missing = ids.find((id) => !current.actors.has(id + optOutSuffix))
    if (missing === undefined) return null
    const problem = `${quoted(feature)}: there is no opt-out of ${quoted(missing)} to remove`
    return new InvalidOperation('opted_out', { problem, remedy: 'check the name of the flag and the id of the actor' })
  }
  return [{ ...planned, step: { ...planned.step, lookup: values, check }, things: ids }]
}

/** Sets a percentage. Refused (`already_enabled`) on a flag that is on for everybody; throws for one outside 0 to 100. */
export function planPercentage(feature: string, of: 'actors' | 'time', percentage: number): PlannedStep[] {
  const operation: Operation = { kind: 'set', gate: `percentage_of_${of}`, value: percentageText(percentage) }
  const planned = plan(feature, `enable_percentage_of_${of}`, operation)
  return [{ ...planned, step: { ...planned.step, check: refuseFullyOn(feature, of) }, percentage }]
}

/** Sets a percentage back to 0. */
export function planNoPercentage(feature: string, of: 'actors' | 'time'): PlannedStep[] {
  const operation: Operation = { kind: 'set', gate: `percentage_of_${of}`, value: '0' }
  return [{ ...plan(feature, `disable_percentage_of_${of}`, operation), narrows: true }]
}

/** Deletes what is stored of the flag: its definition's default counts again. */
export function planRemove(feature: string): PlannedStep[] {
  return [plan(feature, 'remove', { kind: 'remove' })]
}

function plan(feature: string, action: ChangeAction, operation: Operation): PlannedStep {
  return { step: { feature, operation }, action, things: [], percentage: null, narrows: false }
}

function planTargets(
  feature: string,
  action: 'enable' | 'disable',
  kind: 'add' | 'drop',
  things: readonly (Actor | FeatureGroup)[],
): PlannedStep[] {
  const ids: string[] = []
  const groups: string[] = []
  for (const thing of things) {
    if (thing instanceof FeatureGroup) groups.push(thing.name)
    else ids.push(storableId(thing.flipperId))
  }
  const planned: PlannedStep[] = []
  if (ids.length > 0) {
    const one = plan(feature, action, { kind, gate: 'actors', values: ids })
    const step = kind === 'add' ? { ...one.step, ...refuseOptedOut(feature, ids) } : one.step
    planned.push({ ...one, step, things: ids, narrows: true })
  }
  if (groups.length > 0) {
    planned.push({ ...plan(feature, action, { kind, gate: 'groups', values: groups }), things: groups, narrows: true })
  }
  return planned
}

/** An allow for an opted-out actor would have no effect, and the caller would not notice. */
function refuseOptedOut(feature: string, ids: readonly string[]): Pick<Step, 'lookup' | 'check'> {
  const check = (current: Current) => {
    const denied = ids.find((id) => current.actors.has(id + optOutSuffix))
    if (denied === undefined) return null
    const problem = `${quoted(feature)}: ${quoted(denied)} is opted out, which beats every enable`
    return new InvalidOperation('opted_out', { problem, remedy: 'remove its opt-out first' })
  }
  return { lookup: ids.map((id) => id + optOutSuffix), check }
}

function refuseFullyOn(feature: string, of: 'actors' | 'time') {
  return (current: Current): FeatureError | null => {
    const boolean = current.boolean !== null && readBoolean(current.boolean)
    const time = current.percentageOfTime !== null && readPercentage(current.percentageOfTime) >= 100
    if (!boolean && !time) return null
    const problem = `${quoted(feature)} is already fully enabled: a percentage of ${of} would have no effect`
    return new InvalidOperation('already_enabled', { problem, remedy: 'disable it first' })
  }
}
