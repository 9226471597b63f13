// `project delete`: a project with all that it holds.
import type { Command } from 'commander'
import { quoted } from '../../../text/printable.js'
import { programName } from '../../../text/program-name.js'
import type { Cli } from '../../terminal/io.js'
import { print, printJson } from '../../terminal/output.js'
import { counted } from '../../../text/counted.js'
import { agreed, type ChangeOptions, withChangeOptions, withProject } from './open-projects.js'

interface DeleteOptions extends ChangeOptions {
  readonly yes?: boolean
  readonly force?: boolean
}

/** `project delete PATH`. */
export function addDelete(project: Command, cli: Cli): void {
  const command = project
    .command('delete')
    .description('delete a project with its flags, user lists and instance IDs')
    .argument('<path>', 'the project: its path or id')
    .option('-y, --yes', 'do not ask in production')
    .option('--force', 'also while SDKs use it')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
A project that SDKs asked within a day is deleted with --force only: they would lose their flags. Its history stays in
the database. To keep a copy, export it first.

Examples:
  bin/feature-flag project export group/shop shop.json
  bin/feature-flag project delete group/shop --reason "the shop is closed"`,
    )
    .action((path: string, options: DeleteOptions) => remove(cli, path, options))
}

async function remove(cli: Cli, path: string, options: DeleteOptions): Promise<void> {
  const { io } = cli
  if (!(await agreed(cli, options, `Delete the project ${quoted(path)} with all its flags`))) return
  await withProject(cli, path, options, async ({ projects, project, by }) => {
    const { flags, lists } = await projects.content(project.id)
    const { stillUsed } = await import('../../views/project-errors.js')
    await projects.deleteProject(project, by, options.force === true).catch((error: unknown) => {
      throw stillUsed(error, `wait until it is not used (${programName()} project show ${project.path})`)
    })
    const deleted = options.dryRun !== true
    if (options.json) return printJson(io, { id: project.id, path: project.path, deleted })
    const held = `${counted(flags.length, 'flag')} and ${counted(lists.length, 'user list')}`
    print(
      io,
      deleted ? `deleted the project ${project.path} with ${held}` : `would delete ${project.path} with ${held}`,
    )
  })
}
