// `project instance-id list|create|retire`: the secrets by which SDKs read the flags of a project.
import type { Command } from 'commander'
import type { InstanceId } from '../../../project-flags/project.js'
import { quoted } from '../../../text/printable.js'
import { programName } from '../../../text/program-name.js'
import type { Cli } from '../../terminal/io.js'
import { moment, note, print, printJson, printTable } from '../../terminal/output.js'
import { agreed, type ChangeOptions, withChangeOptions, withProject } from './open-projects.js'

interface CreateOptions extends ChangeOptions {
  readonly env?: string
}

interface RetireOptions extends ChangeOptions {
  readonly yes?: boolean
  readonly force?: boolean
}

const pathArgument = ['<path>', 'the project: its path or id'] as const

/** `project instance-id …`. */
export function addInstanceId(project: Command, cli: Cli): void {
  const ids = project.command('instance-id').description('list, make and retire the instance IDs of SDKs')
  addList(ids, cli)
  addCreate(ids, cli)
  addRetire(ids, cli)
}

function addList(ids: Command, cli: Cli): void {
  ids
    .command('list')
    .description('show the living instance IDs, without their secrets')
    .argument(...pathArgument)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
In a pipe each line holds, separated by tabs: id, name, environment, made, last used. The secret of one: project configure.

Example:
  bin/feature-flag project instance-id list group/shop`,
    )
    .action((path: string, { json }: { json?: boolean }) => list(cli, path, json === true))
}

function list(cli: Cli, path: string, json: boolean): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const living = await projects.instanceIds(project.id)
    const { toInstanceIdEntity } = await import('../../../server/projects/entities.js')
    if (json)
      return printJson(
        io,
        living.map((one) => toInstanceIdEntity(one)),
      )
    if (living.length === 0) {
      return note(
        io,
        `No living instance IDs. Make one: ${programName()} project instance-id create ${project.path} NAME`,
      )
    }
    const rows = living.map(({ id, name, environment, createdAt, lastUsedAt }) => [
      String(id),
      name,
      environment ?? 'any',
      moment(createdAt),
      lastUsedAt === null ? 'never' : moment(lastUsedAt),
    ])
    await printTable(io, ['ID', 'NAME', 'ENVIRONMENT', 'MADE', 'LAST USED'], rows)
  })
}

function addCreate(ids: Command, cli: Cli): void {
  const command = ids
    .command('create')
    .description('make an instance ID; the others stay good')
    .argument(...pathArgument)
    .argument('<name>', 'who will use it')
    .option('--env <environment>', 'the environment of all SDKs that use it, whatever they call themselves')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
To change an instance ID without a gap: make a new one, give it to the SDKs, and retire the old one when it is not used
any more (project instance-id list shows when each was last used).

Examples:
  bin/feature-flag project instance-id create group/shop web
  bin/feature-flag project instance-id create group/shop workers --env production`,
    )
    .action((path: string, name: string, options: CreateOptions) => create(cli, path, name, options))
}

function create(cli: Cli, path: string, name: string, options: CreateOptions): Promise<void> {
  const { io } = cli
  const environment = options.env?.trim() || null
  return withProject(cli, path, options, async ({ projects, project, by }) => {
    const made = await projects.addInstanceId(project.id, { name, environment }, by)
    if (options.json) {
      const { toInstanceIdEntity } = await import('../../../server/projects/entities.js')
      return printJson(io, toInstanceIdEntity(made, options.dryRun ? null : made.secret))
    }
    if (options.dryRun) return print(io, `would make the instance ID ${name}`)
    print(io, made.secret)
    const where = environment === null ? 'the application name is the environment' : `environment ${environment}`
    note(io, `${quoted(name)} (id ${made.id}, ${where}). Keep it secret.`)
    note(io, `next: ${programName()} project configure ${project.path} --instance-id ${made.id}`)
  })
}

function addRetire(ids: Command, cli: Cli): void {
  const command = ids
    .command('retire')
    .description('end an instance ID')
    .argument(...pathArgument)
    .argument('<id-or-name>', 'the id or the name of the instance ID')
    .option('-y, --yes', 'do not ask in production')
    .option('--force', 'also while SDKs use it')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
One that was used within a day is retired with --force only: SDKs that use it lose their flags, and some never ask again.

Example:
  bin/feature-flag project instance-id retire group/shop web`,
    )
    .action((path: string, idOrName: string, options: RetireOptions) => retire(cli, path, idOrName, options))
}

async function retire(cli: Cli, path: string, idOrName: string, options: RetireOptions): Promise<void> {
  const { io } = cli
  if (!(await agreed(cli, options, `Retire the instance ID ${quoted(idOrName)} of ${path}`))) return
  await withProject(cli, path, options, async ({ projects, project, by }) => {
    const found = await instanceIdNamed(await projects.instanceIds(project.id), project.path, idOrName)
    const { stillUsed } = await import('../../views/project-errors.js')
    await projects.retireInstanceId(project.id, found.id, by, options.force === true).catch((error: unknown) => {
      const instead = `give its SDKs another one first (${programName()} project instance-id create ${project.path} NAME)`
      throw stillUsed(error, instead)
    })
    const retired = options.dryRun !== true
    if (options.json) return printJson(io, { id: found.id, name: found.name, retired })
    print(io, `${retired ? 'retired' : 'would retire'} the instance ID ${found.name} (id ${found.id})`)
  })
}

/**
 * The one with that id, or otherwise with that name. Throws FeatureError (`not_found`, or `invalid_arguments` for a name that several
 * have).
 */
export async function instanceIdNamed<One extends InstanceId>(
  living: readonly One[],
  path: string,
  idOrName: string,
): Promise<One> {
  const byId = living.find(({ id }) => String(id) === idOrName)
  if (byId !== undefined) return byId
  const [first, ...others] = living.filter(({ name }) => name === idOrName)
  if (first !== undefined && others.length === 0) return first
  const { ambiguousInstanceId, unknownInstanceId } = await import('../../views/project-errors.js')
  throw first === undefined
    ? unknownInstanceId(living, path, idOrName)
    : ambiguousInstanceId([first, ...others], idOrName)
}
