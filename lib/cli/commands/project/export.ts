// `project export`: the flags and user lists of a project as GitLab's API answers them, to stdout or to a file.
import type { Command } from 'commander'
import { resolve } from 'node:path'
import { printableJson } from '../../../text/printable.js'
import type { Cli } from '../../terminal/io.js'
import { note, printJson } from '../../terminal/output.js'
import { counted } from '../../../text/counted.js'
import { withProject } from './open-projects.js'

/** `project export PATH [FILE]`. */
export function addExport(project: Command, cli: Cli): void {
  project
    .command('export')
    .description('write the flags and user lists of a project as JSON')
    .argument('<path>', 'the project: its path or id')
    .argument('[file]', 'where to; without it to stdout')
    .addHelpText(
      'after',
      `
It holds no instance ID. The answers of GitLab's API for flags and user lists are of the same form: project import reads both.

Examples:
  bin/feature-flag project export group/shop shop.json
  bin/feature-flag project export group/shop | bin/feature-flag project import group/copy - --dry-run`,
    )
    .action((path: string, file: string | undefined) => exportAll(cli, path, file))
}

function exportAll(cli: Cli, path: string, file: string | undefined): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const [content, { flagJson }, { toUserListEntity }, { projectJson }] = await Promise.all([
      projects.content(project.id),
      import('../../views/project-flag.js'),
      import('../../../server/projects/entities.js'),
      import('../../views/project.js'),
    ])
    const { flags, lists } = content
    const all = {
      project: projectJson(content.project),
      feature_flags: flags.map((flag) => flagJson({ flag, content })),
      feature_flags_user_lists: lists.map((list) => toUserListEntity(list, content.project)),
    }
    if (file === undefined || file === '-') return printJson(io, all)
    const { writeAtomically } = await import('../../../definition/files/atomic-write.js')
    // It names users, and may be kept for years.
    writeAtomically(resolve(file), `${printableJson(all)}\n`, 0o600)
    note(io, `${counted(flags.length, 'flag')} and ${counted(lists.length, 'user list')} written to ${file}`)
  })
}
