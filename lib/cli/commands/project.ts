// `project …`: flags of projects, which SDKs read. Rules are in project-flags/; what an SDK is shown is in cli/project/.
import { type Command, Option } from 'commander'
import type { Wanted } from '../../project-flags/environment-change.js'
import type { Project } from '../../project-flags/project.js'
import type { ProjectFlags } from '../../project-flags/project-flags.js'
import { programName } from '../../text/program-name.js'
import type { Cli } from '../terminal/io.js'
import { moment, note, print, printJson, printLines, printTable } from '../terminal/output.js'
import { UsageError } from '../usage-error.js'

interface SetOptions {
  readonly env?: string
  readonly all?: boolean
  readonly none?: boolean
  readonly percent?: string
  readonly by: 'default' | 'userId' | 'sessionId' | 'random'
  readonly users?: string
  readonly reason?: string
  readonly json?: boolean
}

/** `project create|list|set|configure`. */
export function addProject(program: Command, cli: Cli): void {
  const project = program.command('project').description('flags of projects, which Unleash SDKs read')
  addCreate(project, cli)
  addList(project, cli)
  addSet(project, cli)
  addConfigure(project, cli)
}

function addCreate(project: Command, cli: Cli): void {
  project
    .command('create')
    .description('make a project, with a first instance ID')
    .argument('<path>', 'its address, such as shop or group/shop')
    .option('--name <name>', 'its name for people (default: the path)')
    .option('--reason <text>', 'why, for the history')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  bin/feature-flag project create group/shop --name "The shop"')
    .action((path: string, { name, reason, json }: { name?: string; reason?: string; json?: boolean }) =>
      withProjects(cli, async (projects, author) => {
        const made = await projects.createProject({ path, name: name ?? path }, changedBy(author, reason))
        if (json) return printJson(cli.io, projectJson(made))
        print(cli.io, `made the project ${made.path} (id ${made.id})`)
        note(cli.io, `next: ${programName()} project configure ${made.path}`)
      }),
    )
}

function addList(project: Command, cli: Cli): void {
  project
    .command('list')
    .description('show all projects')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  bin/feature-flag project list --json')
    .action(({ json }: { json?: boolean }) =>
      withProjects(cli, async (projects) => {
        const all = await projects.projects()
        if (json) return printJson(cli.io, all.map(projectJson))
        if (all.length === 0) return note(cli.io, `No projects. Make one: ${programName()} project create PATH`)
        const rows = all.map(({ id, path, name, updatedAt }) => [String(id), path, name, moment(updatedAt)])
        await printTable(cli.io, ['ID', 'PATH', 'NAME', 'CHANGED'], rows)
      }),
    )
}

function addSet(project: Command, cli: Cli): void {
  project
    .command('set')
    .description('change a flag of a project; a flag that is not there is made')
    .usage('PATH FLAG on|off\n       bin/feature-flag project set PATH FLAG --env ENVIRONMENT --all')
    .argument('<path>', 'the project: its path or id')
    .argument('<flag>', 'the flag')
    .argument('[state]', 'on or off: the whole flag, in all environments')
    .option('--env <environment>', 'the environment to change; all others stay as they are')
    .option('--all', 'all users there')
    .option('--percent <number>', 'a share of the users there: 0 to 100')
    .addOption(
      new Option('--by <id>', 'what the share goes by')
        .choices(['default', 'userId', 'sessionId', 'random'])
        .default('default'),
    )
    .option('--users <ids>', 'the users with these ids, with commas in between')
    .option('--none', 'no user by a strategy of that environment')
    .option('--reason <text>', 'why, for the history')
    .option('--json', 'show the flag as JSON')
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag project set group/shop new_layout --env production --percent 10
  bin/feature-flag project set group/shop new_layout --env production --users 1,2
  bin/feature-flag project set group/shop new_layout off`,
    )
    .action((path: string, flag: string, state: string | undefined, options: SetOptions) =>
      setFlag(cli, { path, flag }, state, options),
    )
}

interface Named {
  readonly path: string
  readonly flag: string
}

interface Setting {
  readonly projects: ProjectFlags
  readonly project: Project
  readonly flag: string
  readonly author: string
}

async function setFlag(cli: Cli, named: Named, state: string | undefined, options: SetOptions): Promise<void> {
  const wanted = wantedOf(options)
  checkSet(state, wanted, options)
  await withProjects(cli, async (projects, author) => {
    const project = await projects.project(named.path)
    await changeFlag(cli, { projects, project, flag: named.flag, author }, { state, wanted, options })
  })
}

interface Change {
  readonly state: string | undefined
  readonly wanted: Wanted | null
  readonly options: SetOptions
}

async function changeFlag(cli: Cli, setting: Setting, { state, wanted, options }: Change): Promise<void> {
  const { projects, project, flag } = setting
  const by = changedBy(setting.author, options.reason)
  const { environmentChange, strategiesIn } = await import('../../project-flags/environment-change.js')
  const { content } = await ensureFlag(setting, by)
  const before = content.flags.find(({ name }) => name === flag)
  if (before === undefined) throw new TypeError('a flag that was just made is not there')
  const ofEnvironment =
    wanted === null || options.env === undefined ? {} : environmentChange(before, options.env, wanted)
  const active = state === undefined ? {} : { active: state === 'on' }
  const changed = await projects.changeFlag(project.id, flag, { ...ofEnvironment, ...active }, by)
  const { describeStrategy, flagJson } = await import('../views/project-flag.js')
  if (options.json) return printJson(cli.io, flagJson(changed))
  print(cli.io, `${flag}: ${changed.flag.active ? 'on' : 'off for everybody, whatever its strategies say'}`)
  if (options.env === undefined) return
  const there = strategiesIn(changed.flag, options.env)
  print(cli.io, `  in ${options.env}: ${there.length === 0 ? 'no user' : there.map(describeStrategy).join('; and ')}`)
}

/** The flag as it is; made if it is not there. */
async function ensureFlag({ projects, project, flag }: Setting, by: ReturnType<typeof changedBy>) {
  const content = await projects.content(project.id)
  return content.flags.some(({ name }) => name === flag)
    ? { content }
    : projects.createFlag(project.id, { name: flag }, by)
}

function checkSet(state: string | undefined, wanted: Wanted | null, { env }: SetOptions): void {
  if (state !== undefined && state !== 'on' && state !== 'off') {
    throw new UsageError({ problem: `a flag cannot be set to "${state}"`, remedy: 'give on or off' })
  }
  if (wanted !== null && env === undefined) {
    throw new UsageError({ problem: 'the environment is missing', remedy: 'add --env, such as --env production' })
  }
  if (wanted === null && env !== undefined) {
    throw new UsageError({
      problem: `what is to be in "${env}" is missing`,
      remedy: 'add --all, --percent, --users or --none',
    })
  }
  if (state === undefined && wanted === null) {
    throw new UsageError({ problem: 'nothing to change was given', remedy: 'give on or off, or --env with --all' })
  }
}

function wantedOf({ all, none, percent, users, by }: SetOptions): Wanted | null {
  const given: Wanted[] = []
  if (all === true) given.push({ kind: 'all' })
  if (none === true) given.push({ kind: 'none' })
  if (percent !== undefined) given.push({ kind: 'percent', percent, by })
  if (users !== undefined) given.push({ kind: 'users', ids: users })
  if (given.length > 1) {
    throw new UsageError({
      problem: '--all, --percent, --users and --none exclude each other',
      remedy: 'give one of them',
    })
  }
  return given[0] ?? null
}

function addConfigure(project: Command, cli: Cli): void {
  project
    .command('configure')
    .description('show the values that an SDK needs, and a snippet that runs')
    .argument('<path>', 'the project: its path or id')
    .addOption(
      new Option('--sdk <sdk>', 'the language of the snippet')
        .choices(['node', 'python', 'ruby', 'go', 'java', 'curl'])
        .default('node'),
    )
    .option('--url <url>', 'where the server is reached', 'http://127.0.0.1:4242')
    .option('--env <environment>', 'the environment of the snippet', 'production')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  bin/feature-flag project configure group/shop --sdk python')
    .action((path: string, options: { sdk: string; url: string; env: string; json?: boolean }) =>
      withProjects(cli, async (projects) => {
        const found = await projects.project(path)
        const [newest] = (await projects.instanceIds(found.id)).slice(-1)
        if (newest === undefined) {
          const problem = `the project "${found.path}" has no instance ID`
          throw new UsageError({ problem, remedy: 'make one over HTTP: POST /api/v4/projects/:id/instance_ids' })
        }
        const { apiUrl, snippet } = await import('../views/sdk-snippets.js')
        const url = apiUrl(options.url, found.id)
        const environment = newest.environment ?? options.env
        if (options.json) return printJson(cli.io, { api_url: url, instance_id: newest.secret, environment })
        print(cli.io, `API URL:      ${url}`)
        print(cli.io, `Instance ID:  ${newest.secret}`)
        note(cli.io, 'The application name of an SDK is its environment. Keep the instance ID secret.')
        printLines(cli.io, `\n${snippet(options.sdk, { url, instanceId: newest.secret, environment })}`)
      }),
    )
}

async function withProjects(cli: Cli, use: (projects: ProjectFlags, author: string) => Promise<void>): Promise<void> {
  const [{ withInstance }, { commandLineAuthor }] = await Promise.all([
    import('../session.js'),
    import('../../instance/create.js'),
  ])
  await withInstance(cli, {}, async (instance) => use(await instance.projects(), commandLineAuthor()))
}

function changedBy(author: string, reason: string | undefined) {
  return { author, source: 'cli', reason: reason ?? null }
}

function projectJson({ id, path, name, revision, createdAt, updatedAt }: Project) {
  return { id, path, name, revision, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() }
}
