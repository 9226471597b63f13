// `delete`: removes the stored rows of a flag, after a question in production. Planning and writing are in feature/change/.
import type { Command } from 'commander'
import type { Instance } from '../../../instance/instance.js'
import { quoted } from '../../../text/printable.js'
import type { Expected } from '../../../feature/change/change-writer.js'
import type { Preview } from '../../../feature/change/preview/preview.js'
import type { Cli, Io } from '../../terminal/io.js'
import { counted } from '../../../text/counted.js'
import { note, print, printJson } from '../../terminal/output.js'

interface DeleteOptions {
  readonly reason?: string
  readonly dryRun?: boolean
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
    .option('--dry-run', 'show what it would do, and who gains and loses the flag; delete nothing')
    .option('-y, --yes', 'do not ask, in production or for a large change')
    .option('--force', 'also for a flag that this project does not define')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
The definition is a file of your project and stays. With an experiment go the variants of its actors. A flag of which nothing is stored is fine. Several applications
may share a database: what this project does not define is deleted with --force only.

Examples:
  bin/feature-flag delete dark_mode --dry-run
  bin/feature-flag delete dark_mode --reason "removed in 1.4"
  bin/feature-flag delete gone_from_the_code --force`,
    )
    .action((name: string, options: DeleteOptions) => remove(cli, name, options))
}

async function remove(cli: Cli, name: string, options: DeleteOptions): Promise<void> {
  const { reason, dryRun = false, yes = false, force = false, json } = options
  const { io } = cli
  const [{ readConfig, withInstance }, { confirmed, showsPreviews }, { planRemove }] = await Promise.all([
    import('../../session.js'),
    import('../../terminal/dialogue.js'),
    import('../../../feature/change/plan.js'),
  ])
  const config = await readConfig(cli)
  const question = `Delete what is stored of ${quoted(name)}`
  const shows = showsPreviews(io, json) && !dryRun
  if (!shows && !dryRun && !(await confirmed(cli, config, yes, question))) return
  await withInstance(cli, {}, async (instance) => {
    await refuseForeign(instance, name, force)
    const preview = () => instance.preview(name, [{ op: 'delete' }])
    if (dryRun) return tryOut(io, await preview(), await keptVariants(instance, name), json === true)
    const context = reason === undefined ? {} : { reason }
    const apply = (expect?: Expected) =>
      instance.change(planRemove(name), context, expect === undefined ? {} : { expect })
    const made = shows
      ? await (await import('../../previewed-change.js')).previewedChange(cli, {
          ...{ config, yes, question, what: `the flag ${quoted(name)}`, isExpected: false, apply },
          preview: async () => [await preview()],
        })
      : await apply()
    if (made === null) return
    const { changed: deleted, forgotten } = made
    if (json) return printJson(io, { name, deleted, variants_deleted: forgotten })
    const variants = forgotten === 0 ? '' : `; the variants of ${counted(forgotten, 'actor')} went with it`
    if (deleted || forgotten > 0) {
      const shown = name === '' ? quoted(name) : name
      return print(io, `${shown}: deleted${defaultOf(instance.catalog.get(name)?.defaultEnabled)}${variants}`)
    }
    note(io, `Nothing is stored of ${quoted(name)}.`)
  })
}

async function tryOut(io: Io, preview: Preview, variants: number, json: boolean): Promise<void> {
  if (json) {
    const { previewToJson } = await import('../../../feature/change/preview/preview-json.js')
    return printJson(io, { ...previewToJson(preview), variants_deleted: variants })
  }
  if (!preview.changed && variants === 0) return note(io, `Nothing is stored of ${quoted(preview.name)}.`)
  const { showPreview } = await import('../../views/preview.js')
  showPreview(io, preview, 'result')
  if (variants > 0) print(io, `The variants of ${counted(variants, 'actor')} would go with it.`)
  note(io, 'Nothing was deleted (--dry-run).')
}

/** Of how many actors variants of an experiment are kept, which go with the flag. */
async function keptVariants(instance: Instance, name: string): Promise<number> {
  const { type = 'experiment' } = instance.catalog.get(name) ?? {}
  if (type !== 'experiment') return 0
  let kept = 0
  for (const count of (await instance.keptVariants(name))?.values() ?? []) kept += count
  return kept
}

/** Throws InvalidFeatureFlagError for a flag of another application, unless forced, and for a name that no flag ever had. */
async function refuseForeign(instance: Instance, name: string, force: boolean): Promise<void> {
  const { catalog, feature } = instance
  if (catalog.get(name) !== undefined || catalog.brokenFault(name) !== null) return
  const { foreignFlag } = await import('../../views/errors.js')
  if (feature.persisted(name)) {
    if (force) return
    throw foreignFlag(instance, name)
  }
  // A script that deletes a second time is right; a name that never was is a slip.
  if ((await feature.history({ feature: name, limit: 1 })).length > 0) return
  const { viewFlag } = await import('../../views/flag.js')
  viewFlag(instance, name)
}

function defaultOf(defaultEnabled: boolean | undefined): string {
  return defaultEnabled === undefined ? '' : `; ${defaultEnabled ? 'on' : 'off'} for everybody (by default)`
}
