// `import`: reads an export from a file or stdin and stores all of it or nothing. The rules for an export are in
// feature/change/export-import.ts.
import type { Command } from 'commander'
import type { FlagOutline } from '../../feature/change/preview/outline.js'
import { refusedChange } from '../views/errors.js'
import type { Cli, Io } from '../terminal/io.js'
import { note, print, printJson } from '../terminal/output.js'
import { counted } from '../../text/counted.js'
import { programName } from '../../text/program-name.js'

interface ImportOptions {
  readonly reason?: string
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/** `import FILE|-`: stores flags exactly as exported, all or none. */
export function addImport(program: Command, cli: Cli): void {
  program
    .command('import')
    .description('store flags exactly as exported, all or none')
    .argument('<file>', "an export, or Flipper's JSON export; - reads stdin")
    .option('--reason <text>', 'why; kept in the history')
    .option('--dry-run', 'show each flag that would change, before and after; store nothing')
    .option('--force', 'also flags without definition')
    .option('-y, --yes', 'do not ask in production')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
Each flag in the file gets exactly the gates it has there; flags that are not in the file stay as they are.

Examples:
  bin/feature-flag import flags.json --dry-run
  bin/feature-flag import flags.json --reason "copied from staging"`,
    )
    .action((file: string, options: ImportOptions) => importAll(cli, file, options))
}

const wanted = () => `give a file that ${programName()} export has written, or Flipper's JSON export`
/** An export of the largest allowed state is far below this. */
const mostBytes = 64 * 1024 * 1024

async function importAll(cli: Cli, file: string, options: ImportOptions): Promise<void> {
  const { reason, dryRun = false, force = false, yes = false, json } = options
  const { io } = cli
  const [{ readConfig, withInstance }, { confirmed }, { planImport }] = await Promise.all([
    import('../session.js'),
    import('../terminal/dialogue.js'),
    import('../../feature/change/export-import.js'),
  ])
  const steps = planImport(await readJson(io, file))
  const question = `Replace the gates of ${counted(steps.length, 'flag')}`
  if (!dryRun && !(await confirmed(cli, await readConfig(cli), yes, question))) return
  await withInstance(cli, { source: 'import' }, async (instance) => {
    const names = steps.map(({ step }) => step.feature)
    const refused = (error: unknown) => {
      throw refusedChange(error, instance, names)
    }
    if (dryRun) return tryOut(io, await instance.previewImport(steps, force).catch(refused), json === true)
    const context = { force, ...(reason === undefined ? {} : { reason }) }
    const write = async () => steps.length > 0 && (await instance.change(steps, context)).changed
    const changed = await write().catch(refused)
    if (json) return printJson(io, { imported: names, changed })
    print(io, `imported ${counted(names.length, 'flag')}`)
    if (!changed) note(io, 'Nothing changed: this is what was stored already.')
  })
}

async function tryOut(io: Io, outlines: readonly FlagOutline[], json: boolean): Promise<void> {
  const changing = outlines.filter(({ changed }) => changed)
  if (json) return printJson(io, { dry_run: true, unchanged: outlines.length - changing.length, flags: changing })
  const { showOutline } = await import('../views/preview.js')
  for (const outline of changing) showOutline(io, outline)
  const unchanged = outlines.length - changing.length
  const others =
    unchanged === 0
      ? ''
      : `; ${counted(unchanged, 'other')} in the file ${unchanged === 1 ? 'is' : 'are'} stored so already`
  note(io, `${counted(changing.length, 'flag')} would change${others}. Nothing was changed (--dry-run).`)
}

async function readJson(io: Io, file: string): Promise<unknown> {
  const [{ errorText, FeatureError }, { nameOf, readText }] = await Promise.all([
    import('../../errors.js'),
    import('../terminal/read-text.js'),
  ])
  const text = await readText(io, file, { mostBytes, what: 'an export of feature flags', remedy: wanted() })
  try {
    const data: unknown = JSON.parse(text)
    return data
  } catch (error) {
    throw new FeatureError('invalid_import', {
      problem: `${nameOf(file)} is not JSON (${errorText(error)}), and nothing was written`,
      remedy: wanted(),
      cause: error,
    })
  }
}
