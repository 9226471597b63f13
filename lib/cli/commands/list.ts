// `list`: all flags as a table, as lines or as JSON, limited by type or to stored flags. The text of a row is in
// cli/views/flag.ts.
import type { Command } from 'commander'
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

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const [{ withInstance }, { viewFlags }] = await Promise.all([import('../session.js'), import('../views/flag.js')])
  const { io } = cli
  await withInstance(cli, {}, async (instance) => {
    const flags = viewFlags(instance).filter(
      ({ stored, definition }) =>
        (options.type === undefined || definition?.type === options.type) && (!options.stored || stored),
    )
    if (options.json) return printJson(io, flags)
    if (flags.length === 0) return note(io, `No flags. Define one: ${programName()} NAME`)
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
