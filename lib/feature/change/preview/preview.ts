// What a change would do, without making it: the plan applied to the rows that are stored now. The store writes the same rows, because
// both use rowsAfter (state/rows-after.ts); the contract of stores holds them to it.
import type { Catalog } from '../../../definition/catalog.js'
import type { CompiledGates } from '../../../gates/compile.js'
import { revisionOf, revisionText } from '../../../state/revision.js'
import type { ChangeGuard } from '../change-guard.js'
import type { FlagOperation } from '../operations.js'
import { cliFor, commandsFor, type CommandWords, type CopiedCommands } from './commands.js'
import { narrows } from '../../../gates/narrows.js'
import type { GroupQuestions } from '../../group-questions.js'
import { type Effect, effectOf, undecided } from './effect.js'
import { type Lists, listsOf, type Wiped } from './gate-changes.js'
import type { AskedActors, KnownActors } from './known-actors.js'
import { type Level, levelOf } from './level.js'
import { type FlagOutline, type Previewed, sidesOf } from './outline.js'

export interface PreviewWarning {
  /** `default_on_trap`: the change would be refused for it. `sample_failed`: the actors of the application are not counted, or not all. */
  readonly code: 'default_on_trap' | 'sample_failed'
  readonly message: string
  /** Other operations that do what was probably meant. */
  readonly safer: readonly FlagOperation[]
  /** The same as a command to copy; null where there are none, or the command line has no words for them. */
  readonly cli: string | null
}

/** What a change would do to one flag. */
export interface FlagPreview extends FlagOutline {
  /** The revision that the flag has now: the change may be made on condition that it still has it. */
  readonly revision: string
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

export interface PreviewOptions {
  readonly catalog: Pick<Catalog, 'get'>
  /** The actors to count. Never rejects. */
  readonly known: (asked: AskedActors) => Promise<KnownActors>
  readonly groups: Pick<GroupQuestions, 'ofAll'>
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
export async function previewRows(previewed: Previewed, options: PreviewOptions): Promise<FlagPreview> {
  const { catalog, known, groups, words, guard, isProduction } = options
  const { actorClass, name, operations, now } = previewed
  const definition = catalog.get(name) ?? null
  const { outline, before, after, unmatched, isTrap } = sidesOf(previewed, definition, guard)
  const wiped = wipedBy(operations, before.gates, after.gates)
  const asked = { own: [before, after].flatMap(({ gates: one }) => ownIds(one)), kinds: definition?.actor ?? [] }
  const effectFor = async (counted: KnownActors): Promise<Effect> => {
    const { actors, groups: names } = undecided([before, after], counted)
    return effectOf(before, after, counted, await groups.ofAll(actors, names))
  }
  const counted = await known({ ...asked, actorClass })
  const effect = await effectFor(counted)
  const usual = actorClass === undefined ? counted : await known(asked)
  const levelFor = (of: Effect) =>
    levelOf({ isProduction, effect: of, wiped, before: before.gates, after: after.gates })
  // A class that is chosen to be counted does not make the change a smaller one.
  const levels = [effect, ...(usual === counted ? [] : [await effectFor(usual)])].map(levelFor)
  return {
    ...outline,
    revision: revisionText(revisionOf(now)),
    wiped,
    effect,
    narrows: narrows(before, after),
    unmatched,
    warnings: [...(isTrap ? [trapWarning(name, operations, words)] : []), ...sampleWarning(counted)],
    level: levels.reduce((one, other) => (other > one ? other : one)),
  }
}

/** The ids on the lists of a flag, and of those to whom it is denied. */
export function ownIds(gates: CompiledGates | null): readonly string[] {
  const { actors, never } = listsOf(gates)
  return [...actors, ...never]
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

function trapWarning(name: string, operations: readonly FlagOperation[], words: CommandWords): PreviewWarning {
  // On for everybody first; then a denial, if one was meant, is an exception.
  const safer: readonly FlagOperation[] = [{ op: 'enable' }, ...operations.flatMap(asExceptions)]
  return {
    code: 'default_on_trap',
    message:
      'the flag is on by default and nothing is stored for it: this would store a row, the default would no longer count, and ' +
      'the flag would be off for everybody else',
    safer,
    cli: cliFor({ name, operations: safer, force: false, isDefined: true }, words),
  }
}

function sampleWarning({ fault }: KnownActors): PreviewWarning[] {
  if (fault === null) return []
  const message = `who gains or loses it is counted without all actors of the application: ${fault}`
  return [{ code: 'sample_failed', message, safer: [], cli: null }]
}

function asExceptions(operation: FlagOperation): FlagOperation[] {
  if (!('list' in operation) || operation.list === 'groups') return []
  const { op, list, ids } = operation
  const denies = (op === 'remove' && list === 'actors') || (op === 'add' && list === 'never')
  return denies ? [{ op: 'add', list: 'never', ids }] : []
}
