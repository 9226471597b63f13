// `delete`: removes the stored rows of a flag, after a question in production. Planning and writing are in feature/change/.
import type { Command } from 'commander'
import type { Instance } from '../../instance/instance.js'
import { quoted } from '../../text/printable.js'
import type { Cli } from '../terminal/io.js'
import { counted } from '../../text/counted.js'
import { note, print, printJson } from '../terminal/output.js'

interface DeleteOptions {
  readonly reason?: string
  readonly yes?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

/** `delete NAME`: removes the stored rows; the definition stays. */
export function addDelete(program: Command, cli: Cli): void {
  program
    .command('delete')
    .description('delete what is stored of a flag, so that its default counts again')
    .argument('<name>', 'the flag')
    .option('--reason <text>', 'why; kept in the history')
    .option('-y, --yes', 'do not ask in production')
    .option('--force', 'also for a flag that this project does not define')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
The definition is a file of your project and stays. With an experiment go the variants of its actors. A flag of which nothing is stored is fine. Several applications
may share a database: what this project does not define is deleted with --force only.

Examples:
  bin/feature-flag delete dark_mode --reason "removed in 1.4"
  bin/feature-flag delete gone_from_the_code --force`,
    )
    .action((name: string, options: DeleteOptions) => remove(cli, name, options))
}

async function remove(cli: Cli, name: string, { reason, yes, force, json }: DeleteOptions): Promise<void> {
  const { io } = cli
  const [{ readConfig, withInstance }, { confirmed }, { planRemove }] = await Promise.all([
    import('../session.js'),
    import('../terminal/dialogue.js'),
    import('../../feature/change/plan.js'),
  ])
  const config = await readConfig(cli)
  if (!(await confirmed(cli, config, yes === true, `Delete what is stored of ${quoted(name)}`))) return
  await withInstance(cli, {}, async (instance) => {
    await refuseForeign(instance, name, force === true)
    const { changed: deleted, forgotten } = await instance.change(
      planRemove(name),
      reason === undefined ? {} : { reason },
    )
    if (json) return printJson(io, { name, deleted, variants_deleted: forgotten })
    const variants = forgotten === 0 ? '' : `; the variants of ${counted(forgotten, 'actor')} went with it`
    if (deleted || forgotten > 0) {
      const shown = name === '' ? quoted(name) : name
      return print(io, `${shown}: deleted${defaultOf(instance.catalog.get(name)?.defaultEnabled)}${variants}`)
    }
    note(io, `Nothing is stored of ${quoted(name)}.`)
  })
}

/** Throws InvalidFeatureFlagError for a flag of another application, unless forced, and for a name that no flag ever had. */
async function refuseForeign(instance: Instance, name: string, force: boolean): Promise<void> {
  const { catalog, feature } = instance
  if (catalog.get(name) !== undefined || catalog.brokenFault(name) !== null) return
  const { foreignFlag } = await import('../views/errors.js')
  if (feature.persisted(name)) {
    if (force) return
    throw foreignFlag(instance, name)
  }
  // A script that deletes a second time is right; a name that never was is a slip.
  if ((await feature.history({ feature: name, limit: 1 })).length > 0) return
  const { viewFlag } = await import('../views/flag.js')
  viewFlag(instance, name)
}

function defaultOf(defaultEnabled: boolean | undefined): string {
  return defaultEnabled === undefined ? '' : `; ${defaultEnabled ? 'on' : 'off'} for everybody (by default)`
}
