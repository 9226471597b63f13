// Refusals of project flags in the command line's words: the name that was probably meant, and a next step that can be typed.
import { FeatureError } from '../../errors.js'
import type { UserList } from '../../project-flags/project-flag.js'
import type { InstanceId, Project, ProjectContent } from '../../project-flags/project.js'
import { InvalidProjectFlag } from '../../project-flags/refusal.js'
import { quoted } from '../../text/printable.js'
import { programName } from '../../text/program-name.js'
import { suggestion } from '../../text/suggest.js'

/** There is no such project: names the one that was probably meant. */
export function unknownProject(idOrPath: string, all: readonly Project[]): FeatureError {
  const paths = all.map(({ path }) => path)
  const lower = idOrPath.toLowerCase()
  const inGroup = paths.filter((path) => path.toLowerCase().split('/').at(-1) === lower)
  const near = nearestOf(idOrPath, paths) ?? (inGroup.length === 1 ? inGroup[0] : undefined)
  const otherwise =
    paths.length === 0
      ? `there are no projects; make one: ${programName()} project create PATH`
      : `${programName()} project list shows all of them`
  return notFound(`there is no project ${quoted(idOrPath)}`, near, otherwise)
}

/** The project has no such flag: names the one that was probably meant. */
export function unknownProjectFlag({ project, flags }: ProjectContent, name: string): FeatureError {
  const names = flags.map((flag) => flag.name)
  const otherwise =
    names.length === 0
      ? `it has no flags; make one: ${programName()} project flags create ${project.path} NAME`
      : `${programName()} project flags list ${project.path} shows all of them`
  return notFound(`the project ${quoted(project.path)} has no flag ${quoted(name)}`, nearestOf(name, names), otherwise)
}

/** The project has no such user list: names the one that was probably meant. */
export function unknownList({ project, lists }: ProjectContent, nameOrIid: string): FeatureError {
  const names = lists.map((list: UserList) => list.name)
  const otherwise =
    names.length === 0
      ? `it has no lists; make one: ${programName()} project lists create ${project.path} NAME IDS`
      : `${programName()} project lists list ${project.path} shows all of them`
  const problem = `the project ${quoted(project.path)} has no user list ${quoted(nameOrIid)}`
  return notFound(problem, nearestOf(nameOrIid, names), otherwise)
}

/** The settings of the project forbid every change of its flags and lists. */
export function frozen({ path, access }: Project): FeatureError {
  const settings = `${programName()} project settings ${path}`
  return access === 'disabled'
    ? new FeatureError('forbidden', {
        problem: `the flags of the project ${quoted(path)} are switched off`,
        remedy: `switch them on first: ${settings} --access enabled`,
      })
    : new FeatureError('forbidden', {
        problem: `no role may change the flags of the project ${quoted(path)}`,
        remedy: `name a role first: ${settings} --minimum-role developer`,
      })
}

/** What SDKs use is ended with `--force` only. */
export function stillUsed(error: unknown, instead: string): unknown {
  if (!(error instanceof FeatureError) || error.code !== 'in_use') return error
  const remedy = `${instead}, or use --force: SDKs that use it lose their flags`
  return new FeatureError('in_use', { problem: error.problem, remedy, cause: error })
}

/** A refusal of the rules: here nothing is "sent again". */
export function typedRemedy(error: unknown): unknown {
  if (!(error instanceof InvalidProjectFlag)) return error
  const isTaken = error.sentences.every((sentence) => sentence.endsWith('has already been taken'))
  const remedy = `${isTaken ? 'choose another one' : 'correct it'} and give the command again; nothing was written`
  return new FeatureError('invalid_project_flag', { problem: error.problem, remedy, cause: error })
}

/** The name that was probably meant. Capitals, and the sign between words, are no difference. */
export function nearestOf(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, '')
  const near = suggestion(
    plain(name),
    names.map((one) => plain(one)),
  )
  return names.find((one) => plain(one) === near)
}

function notFound(problem: string, near: string | undefined, otherwise: string): FeatureError {
  const remedy = near === undefined ? otherwise : `did you mean ${quoted(near)}?`
  return new FeatureError('not_found', { problem, remedy })
}

/** No living instance ID has that id or name. */
export function unknownInstanceId(living: readonly InstanceId[], path: string, idOrName: string): FeatureError {
  const near = nearestOf(
    idOrName,
    living.map(({ name }) => name),
  )
  const otherwise = `${programName()} project instance-id list ${path} shows all of them`
  return notFound(`the project ${quoted(path)} has no living instance ID ${quoted(idOrName)}`, near, otherwise)
}

/** Several instance IDs have the name. */
export function ambiguousInstanceId(found: readonly InstanceId[], name: string): FeatureError {
  return new FeatureError('invalid_arguments', {
    problem: `${found.length} instance IDs have the name ${quoted(name)}`,
    remedy: `give the id of one: ${found.map(({ id }) => id).join(', ')}`,
  })
}

/** A flag is not made where another one has nearly its name: that was probably a slip. */
export function similarFlag({ path }: Project, name: string, near: string): FeatureError {
  return new FeatureError('not_found', {
    problem: `the project ${quoted(path)} has no flag ${quoted(name)}`,
    remedy: `did you mean ${quoted(near)}? To make it all the same: ${programName()} project flags create ${path} ${name}`,
  })
}
