// `get`: one flag in words or as JSON. The facts about a flag, and the meaning of its gates, are in cli/views/flag.ts.
import type { Command } from 'commander'
import type { FlagView } from '../views/flag.js'
import type { Cli } from '../terminal/io.js'
import { print, printField, printJson } from '../terminal/output.js'

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
    const variants = flag.definition?.type === 'experiment' ? await instance.keptVariants(name) : null
    if (json) {
      const shown = { ...flag, revision: await instance.revision(name) }
      return printJson(cli.io, variants === null ? shown : { ...shown, variants: Object.fromEntries(variants) })
    }
    const broken = instance.catalog.brokenFault(name)?.message ?? null
    const path = instance.catalog.get(name)?.path ?? null
    await printFlag(cli, flag, { path, broken, faults: instance.catalog.faultsOf(name).map(faultText), variants })
  })
}

/** Longer lists are for programs, and --json shows all of them. */
const mostShown = 20

interface Source {
  readonly path: string | null
  readonly broken: string | null
  /** The faults of a file that is used although it has them. */
  readonly faults: readonly string[]
  /** How many actors are kept in each variant; null for a flag that is no experiment, and where nothing can be read of it. */
  readonly variants: ReadonlyMap<string, number> | null
}

async function printFlag({ io }: Cli, flag: FlagView, source: Source): Promise<void> {
  const { splitActors } = await import('../../feature/flag-summary.js')
  const { allowed, optedOut } = splitActors(flag.gates)
  print(io, [{ style: 'bold', text: flag.name === '' ? '""' : flag.name }])
  const fields: readonly Field[] = [
    ['means', flag.summary],
    ['state', flag.stored ? flag.state : 'default (nothing is stored)'],
    ['actors', shortened(allowed)],
    ['opted out', shortened(optedOut)],
    ...flag.gates.flatMap(gateField),
    ['actors in', variantCounts(source.variants)],
    ...definitionFields(flag, source),
  ]
  for (const [label, value] of fields) if (value) await printField(io, label, value, 15)
}

type Field = readonly [label: string, value: string | null | undefined]

function gateField(gate: FlagView['gates'][number]): readonly Field[] {
  if (gate.key === 'groups') return [['groups', shortened(gate.value)]]
  if (gate.key === 'percentage_of_actors') return [['% of actors', String(gate.value)]]
  return gate.key === 'percentage_of_time' ? [['% of time', String(gate.value)]] : []
}

function definitionFields({ definition, stored }: FlagView, { path, broken, faults }: Source): readonly Field[] {
  // Several applications may share a database: only the owner of the flag knows whether it may go.
  const undefinedHere = 'none: this project does not define it; another application may use it'
  if (definition === null) return [['definition', broken ?? undefinedHere]]
  const inUse = stored ? ' (does not count: something is stored)' : ''
  return [
    ['default', definition.default_enabled ? `on${inUse}` : 'off'],
    ['type', definition.type],
    ['owner', definition.group],
    ['description', definition.description],
    ['milestone', definition.milestone],
    ['introduced by', definition.introduced_by_url],
    ['rollout', definition.rollout_issue_url],
    ['file', path],
    ...faults.map((fault) => ['fault', fault] as const),
  ]
}

/** `candidate 512, control 488` */
function variantCounts(variants: ReadonlyMap<string, number> | null): string | null {
  if (variants === null) return null
  const counts = [...variants].sort(([a], [b]) => (a < b ? -1 : 1)).map(([variant, actors]) => `${variant} ${actors}`)
  return counts.length === 0 ? 'no variant yet' : counts.join(', ')
}

function shortened(ids: readonly string[]): string {
  const more = ids.length - mostShown
  return ids.slice(0, mostShown).join(', ') + (more > 0 ? ` and ${more} more (--json shows all)` : '')
}
