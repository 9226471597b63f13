// `history`: the changes of one flag or of all, with time, author and reason. Turning rows into lines and JSON is in cli/views/history.ts.
import { type Command, InvalidArgumentError } from 'commander'
import { quoted } from '../../text/printable.js'
import type { HistoryNarrowing } from '../../feature/history/changes-query.js'
import type { FlagChange } from '../../feature/history/flag-history.js'
import type { Instance } from '../../instance/instance.js'
import type { Cli, Io } from '../terminal/io.js'
import { note, printJson, printTable } from '../terminal/output.js'

interface HistoryOptions {
  readonly limit?: number
  readonly author?: string
  readonly source?: string
  readonly since?: string
  readonly changes?: boolean
  readonly json?: boolean
}

/** `history [NAME]`: the changes of one flag or of all, with time, author and reason. */
export function addHistory(program: Command, cli: Cli): void {
  program
    .command('history')
    .description('show who changed a flag, when, and why')
    .argument('[name]', 'the flag; without it all flags')
    .option('--author <name>', 'only changes of this author, such as cli:ada')
    .option('--source <source>', 'only changes from there: code, cli, console, http, import, sql, untracked')
    .option('--since <point>', 'only changes since: 2h, 2026-11-20T10:00Z, a position or a revision')
    .option('--changes', 'one entry for each change, with its id, however many flags and rows it wrote')
    .option(
      '--limit <count>',
      'at most this many rows (default: 200), or with --changes changes (default: 50)',
      parseLimit,
    )
    .option('--json', 'as JSON, one entry a row, or with --changes one a change')
    .addHelpText(
      'after',
      `
The newest change comes first. In a pipe each line holds, separated by tabs: time, author, source, change, reason;
of all flags: time, flag, author, source, change, reason; with --changes: time, author, source, id, change, reason.
Changes made by SQL have the database's user as their author. What was found to be written past the triggers has the author
"unknown" and the source "untracked".

Examples:
  bin/feature-flag history dark_mode
  bin/feature-flag history --limit 20
  bin/feature-flag history --author cli:ada --since 7d --changes`,
    )
    .action((name: string | undefined, options: HistoryOptions) =>
      options.changes ? changes(cli, name, options) : history(cli, name, options),
    )
}

const mostEntries = 100_000
const defaultLimits = { rows: 200, changes: 50 } as const

function parseLimit(text: string): number {
  const count = Number(text)
  if (/^\d{1,6}$/.test(text) && count >= 1 && count <= mostEntries) return count
  throw new InvalidArgumentError(`It is a whole number from 1 to ${mostEntries}.`)
}

function narrowed(name: string | undefined, { author, source, since: from }: HistoryOptions): HistoryNarrowing {
  const texts = Object.entries({ feature: name, author, source, from })
  return Object.fromEntries(texts.filter(([, value]) => value !== undefined))
}

function isNarrowed({ author, source, since }: HistoryOptions): boolean {
  return author !== undefined || source !== undefined || since !== undefined
}

async function history(cli: Cli, name: string | undefined, options: HistoryOptions): Promise<void> {
  const { io } = cli
  const { limit = defaultLimits.rows, json } = options
  const [{ withInstance }, { changesOf, entryToJson }] = await Promise.all([
    import('../session.js'),
    import('../views/history.js'),
  ])
  await withInstance(cli, {}, async (instance) => {
    const entries = await instance.feature.history({ ...narrowed(name, options), limit })
    if (entries.length === 0) await refuseUnknown(instance, name)
    if (json) return printJson(io, entries.map(entryToJson))
    if (entries.length === 0) return noteNothing(io, name, options)
    const head = ['WHEN', ...(name === undefined ? ['FLAG'] : []), 'WHO', 'SOURCE', 'WHAT', 'WHY']
    await printTable(io, head, changesOf(entries, name === undefined))
    if (entries.length === limit) note(io, `Only the newest ${limit} rows are shown; --limit shows more.`)
  })
}

async function changes(cli: Cli, name: string | undefined, options: HistoryOptions): Promise<void> {
  const { io } = cli
  const { limit = defaultLimits.changes, json } = options
  const [{ withInstance }, { changeLines }, { changeToJson }, { mostChanges }] = await Promise.all([
    import('../session.js'),
    import('../views/history.js'),
    import('../../feature/history/changes-json.js'),
    import('../../feature/history/changes-query.js'),
  ])
  await withInstance(cli, {}, async (instance) => {
    const found: FlagChange[] = []
    let next: string | null = null
    do {
      const page = await instance.feature.changes({
        ...narrowed(name, options),
        ...(next === null ? {} : { before: next }),
        limit: Math.min(limit - found.length, mostChanges),
      })
      found.push(...page.changes)
      next = page.next
    } while (next !== null && found.length < limit)
    if (found.length === 0) await refuseUnknown(instance, name)
    if (json) return printJson(io, found.map(changeToJson))
    if (found.length === 0) return noteNothing(io, name, options)
    await printTable(io, ['WHEN', 'WHO', 'SOURCE', 'CHANGE', 'WHAT', 'WHY'], changeLines(found, name === undefined))
    if (next !== null) note(io, `Only the newest ${limit} changes are shown; --limit shows more.`)
  })
}

/** A deleted flag keeps its history; a name that never existed is an error. */
async function refuseUnknown(instance: Instance, name: string | undefined): Promise<void> {
  if (name === undefined || (await instance.feature.history({ feature: name, limit: 1 })).length > 0) return
  const { viewFlag } = await import('../views/flag.js')
  viewFlag(instance, name)
}

function noteNothing(io: Io, name: string | undefined, options: HistoryOptions): void {
  const what = name === undefined ? 'No flag' : quoted(name)
  const verb = name === undefined ? 'was ever changed' : 'was never changed'
  note(io, `${what} ${verb}${isNarrowed(options) ? ' in this way' : ''}.`)
}
