// `list`: all flags as a table, as lines or as JSON, limited by type or to stored flags. The text of a row is in
// cli/views/flag.ts.
import type { Command } from 'commander'
import { quoted } from '../../text/printable.js'
import type { Cli } from '../terminal/io.js'
import { note, printJson, printTable } from '../terminal/output.js'
import { programName } from '../../text/program-name.js'

interface ListOptions {
  readonly type?: string
  readonly stored?: boolean
  readonly json?: boolean
}

/** `list`: every flag that is defined or stored. */
export function addList(program: Command, cli: Cli): void {
  program
    .command('list')
    .description('show all flags, defined or stored')
    .option('-t, --type <type>', 'only flags of this type')
    .option('--stored', 'only flags of which something is stored')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
In a pipe each line holds, separated by tabs: name, type, state, owner, meaning.

Examples:
  bin/feature-flag list --stored
  bin/feature-flag list --json | jq -r '.[] | select(.state == "on").name'`,
    )
    .action((options: ListOptions) => list(cli, options))
}

async function list(cli: Cli, { type, stored: onlyStored = false, json }: ListOptions): Promise<void> {
  const [{ withInstance }, { viewFlags }, { unknownType }] = await Promise.all([
    import('../session.js'),
    import('../views/flag.js'),
    import('../views/errors.js'),
  ])
  const { io } = cli
  await withInstance(cli, {}, async (instance) => {
    const { config, catalog } = instance
    // A file may have a type of its own, as in production.
    const types = [...config.types.keys(), ...[...catalog.all().values()].map((definition) => definition.type)]
    if (type !== undefined && !types.includes(type)) throw unknownType(type, types)
    const flags = viewFlags(instance).filter(
      ({ stored, definition }) => (type === undefined || definition?.type === type) && (!onlyStored || stored),
    )
    if (json) return printJson(io, flags)
    if (flags.length === 0) return note(io, nothing(type, onlyStored))
    const rows = flags.map(({ name, state, stored, definition, summary }) => [
      name,
      definition?.type ?? '(not defined)',
      stored ? state : 'default',
      definition?.group ?? '',
      summary,
    ])
    await printTable(io, ['NAME', 'TYPE', 'STATE', 'OWNER', 'MEANING'], rows)
  })
}

function nothing(type: string | undefined, onlyStored: boolean): string {
  const ofType = type === undefined ? '' : ` of the type ${quoted(type)}`
  if (onlyStored) return `Nothing is stored of any flag${ofType}.`
  return type === undefined ? `No flags. Define one: ${programName()} NAME` : `There is no flag${ofType}.`
}
