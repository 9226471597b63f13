// `project set`: turns a flag of a project on or off, or says whom it is for in one environment; shows what it means there now.
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Wanted } from '../../../../project-flags/changes/environment-change.js'
import type { FlagInput } from '../../../../project-flags/changes/flag-changes.js'
import type { ProjectContent } from '../../../../project-flags/project.js'
import type { FlagOf } from '../../../../project-flags/project-flags.js'
import { programName } from '../../../../text/program-name.js'
import type { Cli } from '../../../terminal/io.js'
import { note } from '../../../terminal/output.js'
import { listNamed } from '../lists/named-list.js'
import {
  agreed,
  flagNamed,
  onCurrentContent,
  type OpenedProject,
  withChangeOptions,
  withProjectToChange,
} from '../open-projects.js'
import { readSetRequest, type SetOptions, type SetRequest, type SetWords, type Whom } from './set-request.js'

/** `project set PATH FLAG …`. */
export function addSet(project: Command, cli: Cli): void {
  const command = project
    .command('set')
    .description('turn a flag on or off, or say whom it is for in an environment')
    .usage('PATH FLAG on|off\n       bin/feature-flag project set PATH FLAG --env ENVIRONMENT --percent 10')
    .argument('<path>', 'the project: its path or id')
    .argument('<flag>', 'the flag')
    .argument('[state]', 'on or off: the whole flag, in all environments')
    .option('--env <environment>', 'the environment to change; all others stay as they are')
    .option('--all', 'for all users there')
    .option('--percent <number>', 'for a share of the users there: 0 to 100', parsePercent)
    .addOption(
      new Option(
        '--by <id>',
        'what the share goes by (default: as before, at first default, the available ID)',
      ).choices(['default', 'userId', 'sessionId', 'random']),
    )
    .option(
      '--percent-of-users <number>',
      "for a share of those with a user ID: GitLab's Percent of users",
      parsePercent,
    )
    .option('--users <ids>', 'for the users with these ids, with commas in between')
    .option('--list <list>', 'for the users of a list, by its name or number')
    .option('--none', 'for no user by a strategy of that environment')
    .option('--description <text>', 'what the flag turns on')
    .option('-y, --yes', 'do not ask in production')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
A flag that is not there is made, if no other one has a similar name. A share that is raised keeps whom it had let in: it keeps its
group. The group of a new share is made from the name of the flag, so that two flags do not pick the same users.

Examples:
  bin/feature-flag project set group/shop new_layout --env production --percent 10
  bin/feature-flag project set group/shop new_layout --env production --users 1,2
  bin/feature-flag project set group/shop new_layout --env 'review/*' --all
  bin/feature-flag project set group/shop new_layout --env staging --list testers --dry-run
  bin/feature-flag project set group/shop new_layout off --reason "too slow"`,
    )
    .action((path: string, flag: string, state: string | undefined, options: SetOptions) =>
      set(cli, { path, name: flag, state }, options),
    )
}

function parsePercent(text: string): string {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 100) return String(Number(text))
  throw new InvalidArgumentError('It is a whole number from 0 to 100.')
}

async function set(cli: Cli, { path, name, state }: SetWords, options: SetOptions): Promise<void> {
  const request = readSetRequest({ path, name, state }, options)
  if (!(await agreed(cli, options, questionFor(path, name, request)))) return
  await withProjectToChange(cli, path, options, async (opened) => {
    await warnOfSlip(cli, opened, name, request)
    const shown = await onCurrentContent(opened, (content) => write(opened, content, name, request))
    const { showChange } = await import('./shown-change.js')
    await showChange(cli, { ...shown, request, options })
  })
}

/** Gives the content before, and the flag before and after. */
async function write(
  { projects, project, by }: OpenedProject,
  content: ProjectContent,
  name: string,
  request: SetRequest,
) {
  const before = content.flags.find((flag) => flag.name === name) ?? null
  if (before === null) {
    if (!makesFlag(request)) await flagNamed(content, name)
    await refuseNearName(content, name)
    const input = await inputFor({ name, strategies: [] }, content, request)
    return { before, content, after: await projects.createFlag(project.id, { name, ...input }, by) }
  }
  const { flagRevision } = await import('../../../../project-flags/project-content.js')
  const input = await inputFor(before, content, request)
  const terms = { ...by, ifMatch: [flagRevision(before, content)] }
  return { before, content, after: await projects.changeFlag(project.id, name, input, terms) }
}

function questionFor(path: string, name: string, { active, there }: SetRequest): string {
  const parts = [
    ...(active === null ? [] : [`${active ? 'on' : 'off'} in all environments`]),
    ...(there === null ? [] : [`${wordsFor(there.whom)} in the environment ${there.environment}`]),
  ]
  return `Set the flag ${name} of ${path}${parts.length === 0 ? '' : ` to ${parts.join(' and ')}`}`
}

function wordsFor(whom: Whom): string {
  switch (whom.kind) {
    case 'all':
      return 'all users'
    case 'none':
      return 'no user'
    case 'percent':
      return `${whom.percent} %`
    case 'percentOfUsers':
      return `${whom.percent} % of users`
    case 'users':
      return 'named users'
    case 'list':
      return `the list ${whom.named}`
  }
}

/** Only what lets users in makes a flag: `off` for a flag that is not there is a slip, and must not look like a success. */
function makesFlag({ there }: SetRequest): boolean {
  return there !== null && there.whom.kind !== 'none'
}

async function refuseNearName({ flags, project }: ProjectContent, name: string): Promise<void> {
  const { nearestOf, similarFlag } = await import('../../../views/project-errors.js')
  const near = nearestOf(
    name,
    flags.map((flag) => flag.name),
  )
  if (near !== undefined) throw similarFlag(project, name, near)
}

async function inputFor(
  flag: Pick<FlagOf['flag'], 'name' | 'strategies'>,
  content: ProjectContent,
  { active, description, there }: SetRequest,
): Promise<FlagInput> {
  const others = content.flags.filter(({ name }) => name !== flag.name)
  const { environmentChange } = await import('../../../../project-flags/changes/environment-change.js')
  return {
    ...(active === null ? {} : { active }),
    ...(description === null ? {} : { description }),
    ...(there === null ? {} : environmentChange(flag, there.environment, await wantedOf(there.whom, content), others)),
  }
}

async function wantedOf(whom: Whom, content: ProjectContent): Promise<Wanted> {
  return whom.kind === 'list' ? { kind: 'list', listId: (await listNamed(content, whom.named)).id } : whom
}

/** A slip in an environment makes a strategy that no SDK ever gets. */
async function warnOfSlip(
  { io }: Cli,
  { projects, project, by }: OpenedProject,
  name: string,
  { there }: SetRequest,
): Promise<void> {
  if (there === null || there.environment.includes('*')) return
  const [{ flags }, ids, { suggestion }] = await Promise.all([
    projects.content(project.id),
    projects.instanceIds(project.id),
    import('../../../../text/suggest.js'),
  ])
  const ofFlags = flags.flatMap(({ strategies }) => strategies.flatMap(({ scopes }) => scopes))
  const known = new Set([
    ...ofFlags.map(({ environmentScope }) => environmentScope).filter((scope) => !scope.includes('*')),
    ...ids.flatMap(({ environment }) => environment ?? []),
  ])
  if (known.has(there.environment)) return
  const near = suggestion(there.environment, known)
  if (near === null) return
  note(io, `note: no strategy of ${project.path} was for "${there.environment}" so far; did you mean "${near}"?`)
  if (there.whom.kind === 'none' || by.dryRun === true) return
  note(io, `  To take it back: ${programName()} project set ${project.path} ${name} --env ${there.environment} --none`)
}
