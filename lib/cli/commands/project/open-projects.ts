// What the commands of `project` have in common: opening the projects for one command, finding the project and the flag that were
// meant, and who changes what and why.
import type { Command } from 'commander'
import type { ProjectFlag } from '../../../project-flags/project-flag.js'
import type { Project, ProjectContent } from '../../../project-flags/project.js'
import type { ChangedBy, ProjectFlags } from '../../../project-flags/project-flags.js'
import type { Cli } from '../../terminal/io.js'
import { note } from '../../terminal/output.js'
import { UsageError } from '../../usage-error.js'

/** The options of every command that changes something. */
export interface ChangeOptions {
  readonly reason?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

export interface Opened {
  readonly projects: ProjectFlags
  /** Who makes the changes of this command, and why. With `dryRun` nothing is written. */
  readonly by: ChangedBy
}

export interface OpenedProject extends Opened {
  readonly project: Project
}

export interface ProjectToChange extends OpenedProject {
  readonly content: ProjectContent
}

/** Adds the options that every change has. */
export function withChangeOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why; kept in the history')
    .option('-n, --dry-run', 'show what would be; write nothing')
    .option('--json', 'show the result as JSON')
}

/** Opens the projects of the database for `use`. A refusal gets a next step that can be typed. */
export async function withProjects(
  cli: Cli,
  options: ChangeOptions,
  use: (opened: Opened) => Promise<void>,
  source: 'cli' | 'import' = 'cli',
): Promise<void> {
  const [{ withInstance }, { commandLineAuthor }, { typedRemedy }] = await Promise.all([
    import('../../session.js'),
    import('../../../instance/create.js'),
    import('../../views/project-errors.js'),
  ])
  const reason = await checkedReason(options.reason)
  const by = { author: commandLineAuthor(), source, reason, dryRun: options.dryRun === true }
  await withInstance(cli, { source, definitions: false }, async (instance) => {
    try {
      await use({ projects: await instance.projects(), by })
    } catch (error) {
      throw typedRemedy(error)
    }
  })
  if (options.dryRun === true) note(cli.io, 'Dry run: nothing was written.')
}

/** The same for one project, by its path or id. Throws FeatureError (`not_found`), which names the path that was probably meant. */
export function withProject(
  cli: Cli,
  idOrPath: string,
  options: ChangeOptions,
  use: (opened: OpenedProject) => Promise<void>,
  source: 'cli' | 'import' = 'cli',
): Promise<void> {
  const useProject = async (opened: Opened) => {
    const project = await opened.projects.find(idOrPath)
    if (project !== null) return use({ ...opened, project })
    const { unknownProject } = await import('../../views/project-errors.js')
    throw unknownProject(idOrPath, await opened.projects.projects())
  }
  return withProjects(cli, options, useProject, source)
}

/** The same for a change of flags or user lists. Throws FeatureError (`forbidden`) where the project's settings forbid it. */
export function withProjectToChange(
  cli: Cli,
  idOrPath: string,
  options: ChangeOptions,
  use: (opened: ProjectToChange) => Promise<void>,
  source: 'cli' | 'import' = 'cli',
): Promise<void> {
  const useProject = async (opened: OpenedProject) => {
    const { frozen } = await import('../../views/project-errors.js')
    const { project } = opened
    if (project.minimumRole === 'no_one_allowed' || project.access === 'disabled') throw frozen(project)
    await use({ ...opened, content: await opened.projects.content(project.id) })
  }
  return withProject(cli, idOrPath, options, useProject, source)
}

/** How often a change is decided anew. */
const mostTries = 4

/**
 * Decides a change on the content as it is, and once more where another process changed the same thing meanwhile: a command says what
 * is to be, and not from what it was made.
 */
export async function onCurrentContent<T>(
  { projects, project }: OpenedProject,
  change: (content: ProjectContent) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await change(await projects.content(project.id))
    } catch (error) {
      const { FeatureError } = await import('../../../errors.js')
      const isStale = error instanceof FeatureError && error.code === 'changed_meanwhile'
      if (!isStale || tries === mostTries) throw error
    }
  }
}

/** The flag of that name. Throws FeatureError (`not_found`), which names the flag that was probably meant. */
export async function flagNamed(content: ProjectContent, name: string): Promise<ProjectFlag> {
  const flag = content.flags.find((one) => one.name === name)
  if (flag !== undefined) return flag
  const { unknownProjectFlag } = await import('../../views/project-errors.js')
  throw unknownProjectFlag(content, name)
}

/** Asks before a change of what SDKs are told, in production and at a terminal. */
export async function agreed(
  cli: Cli,
  { yes, dryRun }: { readonly yes?: boolean; readonly dryRun?: boolean },
  question: string,
): Promise<boolean> {
  if (dryRun === true) return true
  const [{ readConfig }, { confirmed }] = await Promise.all([
    import('../../session.js'),
    import('../../terminal/dialogue.js'),
  ])
  return confirmed(cli, await readConfig(cli), yes === true, question)
}

async function checkedReason(reason: string | undefined): Promise<string | null> {
  if (reason === undefined || reason === '') return null
  const { longestReason } = await import('../../../feature/change/write-context.js')
  if ([...reason].length <= longestReason && !reason.includes('\u0000')) return reason
  throw new UsageError({ problem: 'the reason is too long', remedy: `give at most ${longestReason} characters` })
}
