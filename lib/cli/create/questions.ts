// The creator's questions: GitLab's, in its order and words, then those that GitLab does not ask. Options answer in advance; at the end of
// the input, optional questions are skipped.
import { type Dialogue, hasPerson, type Question } from '../terminal/dialogue.js'
import type { Io } from '../terminal/io.js'
import { note } from '../terminal/output.js'
import { UsageError } from '../usage-error.js'
import type { ActorClasses } from '../../actors/classes.js'
import { declaredKindFault, registeredKinds } from '../../actors/declared-kinds.js'
import { type ErrorParts, InvalidFeatureFlagError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import { ownerFault } from '../../definition/rules/owner.js'
import { mostKinds } from '../../definition/rules/json-schema.js'
import { shapeFaults } from '../../definition/rules/schema.js'

export interface Given {
  readonly group: string | undefined
  readonly introducedByUrl: string | undefined
  readonly rolloutIssueUrl: string | undefined
  readonly description: string | undefined
  /** Kinds of actors, separated by commas. */
  readonly actor: string | undefined
}

export interface Answers {
  readonly group: string
  readonly introducedByUrl: string | null
  readonly rolloutIssueUrl: string | null
  readonly description: string | null
  readonly actor: readonly string[] | null
}

export interface Asking {
  readonly io: Io
  /** Opened at the first question: with all answers given, the input stays untouched. */
  readonly dialogue: () => Dialogue
  /** Whether the dialogue was opened. */
  readonly isOpen: () => boolean
  readonly asksRolloutIssue: boolean
  readonly classes: ActorClasses
  /** The URL for a new rollout issue; null if it is not known. */
  readonly newIssueUrl: (mergeRequestUrl: string | null) => string | null
}

/**
 * Asks for the missing values. Throws UsageError for a wrong option, InvalidFeatureFlagError for a wrong answer from a pipe,
 * Interrupted.
 */
export async function askAll(given: Given, asking: Asking): Promise<Answers> {
  checkGiven(given, asking)
  const group = given.group ?? (await askGroup(asking))
  const introducedByUrl = given.introducedByUrl ?? (await askUrl(asking, introducedBy))
  return {
    group,
    introducedByUrl: introducedByUrl || null,
    rolloutIssueUrl: await askRolloutIssue(given, asking, introducedByUrl),
    description: await askDescription(given, asking),
    actor: kindsIn(await askActor(given, asking)),
  }
}

const noOwner = { problem: 'every flag must have an owner', remedy: 'answer the question, or give -g group::…' }
const introducedBy = 'URL of the MR introducing the feature flag (enter to skip):'
const rolloutIssue = 'URL of the rollout issue (enter to skip):'
const description = 'Description of the feature flag, what it turns on (enter to skip):'
/** A program that answers GitLab's questions may leave its pipe open: it must not wait for the flag's file without end. */
const patienceMs = 1_000

async function askGroup({ io, dialogue }: Asking): Promise<string> {
  note(io, '')
  const text = 'Specify the group introducing the feature flag, like `group::apm`:'
  const answer = await dialogue().ask({ text, fault: groupFault }, refuseAnswer)
  if (answer !== null) return answer
  throw new UsageError(noOwner)
}

async function askRolloutIssue(given: Given, asking: Asking, mergeRequestUrl: string): Promise<string | null> {
  if (given.rolloutIssueUrl !== undefined) return given.rolloutIssueUrl || null
  if (!asking.asksRolloutIssue) return null
  const url = asking.newIssueUrl(mergeRequestUrl || null)
  if (url !== null) {
    note(asking.io, '')
    note(asking.io, '>> Open this URL and fill in the rest of the details:')
    note(asking.io, url)
  }
  return (await askUrl(asking, rolloutIssue)) || null
}

/** The URL; empty if the question is skipped. */
async function askUrl({ io, dialogue }: Asking, text: string): Promise<string> {
  note(io, '')
  const fault = (answer: string) => (answer === '' ? null : urlFault(answer))
  return (await dialogue().ask({ text, fault }, refuseAnswer)) ?? ''
}

async function askDescription(given: Given, asking: Asking): Promise<string | null> {
  if (given.description !== undefined) return given.description || null
  return (await askFurther(asking, { text: description, fault: descriptionFault })) || null
}

/** Asked where classes are registered: without them each kind is as good as another. */
async function askActor({ actor }: Given, asking: Asking): Promise<string> {
  if (actor !== undefined) return actor
  const known = registeredKinds(asking.classes)
  if (known.length === 0) return ''
  const text = `Kind of actor that the feature flag is asked for, of ${known.join(', ')} (enter to skip):`
  return (await askFurther(asking, { text, fault: (answer) => actorFault(answer, asking.classes) })) ?? ''
}

function kindsIn(answer: string): readonly string[] | null {
  const kinds = answer.split(/[\s,]+/).filter((kind) => kind !== '')
  return kinds.length === 0 ? null : [...new Set(kinds)]
}

/**
 * A question that GitLab does not ask; null if it is skipped. Where the other answers came as options and not from a person, it is
 * not asked at all: the input may be another program's.
 */
async function askFurther({ io, dialogue, isOpen }: Asking, question: Question): Promise<string | null> {
  if (!isOpen() && !hasPerson(io)) return null
  note(io, '')
  return dialogue().ask({ ...question, patienceMs }, refuseAnswer)
}

function checkGiven(given: Given, { classes }: Asking): void {
  const { group, introducedByUrl, rolloutIssueUrl, description: text, actor } = given
  const faults = [
    group === undefined ? null : groupFault(group),
    introducedByUrl ? urlFault(introducedByUrl) : null,
    rolloutIssueUrl ? urlFault(rolloutIssueUrl) : null,
    text ? descriptionFault(text) : null,
    actor ? actorFault(actor, classes) : null,
  ]
  const first = faults.find((fault) => fault !== null)
  if (first !== undefined && first !== null) throw new UsageError(first)
}

/** The rules of the loader and of `validate`, so that the written file passes. */
function groupFault(answer: string): ErrorParts | null {
  if (answer.trim() === '') return noOwner
  if (isShapeFault('group', answer)) return { problem: `the owner ${quoted(answer)} is too long`, remedy: 'shorten it' }
  const fault = ownerFault(answer)
  return fault === null ? null : { ...fault, problem: `the owner ${quoted(answer)} ${fault.problem}` }
}

/** Uses the loader's own rule, so that the written file loads. */
function urlFault(answer: string): ErrorParts | null {
  if (!isShapeFault('introduced_by_url', answer)) return null
  return { problem: `${quoted(answer)} is not a URL`, remedy: 'give one that starts with https:// or http://' }
}

function descriptionFault(answer: string): ErrorParts | null {
  if (!isShapeFault('description', answer)) return null
  return {
    problem: `the description ${quoted(answer)} is too long`,
    remedy: 'say in a sentence what the flag turns on',
  }
}

/** The rules of the loader and of `validate`, kind by kind. */
function actorFault(answer: string, classes: ActorClasses): ErrorParts | null {
  const kinds = kindsIn(answer) ?? []
  if (kinds.length > mostKinds) {
    return { problem: `${kinds.length} kinds of actors are too many`, remedy: `name at most ${mostKinds}` }
  }
  for (const kind of kinds) {
    if (isShapeFault('actor', kind)) {
      return {
        problem: `${quoted(kind)} is no kind of actor`,
        remedy: 'write one such as project, or a class such as Account',
      }
    }
    const fault = declaredKindFault(kind, classes)
    if (fault !== null) return { ...fault, problem: `${quoted(kind)} ${fault.problem}` }
  }
  return null
}

function isShapeFault(field: 'group' | 'introduced_by_url' | 'description' | 'actor', value: string): boolean {
  return shapeFaults(new Map([[field, { value, text: value, line: 1 }]])).size > 0
}

function refuseAnswer({ problem, remedy }: ErrorParts): Error {
  return new InvalidFeatureFlagError('invalid_definition', { problem: `${problem}, and nothing was written`, remedy })
}
