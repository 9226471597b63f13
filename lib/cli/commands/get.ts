// `get`: one flag in words or as JSON. The facts about a flag, and the meaning of its gates, are in cli/views/flag.ts.
import type { Command } from 'commander'
import type { FlagView } from '../views/flag.js'
import type { Cli } from '../terminal/io.js'
import { print, printJson } from '../terminal/output.js'

/** `get NAME`: one flag. */
export function addGet(program: Command, cli: Cli): void {
  program
    .command('get')
    .description('show one flag: state, gates, definition, and what they mean')
    .argument('<name>', 'the flag')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag get dark_mode
  bin/feature-flag get dark_mode --json | jq .state`,
    )
    .action((name: string, options: { json?: boolean }) => get(cli, name, options.json === true))
}

async function get(cli: Cli, name: string, json: boolean): Promise<void> {
  const [{ withInstance }, { viewFlag }, { faultText }] = await Promise.all([
    import('../session.js'),
    import('../views/flag.js'),
    import('../../definition/fault.js'),
  ])
  await withInstance(cli, {}, async (instance) => {
    const flag = viewFlag(instance, name)
    if (json) return printJson(cli.io, flag)
    const broken = instance.catalog.brokenFault(name)?.message ?? null
    const path = instance.catalog.get(name)?.path ?? null
    await printFlag(cli, flag, { path, broken, faults: instance.catalog.faultsOf(name).map(faultText) })
  })
}

/** Longer lists are for programs, and --json shows all of them. */
const mostShown = 20

interface Source {
  readonly path: string | null
  readonly broken: string | null
  /** The faults of a file that is used although it has them. */
  readonly faults: readonly string[]
}

async function printFlag({ io }: Cli, flag: FlagView, { path, broken, faults }: Source): Promise<void> {
  const { splitActors } = await import('../views/flag.js')
  const line = (label: string, value: string | null | undefined) => {
    if (value) print(io, [{ style: 'dim', text: `${label}:`.padEnd(15) }, value])
  }
  const { definition } = flag
  const { allowed, optedOut } = splitActors(flag.gates)
  print(io, [{ style: 'bold', text: flag.name }])
  line('means', flag.summary)
  line('state', flag.stored ? flag.state : 'default (nothing is stored)')
  line('actors', shortened(allowed))
  line('opted out', shortened(optedOut))
  for (const gate of flag.gates) {
    if (gate.key === 'groups') line('groups', shortened(gate.value))
    if (gate.key === 'percentage_of_actors') line('% of actors', String(gate.value))
    if (gate.key === 'percentage_of_time') line('% of time', String(gate.value))
  }
  if (definition === null) {
    // Several applications may share a database: only the owner of the flag knows whether it may go.
    return line('definition', broken ?? 'none: this project does not define it; another application may use it')
  }
  line(
    'default',
    definition.default_enabled ? `on${flag.stored ? ' (does not count: something is stored)' : ''}` : 'off',
  )
  line('type', definition.type)
  line('owner', definition.group)
  line('description', definition.description)
  line('milestone', definition.milestone)
  line('introduced by', definition.introduced_by_url)
  line('rollout', definition.rollout_issue_url)
  line('file', path)
  for (const fault of faults) line('fault', fault)
}

function shortened(ids: readonly string[]): string {
  const more = ids.length - mostShown
  return ids.slice(0, mostShown).join(', ') + (more > 0 ? ` and ${more} more (--json shows all)` : '')
}
