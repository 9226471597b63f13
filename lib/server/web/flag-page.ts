// One flag as its page shows it: what is stored, what its file says, for whom it is on, and who changed it last.
import { type AgeRules, isOverdue } from '../../definition/age.js'
import { type Definition, definitionToApi, fileFields } from '../../definition/definition.js'
import type { Fault } from '../../definition/fault.js'
import { splitActors, summarize, summarizeDefault } from '../../feature/flag-summary.js'
import { compileGates, type CompiledGates } from '../../gates/compile.js'
import { gateKeys, gateState, gateValues } from '../../gates/flag-state.js'
import type { PresentEffect } from '../../feature/change/preview/present-effect.js'
import type { Instance } from '../../instance/instance.js'
import type { StoredFeature } from '../../state/state.js'
import type { FlagNow } from './flag-now.js'
import { positionText } from './position-text.js'

/** Longer lists have a route of their own. */
const mostShown = 50

export interface ShownFlag {
  readonly name: string
  readonly now: FlagNow
  readonly at: Date
  /** The class of the actors that are counted; by default the usual one of the flag. */
  readonly actorClass?: string | undefined
}

/** The body for one flag; null for a flag that is neither stored nor defined, and has no broken file. */
export async function flagPage(instance: Instance, { name, now, at, actorClass }: ShownFlag): Promise<object | null> {
  const { catalog, config, feature } = instance
  const definition = catalog.get(name) ?? null
  const faults = catalog.faults.filter(({ flag, file }) => flag === name || file === definition?.path)
  if (definition === null && now.stored === null && faults.length === 0) return null
  const gates = now.stored === null ? null : compileGates(name, now.stored.gates)
  const { ageMs } = feature.status()
  return {
    flag: flagOf(name, now, gates, definition),
    position: positionText(now.position),
    degraded: now.revision === null,
    age_ms: ageMs === null ? null : Math.round(ageMs),
    definition: definitionOf(definition, faults, { types: config.types, calendar: config.milestones, now: at }),
    effect: effectOf(await instance.presentEffect(name, now, actorClass)),
    groups_known: [...config.groups.keys()].sort(),
    environments: [],
    policy: null,
  }
}

function flagOf(
  name: string,
  { stored, revision }: FlagNow,
  gates: CompiledGates | null,
  definition: Definition | null,
) {
  const values = gates === null ? [] : gateValues(gates)
  const { allowed, optedOut } = splitActors(values)
  return {
    name,
    revision,
    stored: gates !== null,
    state: gates === null ? 'default' : gateState(gates),
    summary: gates === null ? summarizeDefault(definition) : summarize(values),
    gates: {
      boolean: gates?.boolean ?? false,
      percentage_of_actors: gates?.percentageOfActors ?? 0,
      percentage_of_time: gates?.percentageOfTime ?? 0,
      groups: gates?.groups?.toSorted() ?? [],
      actors: shortList(allowed),
      never: shortList(optedOut),
      unknown: unknownGates(stored),
    },
  }
}

function effectOf(effect: PresentEffect & { readonly classes: readonly string[] }) {
  const { actorClass, classes, known, sample, of, on, margin, byPercent } = effect
  return { actor_class: actorClass, classes, known, sample, of, on, margin, by_percent: byPercent }
}

function shortList(ids: readonly string[]) {
  return { count: ids.length, first: ids.slice(0, mostShown) }
}

/** Those of later versions of Flipper: they open nothing here, and a person should see that they are there. */
function unknownGates(stored: StoredFeature | null) {
  const known: readonly string[] = gateKeys
  return [...(stored?.gates ?? [])]
    .filter(([key]) => !known.includes(key))
    .map(([key, values]) => ({ key, ...shortList(values) }))
}

const unreadable = Object.fromEntries(Object.keys(fileFields).map((field) => [field, null]))

/** A file that cannot be used is shown by its faults, all else of it is null. */
function definitionOf(definition: Definition | null, faults: readonly Fault[], rules: AgeRules) {
  const [first] = faults
  if (definition === null && first === undefined) return null
  return {
    ...(definition === null ? unreadable : definitionToApi(definition)),
    file: definition?.path ?? first?.file ?? '',
    line: first?.line ?? 1,
    ee: definition?.ee ?? false,
    overdue: definition !== null && isOverdue(definition, rules),
    faults: faults.map(({ file, line, field, severity, problem, remedy, message }) => ({
      file,
      line,
      field,
      severity,
      problem,
      remedy,
      message,
    })),
  }
}
