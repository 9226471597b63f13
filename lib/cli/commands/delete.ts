// `delete`: removes the stored rows of a flag, after a question in production. Planning and writing are in feature/change/.
import type { Command } from 'commander'
import { quoted } from '../../text/printable.js'
import type { Cli } from '../terminal/io.js'
import { note, print, printJson } from '../terminal/output.js'

interface DeleteOptions {
  readonly reason?: string
  readonly yes?: boolean
  readonly json?: boolean
}

/** `delete NAME`: removes the stored rows; the definition stays. */
export function addDelete(program: Command, cli: Cli): void {
  program
    .command('delete')
    .description('delete what is stored of a flag, so that its default counts again')
    .argument('<name>', 'the flag, defined or not')
    .option('--reason <text>', 'why; kept in the history')
    .option('-y, --yes', 'do not ask in production')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
The definition is a file of your project and stays. A flag of which nothing is stored is fine.

Example:
  bin/feature-flag delete dark_mode --reason "removed in 1.4"`,
    )
    .action((name: string, options: DeleteOptions) => remove(cli, name, options))
}

async function remove(cli: Cli, name: string, { reason, yes, json }: DeleteOptions): Promise<void> {
  const { io } = cli
  const [{ readConfig, withInstance }, { confirmed }, { planRemove }] = await Promise.all([
    import('../session.js'),
    import('../terminal/dialogue.js'),
    import('../../feature/change/plan.js'),
  ])
  const config = await readConfig(cli)
  if (!(await confirmed(cli, config, yes === true, `Delete what is stored of ${quoted(name)}`))) return
  await withInstance(cli, {}, async (instance) => {
    const deleted = await instance.change(planRemove(name), reason === undefined ? {} : { reason })
    if (json) return printJson(io, { name, deleted })
    if (deleted) return print(io, `${name}: deleted${defaultOf(instance.catalog.get(name)?.defaultEnabled)}`)
    const near = instance.catalog.get(name) === undefined ? instance.catalog.suggest(name) : null
    note(io, `Nothing is stored of ${quoted(name)}${near === null ? '' : `; did you mean "${near}"?`}`)
  })
}

function defaultOf(defaultEnabled: boolean | undefined): string {
  return defaultEnabled === undefined ? '' : `; ${defaultEnabled ? 'on' : 'off'} for everybody (by default)`
}
