// `project flags list|show|create|rename|delete`: the flags of a project. Whom they let in is changed by `project set`.
import { type Command, Option } from 'commander'
import type { ProjectFlag } from '../../../project-flags/project-flag.js'
import type { ProjectContent } from '../../../project-flags/project.js'
import { programName } from '../../../text/program-name.js'
import { quoted } from '../../../text/printable.js'
import type { Cli } from '../../terminal/io.js'
import { moment, note, print, printJson, printTable } from '../../terminal/output.js'
import {
  agreed,
  type ChangeOptions,
  flagNamed,
  withChangeOptions,
  withProject,
  withProjectToChange,
} from './open-projects.js'

interface ListOptions {
  readonly state?: 'on' | 'off'
  readonly search?: string
  readonly env?: string
  readonly json?: boolean
}

interface ShowOptions {
  readonly env?: string
  readonly json?: boolean
}

interface CreateOptions extends ChangeOptions {
  readonly description?: string
  readonly off?: boolean
}

interface AskingOptions extends ChangeOptions {
  readonly yes?: boolean
}

const [pathArgument, flagArgument] = [
  ['<path>', 'the project: its path or id'],
  ['<flag>', 'the flag'],
] as const

/** `project flags …`. */
export function addFlags(project: Command, cli: Cli): void {
  const flags = project.command('flags').description('list, show, make, rename and delete the flags of a project')
  addList(flags, cli)
  addShow(flags, cli)
  addCreate(flags, cli)
  addRename(flags, cli)
  addDelete(flags, cli)
}

function addList(flags: Command, cli: Cli): void {
  flags
    .command('list')
    .description('show all flags of a project')
    .argument(...pathArgument)
    .option('--env <environment>', 'what they mean in this environment')
    .addOption(new Option('--state <state>', 'only flags that are on or off').choices(['on', 'off']))
    .option('--search <text>', 'only flags with these words in their name or description')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
In a pipe each line holds, separated by tabs: name, state, whom it is for, description.

Examples:
  bin/feature-flag project flags list group/shop
  bin/feature-flag project flags list group/shop --env production`,
    )
    .action((path: string, options: ListOptions) => list(cli, path, options))
}

function list(cli: Cli, path: string, { env, state, search = '', json }: ListOptions): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const active = state === undefined ? undefined : state === 'on'
    const [content, { describeIn, describeStrategies, flagJson, stateInWords }] = await Promise.all([
      projects.search(project.id, { search, active }),
      import('../../views/project-flag.js'),
    ])
    const { flags: found, lists } = content
    if (json)
      return printJson(
        io,
        found.map((flag) => flagJson({ flag, content })),
      )
    if (found.length === 0) return note(io, nothing(project.path, search !== '' || state !== undefined))
    const rows = found.map((flag) => [
      flag.name,
      stateInWords(flag),
      env === undefined ? describeStrategies(flag.strategies, lists) : describeIn(flag, lists, env.trim()),
      flag.description ?? '',
    ])
    const whom = env === undefined ? 'FOR' : `FOR, IN ${env.trim()}`
    await printTable(io, ['FLAG', 'STATE', whom, 'DESCRIPTION'], rows)
  })
}

function nothing(path: string, isLimited: boolean): string {
  if (isLimited) return 'No flag of the project is like that.'
  return `The project has no flags. Make one: ${programName()} project flags create ${path} NAME`
}

function addShow(flags: Command, cli: Cli): void {
  flags
    .command('show')
    .description('show one flag: its strategies, and what they mean')
    .argument(...pathArgument)
    .argument(...flagArgument)
    .option('--env <environment>', 'what it means in this environment')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag project flags show group/shop new_layout
  bin/feature-flag project flags show group/shop new_layout --env production`,
    )
    .action((path: string, name: string, options: ShowOptions) => show(cli, path, name, options))
}

function show(cli: Cli, path: string, name: string, { env, json }: ShowOptions): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const content = await projects.content(project.id)
    const flag = await flagNamed(content, name)
    const { flagJson } = await import('../../views/project-flag.js')
    if (json) return printJson(io, flagJson({ flag, content }))
    await showFlag(cli, flag, content, env?.trim())
  })
}

async function showFlag(
  { io }: Cli,
  flag: ProjectFlag,
  { lists, project }: ProjectContent,
  environment: string | undefined,
): Promise<void> {
  const { describeIn, describeScopes, describeWhom } = await import('../../views/project-flag.js')
  const state = flag.active ? ({ style: 'green', text: 'on' } as const) : ({ style: 'red', text: 'off' } as const)
  print(io, [{ style: 'bold', text: flag.name }, ': ', state, `  (^${flag.iid}, changed ${moment(flag.updatedAt)})`])
  if (flag.description !== null) print(io, `  ${flag.description}`)
  if (environment !== undefined) {
    print(io, `  in ${environment}: ${describeIn(flag, lists, environment)}`)
  } else if (flag.strategies.length > 0) {
    const rows = flag.strategies.map((one) => [
      describeScopes(one),
      describeWhom(one, lists),
      one.parameters['groupId'] ?? '',
    ])
    await printTable(io, ['ENVIRONMENTS', 'FOR', 'GROUP'], rows)
  }
  if (flag.strategies.length > 0) return
  note(io, 'It has no strategies, so it is on for no user.')
  note(io, `next: ${programName()} project set ${project.path} ${flag.name} --env production --percent 10`)
}

function addCreate(flags: Command, cli: Cli): void {
  const command = flags
    .command('create')
    .description('make a flag; it is on for no user until it has a strategy')
    .argument(...pathArgument)
    .argument(...flagArgument)
    .option('--description <text>', 'what it turns on')
    .option('--off', 'switched off')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag project flags create group/shop new_layout --description "One column"
  bin/feature-flag project set group/shop new_layout --env production --percent 10`,
    )
    .action((path: string, name: string, options: CreateOptions) => create(cli, path, name, options))
}

function create(cli: Cli, path: string, name: string, options: CreateOptions): Promise<void> {
  const { io } = cli
  const { description, off = false, json, dryRun = false } = options
  return withProjectToChange(cli, path, options, async ({ projects, project, by }) => {
    const given = { name, active: !off, ...(description === undefined ? {} : { description }) }
    const made = await projects.createFlag(project.id, given, by)
    const { flagJson } = await import('../../views/project-flag.js')
    if (json) return printJson(io, flagJson(made))
    print(io, `${dryRun ? 'would make' : 'made'} the flag ${name}; it is on for no user yet`)
    if (dryRun) return
    note(io, `next: ${programName()} project set ${project.path} ${name} --env production --percent 10`)
  })
}

function addRename(flags: Command, cli: Cli): void {
  const command = flags
    .command('rename')
    .description('give a flag another name; SDKs that ask for the old one get their fallback')
    .argument(...pathArgument)
    .argument(...flagArgument)
    .argument('<new-name>', 'its new name')
    .option('-y, --yes', 'do not ask in production')
  withChangeOptions(command)
    .addHelpText('after', '\nExample:\n  bin/feature-flag project flags rename group/shop new_layout one_column')
    .action((path: string, name: string, newName: string, options: AskingOptions) =>
      rename(cli, { path, name, newName }, options),
    )
}

interface Renaming {
  readonly path: string
  readonly name: string
  readonly newName: string
}

async function rename(cli: Cli, { path, name, newName }: Renaming, options: AskingOptions): Promise<void> {
  const { io } = cli
  if (!(await agreed(cli, options, `Rename the flag ${quoted(name)} of ${path} to ${quoted(newName)}`))) return
  await withProjectToChange(cli, path, options, async ({ projects, project, content, by }) => {
    await flagNamed(content, name)
    const renamed = await projects.changeFlag(project.id, name, { name: newName }, by)
    const { flagJson } = await import('../../views/project-flag.js')
    if (options.json) return printJson(io, flagJson(renamed))
    if (name === newName) return note(io, 'Nothing changed: that is its name.')
    print(io, `${options.dryRun ? 'would rename' : 'renamed'} ${name} to ${newName}`)
    note(io, `SDKs that ask for ${name} get the fallback of their call from then on.`)
  })
}

function addDelete(flags: Command, cli: Cli): void {
  const command = flags
    .command('delete')
    .description('delete a flag; SDKs that ask for it get their fallback')
    .argument(...pathArgument)
    .argument(...flagArgument)
    .option('-y, --yes', 'do not ask in production')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
Example:
  bin/feature-flag project flags delete group/shop new_layout --reason "shipped"`,
    )
    .action((path: string, name: string, options: AskingOptions) => remove(cli, path, name, options))
}

async function remove(cli: Cli, path: string, name: string, options: AskingOptions): Promise<void> {
  const { io } = cli
  if (!(await agreed(cli, options, `Delete the flag ${quoted(name)} of ${path}`))) return
  await withProjectToChange(cli, path, options, async ({ projects, project, content, by }) => {
    const flag = await flagNamed(content, name)
    const gone = await projects.deleteFlag(project.id, name, by)
    const { describeStrategies, flagJson } = await import('../../views/project-flag.js')
    if (options.json) return printJson(io, flagJson(gone))
    const was = `it was ${flag.active ? 'on' : 'off'}, for ${describeStrategies(flag.strategies, content.lists)}`
    print(io, `${options.dryRun ? 'would delete' : 'deleted'} the flag ${name}; ${was}`)
  })
}
