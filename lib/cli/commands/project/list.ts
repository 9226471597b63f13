// `project list`: all projects as a table, as lines or as JSON.
import type { Command } from 'commander'
import { quoted } from '../../../text/printable.js'
import { programName } from '../../../text/program-name.js'
import type { Cli } from '../../terminal/io.js'
import { moment, note, printJson, printTable } from '../../terminal/output.js'
import { withProjects } from './open-projects.js'

interface ListOptions {
  readonly search?: string
  readonly json?: boolean
}

/** `project list`. */
export function addList(project: Command, cli: Cli): void {
  project
    .command('list')
    .description('show all projects')
    .option('--search <text>', 'only projects with these words in their path or name')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
In a pipe each line holds, separated by tabs: id, path, name, last change.

Examples:
  bin/feature-flag project list
  bin/feature-flag project list --search shop --json`,
    )
    .action((options: ListOptions) => list(cli, options))
}

function list(cli: Cli, { search = '', json }: ListOptions): Promise<void> {
  const { io } = cli
  return withProjects(cli, {}, async ({ projects }) => {
    const found = await projects.projects(search)
    if (json) {
      const { projectJson } = await import('../../views/project.js')
      return printJson(io, found.map(projectJson))
    }
    if (found.length === 0) {
      const nothing = search === '' ? 'No projects.' : `No project has ${quoted(search)} in its path or name.`
      return note(io, `${nothing} Make one: ${programName()} project create PATH`)
    }
    const rows = found.map(({ id, path, name, updatedAt }) => [String(id), path, name, moment(updatedAt)])
    await printTable(io, ['ID', 'PATH', 'NAME', 'CHANGED'], rows)
  })
}
