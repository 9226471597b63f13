// `project show`: one project: what it holds, its settings, and what its SDKs use.
import type { Command } from 'commander'
import type { InstanceId, ProjectContent } from '../../../project-flags/project.js'
import { programName } from '../../../text/program-name.js'
import type { Cli } from '../../terminal/io.js'
import { moment, note, print, printField, printJson } from '../../terminal/output.js'
import { counted } from '../../../text/counted.js'
import { withProject } from './open-projects.js'

/** `project show PATH`. */
export function addShow(project: Command, cli: Cli): void {
  project
    .command('show')
    .description('show one project: what it holds, and its settings')
    .argument('<path>', 'the project: its path or id')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  bin/feature-flag project show group/shop')
    .action((path: string, options: { json?: boolean }) => show(cli, path, options.json === true))
}

function show(cli: Cli, path: string, json: boolean): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const [content, instanceIds, { projectJson, settingsRows }, { limits }] = await Promise.all([
      projects.content(project.id),
      projects.instanceIds(project.id),
      import('../../views/project.js'),
      import('../../../project-flags/project.js'),
    ])
    if (json) {
      const counts = { flags: content.flags.length, user_lists: content.lists.length, instance_ids: instanceIds.length }
      return printJson(io, { ...projectJson(project), counts })
    }
    print(io, [{ style: 'bold', text: project.path }, ` (id ${project.id})`])
    const rows: readonly (readonly [string, string])[] = [
      ['holds', holds(content, limits.flags)],
      ['instance IDs', usesOf(instanceIds, limits.instanceIds)],
      ...settingsRows(project),
      ['made', moment(project.createdAt)],
      ['changed', moment(project.updatedAt)],
    ]
    const width = Math.max(...rows.map(([label]) => label.length)) + 2
    for (const [label, value] of rows) await printField(io, label, value, width)
    const next = content.flags.length === 0 ? `flags create ${project.path} NAME` : `flags list ${project.path}`
    note(io, `next: ${programName()} project ${next}`)
  })
}

function holds({ flags, lists }: ProjectContent, most: number): string {
  const on = flags.filter(({ active }) => active).length
  return `${flags.length} of ${most} flags (${on} on, ${flags.length - on} off), ${counted(lists.length, 'user list')}`
}

function usesOf(instanceIds: readonly InstanceId[], most: number): string {
  const used = instanceIds.flatMap(({ lastUsedAt }) => (lastUsedAt === null ? [] : [lastUsedAt.getTime()]))
  const last = used.length === 0 ? 'no SDK has used them yet' : `last used ${moment(new Date(Math.max(...used)))}`
  return `${instanceIds.length} of ${most}; ${last}`
}
