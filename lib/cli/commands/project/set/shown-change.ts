// What `project set` shows: what the environment means now, with all strategies that match it, and who loses the flag there.
import { namedFew } from '../../../../definition/named-few.js'
import { strategiesIn } from '../../../../project-flags/changes/environment-change.js'
import { isInScope } from '../../../../project-flags/environment-scope.js'
import { changeWarnings } from '../../../../project-flags/changes/flag-warnings.js'
import { idsThatLose } from '../../../../project-flags/listed-ids.js'
import type { ProjectFlag } from '../../../../project-flags/project-flag.js'
import type { ProjectContent } from '../../../../project-flags/project.js'
import type { FlagOf } from '../../../../project-flags/project-flags.js'
import { programName } from '../../../../text/program-name.js'
import type { Cli } from '../../../terminal/io.js'
import { note, print, printField, printJson } from '../../../terminal/output.js'
import { describeIn, describeScopes, describeStrategies, flagJson } from '../../../views/project-flag.js'
import type { SetOptions, SetRequest } from './set-request.js'

interface Shown {
  /** Null where the flag was made. */
  readonly before: ProjectFlag | null
  /** The content before. */
  readonly content: ProjectContent
  readonly after: FlagOf
  readonly request: SetRequest
  readonly options: SetOptions
}

export async function showChange(cli: Cli, shown: Shown): Promise<void> {
  const { io } = cli
  const { before, content, after, request, options } = shown
  const { there } = request
  const { flag } = after
  const lists = after.content.lists
  const lose =
    before === null || there === null
      ? []
      : idsThatLose({ flag: before, lists: content.lists }, { flag, lists }, there.environment)
  if (options.json) {
    const ofEnvironment = there === null ? {} : { environment: there.environment, lose }
    return printJson(io, { ...flagJson(after), ...ofEnvironment })
  }
  if (before === null) note(io, `${options.dryRun ? 'Would make' : 'Made'} the flag ${flag.name}.`)
  print(io, [{ style: 'bold', text: flag.name }, ': ', stateOf(flag)])
  const where = there?.environment === '*' ? 'all environments' : there?.environment
  const labels = [
    ...(where === undefined ? [flag.active ? 'for' : 'when on'] : [`in ${where}`]),
    ...(lose.length > 0 ? ['lose it'] : []),
  ]
  const width = Math.max(...labels.map((label) => label.length)) + 2
  const meaning =
    there === null ? describeStrategies(flag.strategies, lists) : describeIn(flag, lists, there.environment)
  await printField(io, labels[0] ?? '', meaning, width)
  if (lose.length > 0) await printField(io, 'lose it', `${namedFew(lose)} (named before)`, width)
  noteWhatIsOdd(cli, shown)
}

function stateOf({ active }: ProjectFlag) {
  return active
    ? ({ style: 'green', text: 'on' } as const)
    : ({ style: 'red', text: 'off in all environments' } as const)
}

function noteWhatIsOdd({ io }: Cli, { before, after, request, options }: Shown): void {
  const { flag, content } = after
  const { there } = request
  for (const { code, message } of changeWarnings({ before, after: flag, content })) {
    if (code === 'shared_group' || code === 'no_percentage') note(io, `note: ${message}`)
  }
  const command = `${programName()} project set ${content.project.path} ${flag.name}`
  if (before !== null && before.revision === flag.revision && options.dryRun !== true) {
    note(io, 'Nothing changed: it was so already.')
  }
  if (there === null) {
    if (flag.active && flag.strategies.length === 0) {
      note(io, `It has no strategies, so it is on for no user. next: ${command} --env production --percent 10`)
    }
    return
  }
  if (!flag.active && there.whom.kind !== 'none') note(io, `It counts once the flag is on: ${command} on`)
  if (there.whom.kind === 'all') return
  const wider = strategiesIn(flag, there.environment).find(
    ({ name, scopes }) =>
      name === 'default' && !scopes.some(({ environmentScope }) => environmentScope === there.environment),
  )
  const scope = wider?.scopes.find(({ environmentScope }) => isInScope(environmentScope, there.environment))
  if (wider === undefined || scope === undefined) return
  note(io, `All users have it there all the same, by the strategy for ${describeScopes(wider)}.`)
  note(io, `To end that one: ${command} --env '${scope.environmentScope}' --none`)
}
