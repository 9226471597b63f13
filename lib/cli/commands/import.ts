// `import`: reads an export from a file or stdin and stores all of it or nothing. The rules for an export are in
// feature/change/export-import.ts.
import type { Command } from 'commander'
import { refusedChange } from '../views/errors.js'
import type { Cli, Io } from '../terminal/io.js'
import { note, print, printJson } from '../terminal/output.js'
import { counted } from '../../text/counted.js'
import { programName } from '../../text/program-name.js'

interface ImportOptions {
  readonly reason?: string
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
    .option('--force', 'also flags without definition')
    .option('-y, --yes', 'do not ask in production')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
Each flag in the file gets exactly the gates it has there; flags that are not in the file stay as they are.

Example:
  bin/feature-flag import flags.json --reason "copied from staging"`,
    )
    .action((file: string, options: ImportOptions) => importAll(cli, file, options))
}

const wanted = () => `give a file that ${programName()} export has written, or Flipper's JSON export`
/** An export of the largest allowed state is far below this. */
const mostBytes = 64 * 1024 * 1024

async function importAll(cli: Cli, file: string, { reason, force = false, yes, json }: ImportOptions): Promise<void> {
  const { io } = cli
  const [{ readConfig, withInstance }, { confirmed }, { planImport }] = await Promise.all([
    import('../session.js'),
    import('../terminal/dialogue.js'),
    import('../../feature/change/export-import.js'),
  ])
  const steps = planImport(await readJson(io, file))
  const question = `Replace the gates of ${counted(steps.length, 'flag')}`
  if (!(await confirmed(cli, await readConfig(cli), yes === true, question))) return
  await withInstance(cli, { source: 'import' }, async (instance) => {
    const context = { force, ...(reason === undefined ? {} : { reason }) }
    const write = async () => steps.length > 0 && (await instance.change(steps, context)).changed
    const imported = steps.map(({ step }) => step.feature)
    const changed = await write().catch((error: unknown) => {
      throw refusedChange(error, instance, imported)
    })
    if (json) return printJson(io, { imported, changed })
    print(io, `imported ${counted(imported.length, 'flag')}`)
    if (!changed) note(io, 'Nothing changed: this is what was stored already.')
  })
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
