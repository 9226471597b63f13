// One flag with all that its page shows.
import { flag, list, number, object, oneOf, orNull, otherwise, type Parser, record, text } from './parse.js'
import type { Answer } from './operations.generated.js'
import type { Door } from './request.js'

/** Who has it, gate by gate. */
export type Gates = Answer<'getWebFlag'>['flag']['gates']
/** How many, and the first of them. */
export type Counted = Gates['actors']
/** Rows of a gate that the server does not know. */
export type UnknownGate = Gates['unknown'][number]

/** What the file says; of a file that cannot be used, all is null but where it is and what is wrong. */
export interface Definition {
  readonly type: string | null
  readonly group: string | null
  readonly description: string | null
  readonly default_enabled: boolean | null
  readonly milestone: string | null
  readonly introduced_by_url: string | null
  readonly rollout_issue_url: string | null
  readonly feature_issue_url: string | null
  readonly file: string | null
  readonly line: number | null
  readonly overdue: boolean
  readonly faults: readonly DefinitionFault[]
}

export interface DefinitionFault {
  readonly severity: string
  readonly message: string
  readonly file: string | null
  readonly line: number | null
  readonly remedy: string | null
}

/** How many of the known actors have it, and how many would at each whole share; of a sample, the numbers are estimates. */
export type KnownActors = Answer<'getWebFlag'>['effect']

export interface OtherEnvironment {
  readonly name: string
  readonly state: string | null
  readonly summary: string | null
}

export interface FlagDetail {
  readonly name: string
  /** Null where the answer comes from memory, because the database is away: then nothing can be changed. */
  readonly revision: string | null
  readonly state: 'on' | 'off' | 'conditional' | 'default'
  readonly stored: boolean
  readonly summary: string
  readonly gates: Gates
  readonly definition: Definition | null
  readonly isDegraded: boolean
  readonly ageMs: number | null
  readonly effect: KnownActors
  readonly history: readonly ChangeEntry[]
  readonly groupsKnown: readonly string[]
  readonly environments: readonly OtherEnvironment[]
}

/** A change as the history of one flag tells it. */
export interface ChangeEntry {
  readonly change_id: string | null
  readonly at: string
  readonly author: string
  readonly source: string
  readonly reason: string | null
  readonly sentence: string
}

const counted = object<Counted>({ count: number, first: otherwise(list(text), []) })
const gates = object<Gates>({
  boolean: otherwise(flag, false),
  percentage_of_actors: otherwise(number, 0),
  percentage_of_time: otherwise(number, 0),
  groups: otherwise(list(text), []),
  actors: counted,
  never: counted,
  unknown: otherwise(list(object<UnknownGate>({ key: text, count: number, first: otherwise(list(text), []) })), []),
})
const fault = object<DefinitionFault>({
  severity: otherwise(text, 'error'),
  message: text,
  file: orNull(text),
  line: orNull(number),
  remedy: orNull(text),
})
const definition = object<Definition>({
  type: orNull(text),
  group: orNull(text),
  description: orNull(text),
  default_enabled: orNull(flag),
  milestone: orNull(text),
  introduced_by_url: orNull(text),
  rollout_issue_url: orNull(text),
  feature_issue_url: orNull(text),
  file: orNull(text),
  line: orNull(number),
  overdue: otherwise(flag, false),
  faults: otherwise(list(fault), []),
})
const known = object<KnownActors>({
  actor_class: orNull(text),
  classes: otherwise(list(text), []),
  known: orNull(number),
  sample: otherwise(number, 0),
  of: orNull(oneOf('application', 'lists')),
  on: otherwise(number, 0),
  margin: otherwise(number, 0),
  by_percent: otherwise(list(number), []),
})
const entry = object<ChangeEntry>({
  change_id: orNull(text),
  at: text,
  author: otherwise(text, 'unknown'),
  source: otherwise(text, ''),
  reason: orNull(text),
  sentence: otherwise(text, ''),
})
const entryFlags = object({ flags: otherwise(list(object({ name: text, sentence: text })), []) })

/** A change names what it did to each of its flags; a conflict, what it did to the one. */
export const changeEntry: Parser<ChangeEntry> = (value, place = '') => {
  const read = entry(value, place)
  if (read.sentence !== '') return read
  const { flags } = entryFlags(value, place)
  return { ...read, sentence: flags.map(({ sentence }) => sentence).join('; ') }
}

const detail = object({
  flag: object({
    name: text,
    revision: orNull(text),
    state: oneOf('on', 'off', 'conditional', 'default'),
    stored: flag,
    summary: text,
    gates,
  }),
  degraded: otherwise(flag, false),
  age_ms: orNull(number),
  definition: orNull(definition),
  effect: known,
  history: otherwise(list(changeEntry), []),
  groups_known: otherwise(list(text), []),
  environments: otherwise(
    list(object<OtherEnvironment>({ name: text, state: orNull(text), summary: orNull(text) })),
    [],
  ),
})

/**
 * The flag, with the actors of a class counted; of the usual one by default. Throws ApiFault; `feature_not_found` (404) for a flag that is
 * neither defined nor stored, 400 for a class that the server does not know.
 */
export async function fetchFlag(
  door: Door,
  name: string,
  actorClass: string | undefined,
  signal?: AbortSignal,
): Promise<FlagDetail> {
  const query = actorClass === undefined ? '' : `?actor_class=${encodeURIComponent(actorClass)}`
  const body = await door.ask(`/api/web/flags/${encodeURIComponent(name)}${query}`, detail, { signal })
  return {
    ...body.flag,
    definition: body.definition,
    isDegraded: body.degraded,
    ageMs: body.age_ms,
    effect: body.effect,
    history: body.history,
    groupsKnown: body.groups_known,
    environments: body.environments,
  }
}

/** Names and addresses of actors, by id; those without a name are absent. At most 200 ids. */
export async function fetchNames(
  door: Door,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ActorName>> {
  const { names } = await door.ask('/api/web/actors/names', object({ names: record(actorName) }), {
    method: 'POST',
    body: { ids },
    signal,
  })
  return names
}

export type ActorName = Answer<'nameWebActors'>['names'][string]

const actorName = object<ActorName>({ label: text, url: orNull(text) })
