// `project history`: who changed what in a project, when, and why.
import { type Command, InvalidArgumentError } from 'commander'
import { quoted } from '../../../text/printable.js'
import type { Cli } from '../../terminal/io.js'
import { note, printJson, printTable } from '../../terminal/output.js'
import { flagNamed, withProject } from './open-projects.js'

interface HistoryOptions {
  readonly limit: number
  readonly json?: boolean
}

/** `project history PATH [FLAG]`. */
export function addHistory(project: Command, cli: Cli): void {
  project
    .command('history')
    .description('show who changed what in a project, when, and why')
    .argument('<path>', 'the project: its path or id')
    .argument('[flag]', 'only changes of this flag, also under its other names')
    .option('--limit <count>', 'at most this many changes', parseLimit, 50)
    .option('--json', 'as JSON, with the rows before and after each change')
    .addHelpText(
      'after',
      `
The newest change comes first. In a pipe each line holds, separated by tabs: time, what was changed (without FLAG), author, source,
change, reason. Changes made by SQL have the database's user as their author.

Examples:
  bin/feature-flag project history group/shop
  bin/feature-flag project history group/shop new_layout --limit 10`,
    )
    .action((path: string, flag: string | undefined, options: HistoryOptions) => history(cli, path, flag, options))
}

const mostEntries = 10_000

function parseLimit(text: string): number {
  const count = Number(text)
  if (/^\d{1,5}$/.test(text) && count >= 1 && count <= mostEntries) return count
  throw new InvalidArgumentError(`It is a whole number from 1 to ${mostEntries}.`)
}

function history(cli: Cli, path: string, flag: string | undefined, { limit, json }: HistoryOptions): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const [entries, content, { historyRows, shortHistoryRows }, { toHistoryEntity }] = await Promise.all([
      projects.history(project.id, { limit, ...(flag === undefined ? {} : { flag }) }),
      projects.content(project.id),
      import('../../views/project-history.js'),
      import('../../../server/projects/entities.js'),
    ])
    // A deleted flag keeps its history; a name that never was is a slip.
    if (entries.length === 0 && flag !== undefined) await flagNamed(content, flag)
    if (json) return printJson(io, entries.map(toHistoryEntity))
    if (entries.length === 0) return note(io, `${quoted(flag ?? path)} was never changed.`)
    const rowsOf = io.stdout.isTTY === true ? shortHistoryRows : historyRows
    const head = ['WHEN', ...(flag === undefined ? ['WHAT'] : []), 'WHO', 'CHANGE', 'WHY']
    await printTable(io, head, rowsOf(entries, content.lists, flag === undefined))
    if (entries.length === limit) note(io, `Only the newest ${limit} changes are shown; --limit shows more.`)
  })
}
