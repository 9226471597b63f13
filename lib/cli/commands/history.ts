// `history`: the changes of one flag or of all, with time, author and reason. Turning rows into lines and JSON is in cli/views/history.ts.
import { type Command, InvalidArgumentError } from 'commander'
import { quoted } from '../../text/printable.js'
import type { Cli } from '../terminal/io.js'
import { note, printJson, printTable } from '../terminal/output.js'

interface HistoryOptions {
  readonly limit: number
  readonly json?: boolean
}

/** `history [NAME]`: the changes of one flag or of all, with time, author and reason. */
export function addHistory(program: Command, cli: Cli): void {
  program
    .command('history')
    .description('show who changed a flag, when, and why')
    .argument('[name]', 'the flag; without it all flags')
    .option('--limit <count>', 'at most this many rows of the history', parseLimit, 200)
    .option('--json', 'as JSON, one entry a row')
    .addHelpText(
      'after',
      `
The newest change comes first. In a pipe each line holds, separated by tabs: time, author, source, change, reason;
of all flags: time, flag, author, source, change, reason. Changes made by SQL have the database's user as their author.

Examples:
  bin/feature-flag history dark_mode
  bin/feature-flag history --limit 20`,
    )
    .action((name: string | undefined, options: HistoryOptions) => history(cli, name, options))
}

const mostEntries = 100_000

function parseLimit(text: string): number {
  const count = Number(text)
  if (/^\d{1,6}$/.test(text) && count >= 1 && count <= mostEntries) return count
  throw new InvalidArgumentError(`It is a whole number from 1 to ${mostEntries}.`)
}

async function history(cli: Cli, name: string | undefined, { limit, json }: HistoryOptions): Promise<void> {
  const { io } = cli
  const [{ withInstance }, { viewFlag }, { changesOf, entryToJson }] = await Promise.all([
    import('../session.js'),
    import('../views/flag.js'),
    import('../views/history.js'),
  ])
  await withInstance(cli, {}, async (instance) => {
    const entries = await instance.feature.history({ limit, ...(name === undefined ? {} : { feature: name }) })
    // A deleted flag keeps its history; a name that never existed is an error.
    if (entries.length === 0 && name !== undefined) viewFlag(instance, name)
    if (json) return printJson(io, entries.map(entryToJson))
    if (entries.length === 0) {
      return note(io, name === undefined ? 'No flag was ever changed.' : `${quoted(name)} was never changed.`)
    }
    const head = ['WHEN', ...(name === undefined ? ['FLAG'] : []), 'WHO', 'SOURCE', 'WHAT', 'WHY']
    await printTable(io, head, changesOf(entries, name === undefined))
    if (entries.length === limit) note(io, `Only the newest ${limit} rows are shown; --limit shows more.`)
  })
}
