// `status`: reads the store once and shows its position and health, even if the read fails. The values come from
// `Feature.status()`, which is in feature/feature.ts.
import type { Command } from 'commander'
import { errorText } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import type { Cli } from '../terminal/io.js'
import { printField, printJson } from '../terminal/output.js'

/** `status`: how current the answers are, and where they come from. */
export function addStatus(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('show the database, its position, and whether it can be read')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The exit code is 1 where the database cannot be read.

Example:
  bin/feature-flag status --json | jq .position.version`,
    )
    .action((options: { json?: boolean }) => status(cli, options.json === true))
}

async function status(cli: Cli, json: boolean): Promise<void> {
  const { withInstance } = await import('../session.js')
  await withInstance(cli, { verified: false }, async (instance) => {
    const failure = await failureOf(instance)
    const view = await viewStatus(instance, failure === null)
    if (json) printJson(cli.io, view)
    else for (const [label, value] of linesOf(view)) await printField(cli.io, label, value, 14)
    if (failure !== null) throw failure.error
  })
}

/** The error that keeps the store from being read now, if any: it is thrown after the status is shown. */
async function failureOf({ feature }: Instance): Promise<{ error: unknown } | null> {
  try {
    await feature.refresh()
    return null
  } catch (error) {
    return { error }
  }
}

/** What is wrong with the tables of projects, and the command that helps; null if this login may read them. */
async function faultOfProjects(instance: Instance): Promise<string | null> {
  try {
    await (await instance.projects()).find('1')
    return null
  } catch (error) {
    return errorText(error)
  }
}

async function viewStatus(instance: Instance, isReadable: boolean) {
  const { feature, config, catalog } = instance
  const { storeLabel } = await import('../terminal/store-label.js')
  const { position, source, ageMs, degraded, triggers, warnings } = feature.status()
  return {
    environment: config.env,
    root: config.root,
    database: { kind: config.store.kind, place: storeLabel(config) },
    source,
    position,
    age_ms: ageMs,
    degraded,
    triggers,
    warnings,
    project_flags: isReadable ? { fault: await faultOfProjects(instance) } : null,
    flags: { defined: catalog.all().size, invalid: catalog.faults.length, stored: feature.persistedNames().length },
  }
}

type StatusView = Awaited<ReturnType<typeof viewStatus>>

function linesOf(view: StatusView) {
  const { environment, root, database, source, position, age_ms, triggers, warnings, flags, project_flags } = view
  return [
    ['environment', environment],
    ['root', root],
    ['database', database.place],
    ['source', source],
    ['position', position === null ? 'none' : `${position.version} (${position.nonce})`],
    ['age', age_ms === null ? 'never read' : `${age_ms} ms`],
    ['triggers', triggers === null ? 'none' : triggers.state],
    ['flags', `${flags.defined} defined, ${flags.invalid} invalid, ${flags.stored} stored`],
    ['projects', project_flags === null ? 'not asked' : (project_flags.fault ?? 'readable')],
    ...warnings.map((warning) => ['warning', warning] as const),
  ] as const
}
