// `project create`: a new project, with a first instance ID.
import type { Command } from 'commander'
import { programName } from '../../../text/program-name.js'
import type { Cli } from '../../terminal/io.js'
import { note, print, printJson } from '../../terminal/output.js'
import { type ChangeOptions, withChangeOptions, withProjects } from './open-projects.js'

interface CreateOptions extends ChangeOptions {
  readonly name?: string
}

/** `project create PATH`. */
export function addCreate(project: Command, cli: Cli): void {
  const command = project
    .command('create')
    .description('make a project, with a first instance ID')
    .argument('<path>', 'its address, such as shop or group/shop')
    .option('--name <name>', 'its name for people (default: the path)')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag project create group/shop
  bin/feature-flag project create group/shop --name "The shop" --reason "the spring campaign"`,
    )
    .action((path: string, options: CreateOptions) => create(cli, path, options))
}

function create(cli: Cli, path: string, options: CreateOptions): Promise<void> {
  const { io } = cli
  return withProjects(cli, options, async ({ projects, by }) => {
    const made = await projects.createProject({ path, name: options.name ?? path }, by)
    if (options.json) {
      const { projectJson } = await import('../../views/project.js')
      return printJson(io, projectJson(made))
    }
    if (options.dryRun) return print(io, `would make the project ${made.path}`)
    print(io, `made the project ${made.path} (id ${made.id})`)
    note(io, `next: ${programName()} project configure ${made.path}`)
  })
}
