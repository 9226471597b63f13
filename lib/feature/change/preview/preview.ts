// What a change would do, without making it: the plan applied to the rows that are stored now. The store writes the same rows, because
// both use rowsAfter (state/rows-after.ts); the contract of stores holds them to it.
import type { Catalog } from '../../../definition/catalog.js'
import { type CompiledGates, compileGates } from '../../../gates/compile.js'
import { gateState, gateValues } from '../../../gates/flag-state.js'
import { type FeatureNow, revisionOf, revisionText } from '../../../state/revision.js'
import { type Gates, gatesOf, rowsAfter, storedFeature } from '../../../state/rows-after.js'
import { currentOf } from '../../../store/current.js'
import { summarize, summarizeDefault } from '../../flag-summary.js'
import type { ChangeGuard } from '../change-guard.js'
import { Misses } from '../misses.js'
import type { FlagOperation } from '../operations.js'
import type { PlannedStep } from '../plan.js'
import { NothingStored } from '../refusals.js'
import { commandsFor, type CommandWords, type CopiedCommands } from './commands.js'
import { narrows, type Side } from '../../../gates/narrows.js'
import { type Effect, effectOf, type GroupMembership } from './effect.js'
import { type GateChange, gateChanges, type Lists, listsOf, type Wiped } from './gate-changes.js'
import type { KnownActors } from './known-actors.js'
import { type Level, levelOf } from './level.js'

/** A flag before or after a change. */
export interface PreviewedFlag {
  readonly state: 'on' | 'off' | 'conditional'
  /** Whether anything is stored of it; otherwise its default counts. */
  readonly stored: boolean
  /** In words, such as `on for 25 % of actors; off for everybody else`. */
  readonly summary: string
}

export interface PreviewWarning {
  /** `default_on_trap`: the change would be refused for it. `sample_failed`: the actors of the application are not counted, or not all. */
  readonly code: 'default_on_trap' | 'sample_failed'
  readonly message: string
  /** Other operations that do what was probably meant. */
  readonly safer: readonly FlagOperation[]
}

/** What a change would do to one flag. */
export interface FlagPreview {
  readonly name: string
  /** The revision that the flag has now: the change may be made on condition that it still has it. */
  readonly revision: string
  /** Whether any row would change. */
  readonly changed: boolean
  readonly before: PreviewedFlag
  readonly after: PreviewedFlag
  /** The gates that differ. */
  readonly gates: readonly GateChange[]
  /** How much of each list goes, because the change is for everybody. */
  readonly wiped: Wiped
  readonly effect: Effect
  /** Whether it only takes away: no check can gain the flag by it, of whichever actors, groups and chance. */
  readonly narrows: boolean
  /** What was to be taken off a list and is not on it. */
  readonly unmatched: readonly string[]
  readonly warnings: readonly PreviewWarning[]
  /** How much care the change asks of a person: 0 none, 1 a look, 2 an answer. */
  readonly level: Level
}

/** What operations would do, with the commands that do it. */
export interface Preview extends FlagPreview {
  readonly commands: CopiedCommands
}

export interface Previewed {
  readonly name: string
  readonly operations: readonly FlagOperation[]
  readonly planned: readonly PlannedStep[]
  readonly force: boolean
  readonly now: FeatureNow
}

export interface PreviewOptions {
  readonly catalog: Pick<Catalog, 'get'>
  /** The actors to count, for the ids on the flag's own lists and the kinds of its definition. Never rejects. */
  readonly known: (own: readonly string[], kinds: readonly string[]) => Promise<KnownActors>
  readonly inGroup: GroupMembership
  /** What the commands to copy are written for. */
  readonly words: CommandWords
  readonly guard: ChangeGuard
  readonly isProduction: boolean
}

/** Rejects with what the change would be refused with; the default-on trap alone is a warning, because a preview is how it is seen. */
export async function previewOf(previewed: Previewed, options: PreviewOptions): Promise<Preview> {
  const preview = await previewRows(previewed, options)
  const { name, operations, force } = previewed
  const { catalog, words } = options
  const copied = { name, operations, revision: preview.revision, force, isDefined: catalog.get(name) !== undefined }
  return { ...preview, commands: commandsFor(copied, words) }
}

/** The same for steps that are no operations. */
export async function previewRows(
  previewed: Previewed,
  { catalog, known, inGroup, guard, isProduction }: PreviewOptions,
): Promise<FlagPreview> {
  const { name, operations, now } = previewed
  const definition = catalog.get(name) ?? null
  const rows = now.stored === null ? null : gatesOf(now.stored)
  const { gates, unmatched, isTrap } = tried(previewed, rows, guard)
  const isOnByDefault = definition?.defaultEnabled === true
  const before: Side = { gates: compiled(name, rows), isOnByDefault }
  const after: Side = { gates: compiled(name, gates), isOnByDefault }
  const wiped = wipedBy(operations, before.gates, after.gates)
  const own = [before, after].flatMap(({ gates: one }) => ownIds(one))
  const counted = await known(own, definition?.actor ?? [])
  const effect = effectOf(before, after, counted, inGroup)
  const revision = revisionText(revisionOf(now))
  const described = (side: Side): PreviewedFlag =>
    side.gates === null
      ? { state: 'off', stored: false, summary: summarizeDefault(definition) }
      : { state: gateState(side.gates), stored: true, summary: summarize(gateValues(side.gates)) }
  return {
    name,
    revision,
    changed: isTrap || !sameGates(rows, gates),
    before: described(before),
    after: described(after),
    gates: gateChanges(before.gates, after.gates),
    wiped,
    effect,
    narrows: narrows(before, after),
    unmatched,
    warnings: [...(isTrap ? [trapWarning(operations)] : []), ...sampleWarning(counted)],
    level: levelOf({ isProduction, effect, wiped, before: before.gates, after: after.gates }),
  }
}

/** The ids on the lists of a flag, and of those to whom it is denied. */
export function ownIds(gates: CompiledGates | null): readonly string[] {
  const { actors, never } = listsOf(gates)
  return [...actors, ...never]
}

interface Tried {
  readonly gates: Gates | null
  readonly unmatched: readonly string[]
  readonly isTrap: boolean
}

/** The steps with their checks, as a store runs them. */
function tried({ name, planned, force, now }: Previewed, rows: Gates | null, guard: ChangeGuard): Tried {
  const misses = new Misses(planned, () => now.stored?.gates.get('groups') ?? [])
  let gates = rows
  let isTrap = false
  for (const [index, step] of guard.guarded(planned, { force, trap: false }, misses).entries()) {
    const current = currentOf(step, gates)
    const refusal = step.check?.(current) ?? null
    if (refusal instanceof NothingStored) return { gates: rows, unmatched: [], isTrap: false }
    if (refusal !== null) throw refusal
    const one = planned[index]
    if (one !== undefined && !force && guard.isTrap(one, current)) isTrap = true
    gates = rowsAfter(gates, [step.operation]).gates
  }
  const unmatched = misses.found().flatMap(({ feature, things }) => (feature === name ? things : []))
  return { gates, unmatched, isTrap }
}

function compiled(name: string, gates: Gates | null): CompiledGates | null {
  return gates === null ? null : compileGates(name, storedFeature(name, gates).gates)
}

/** What a change for everybody clears. Where lists are named, nothing goes but what is named. */
function wipedBy(
  operations: readonly FlagOperation[],
  before: CompiledGates | null,
  after: CompiledGates | null,
): Wiped {
  const clears = operations.some(({ op }) => op === 'enable' || op === 'disable' || op === 'delete')
  const [had, has] = [listsOf(before), listsOf(after)]
  const gone = (list: keyof Lists) => (clears ? [...had[list]].filter((id) => !has[list].has(id)).length : 0)
  return { actors: gone('actors'), never: gone('never'), groups: gone('groups') }
}

function trapWarning(operations: readonly FlagOperation[]): PreviewWarning {
  return {
    code: 'default_on_trap',
    message:
      'the flag is on by default and nothing is stored for it: this would store a row, the default would no longer count, and ' +
      'the flag would be off for everybody else',
    // On for everybody first; then a denial, if one was meant, is an exception.
    safer: [{ op: 'enable' }, ...operations.flatMap(asExceptions)],
  }
}

function sampleWarning({ fault }: KnownActors): PreviewWarning[] {
  if (fault === null) return []
  const message = `who gains or loses it is counted without all actors of the application: ${fault}`
  return [{ code: 'sample_failed', message, safer: [] }]
}

function asExceptions(operation: FlagOperation): FlagOperation[] {
  if (!('list' in operation) || operation.list === 'groups') return []
  const { op, list, ids } = operation
  const denies = (op === 'remove' && list === 'actors') || (op === 'add' && list === 'never')
  return denies ? [{ op: 'add', list: 'never', ids }] : []
}

function sameGates(a: Gates | null, b: Gates | null): boolean {
  if (a === null || b === null) return a === b
  return a.size === b.size && [...a].every(([gate, values]) => sameValues(values, b.get(gate)))
}

function sameValues(a: ReadonlySet<string>, b: ReadonlySet<string> | undefined): boolean {
  return a.size === b?.size && [...a].every((value) => b.has(value))
}
