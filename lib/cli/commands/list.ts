// `list`: all flags as a table, as lines, as JSON, or as Markdown for a documentation page, limited by type or to stored flags. The text of
// a row is in cli/views/flag.ts, the page's table in cli/views/documentation-table.ts.
import { type Command, Option } from 'commander'
import { quoted } from '../../text/printable.js'
import type { Cli } from '../terminal/io.js'
import { note, printJson, printLines, printTable } from '../terminal/output.js'
import { programName } from '../../text/program-name.js'
import { UsageError } from '../usage-error.js'

interface ListOptions {
  readonly type?: string
  readonly stored?: boolean
  readonly format: string
  readonly json?: boolean
}

/** `list`: every flag that is defined or stored. */
export function addList(program: Command, cli: Cli): void {
  program
    .command('list')
    .description('show all flags, defined or stored')
    .option('-t, --type <type>', 'only flags of this type')
    .option('--stored', 'only flags of which something is stored')
    .addOption(
      new Option('--format <format>', 'how to show them; markdown: what the definitions say, for a documentation page')
        .choices(['text', 'json', 'markdown'])
        .default('text'),
    )
    .option('--json', 'short for --format json')
    .addHelpText(
      'after',
      `
In a pipe each line holds, separated by tabs: name, type, state, owner, meaning.

Examples:
  bin/feature-flag list --stored
  bin/feature-flag list --format markdown > flags.md
  bin/feature-flag list --json | jq -r '.[] | select(.state == "on").name'`,
    )
    .action((options: ListOptions) => (options.format === 'markdown' ? listDefinitions : list)(cli, options))
}

async function list(cli: Cli, { type, stored: onlyStored = false, format, json }: ListOptions): Promise<void> {
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
    if (json || format === 'json') return printJson(io, flags)
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

/** Opens no database. A broken definition has no row, and makes the command fail: the page would say that there is no such flag. */
async function listDefinitions(cli: Cli, { type, stored, json }: ListOptions): Promise<void> {
  if (stored || json) {
    throw new UsageError({
      problem: `--format markdown shows what the definitions say, and ${json ? '--json' : '--stored'} asks for something else`,
      remedy: 'leave one of the two out',
    })
  }
  const [{ readConfig }, { loadDefinitions }, { definitionFolders }, { unknownType }, { documentationTable }] =
    await Promise.all([
      import('../session.js'),
      import('../../definition/load.js'),
      import('../definition-folders.js'),
      import('../views/errors.js'),
      import('../views/documentation-table.js'),
    ])
  const { root, foss, types, definitionPaths } = await readConfig(cli)
  if (type !== undefined && !types.has(type)) throw unknownType(type, types.keys())
  const { definitions, faults } = loadDefinitions({ root, paths: definitionFolders(definitionPaths), types, foss })
  const wanted = [...definitions.values()].filter((definition) => type === undefined || definition.type === type)
  printLines(cli.io, documentationTable(wanted))
  const broken = new Set(faults.filter(({ severity }) => severity === 'error').map(({ file }) => file))
  if (broken.size === 0) return
  const which =
    broken.size === 1 ? 'one file is broken and has no row' : `${broken.size} files are broken and have no rows`
  note(cli.io, `${which}; ${programName()} validate says why`)
  cli.fail()
}

function nothing(type: string | undefined, onlyStored: boolean): string {
  const ofType = type === undefined ? '' : ` of the type ${quoted(type)}`
  if (onlyStored) return `Nothing is stored of any flag${ofType}.`
  return type === undefined ? `No flags. Define one: ${programName()} NAME` : `There is no flag${ofType}.`
}
