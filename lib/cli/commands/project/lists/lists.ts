// `project lists list|show|create|change|delete`: user lists, which several flags may name.
import type { Command } from 'commander'
import { namedFew } from '../../../../definition/named-few.js'
import { quoted } from '../../../../text/printable.js'
import { programName } from '../../../../text/program-name.js'
import type { Cli } from '../../../terminal/io.js'
import { moment, note, print, printField, printJson, printTable } from '../../../terminal/output.js'
import { counted } from '../../../../text/counted.js'
import { addChangeList } from './change-list.js'
import { fileOption, idsArgument, readIds } from './list-ids.js'
import { flagsWith, listNamed } from './named-list.js'
import { agreed, type ChangeOptions, withChangeOptions, withProject, withProjectToChange } from '../open-projects.js'

interface CreateOptions extends ChangeOptions {
  readonly file?: string
}

interface DeleteOptions extends ChangeOptions {
  readonly yes?: boolean
}

/** On a terminal; a pipe gets all. */
const mostShown = 100

const [pathArgument, listArgument] = [
  ['<path>', 'the project: its path or id'],
  ['<list>', 'the list: its name, or its number in the project'],
] as const
/** `project lists …`. */
export function addLists(project: Command, cli: Cli): void {
  const lists = project.command('lists').description('list, show, make, change and delete user lists')
  addList(lists, cli)
  addShow(lists, cli)
  addCreate(lists, cli)
  addChangeList(lists, cli)
  addDelete(lists, cli)
}

function addList(lists: Command, cli: Cli): void {
  lists
    .command('list')
    .description('show all user lists of a project')
    .argument(...pathArgument)
    .option('--search <text>', 'only lists with these words in their name')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
In a pipe each line holds, separated by tabs: number, name, how many users, the flags that name it, last change.

Example:
  bin/feature-flag project lists list group/shop`,
    )
    .action((path: string, options: { search?: string; json?: boolean }) => list(cli, path, options))
}

function list(cli: Cli, path: string, { search = '', json }: { search?: string; json?: boolean }): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const [content, { toUserListEntity }, { hasTerms }, { splitIds }] = await Promise.all([
      projects.content(project.id),
      import('../../../../server/projects/entities.js'),
      import('../../../../project-flags/search.js'),
      import('../../../../project-flags/user-ids.js'),
    ])
    const found = content.lists.filter(({ name }) => hasTerms(search, name))
    if (json)
      return printJson(
        io,
        found.map((one) => toUserListEntity(one, content.project)),
      )
    if (found.length === 0) {
      const nothing = search === '' ? 'The project has no user lists.' : `No list has ${quoted(search)} in its name.`
      return note(io, `${nothing} Make one: ${programName()} project lists create ${project.path} NAME IDS`)
    }
    const rows = found.map((one) => [
      String(one.iid),
      one.name,
      String(splitIds(one.userXids).length),
      flagsWith(one, content.flags).join(', '),
      moment(one.updatedAt),
    ])
    await printTable(io, ['NUMBER', 'NAME', 'USERS', 'IN THE FLAGS', 'CHANGED'], rows)
  })
}

function addShow(lists: Command, cli: Cli): void {
  lists
    .command('show')
    .description('show the users of a list, and the flags that name it')
    .argument(...pathArgument)
    .argument(...listArgument)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
In a pipe each line holds one id. A terminal shows the first 100.

Examples:
  bin/feature-flag project lists show group/shop testers
  bin/feature-flag project lists show group/shop testers > testers.txt`,
    )
    .action((path: string, name: string, options: { json?: boolean }) => show(cli, path, name, options.json === true))
}

function show(cli: Cli, path: string, name: string, json: boolean): Promise<void> {
  const { io } = cli
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const [content, { toUserListEntity }, { splitIds }] = await Promise.all([
      projects.content(project.id),
      import('../../../../server/projects/entities.js'),
      import('../../../../project-flags/user-ids.js'),
    ])
    const found = await listNamed(content, name)
    if (json) return printJson(io, toUserListEntity(found, content.project))
    const ids = splitIds(found.userXids)
    if (io.stdout.isTTY !== true) {
      for (const id of ids) print(io, id)
      return
    }
    const users = flagsWith(found, content.flags)
    print(io, [{ style: 'bold', text: found.name }, ` (^${found.iid}, changed ${moment(found.updatedAt)})`])
    await printField(io, 'in the flags', users.length === 0 ? 'none' : users.join(', '), 'in the flags'.length + 2)
    await printField(io, counted(ids.length, 'user'), namedFew(ids, mostShown), 'in the flags'.length + 2)
    if (ids.length > mostShown) note(io, 'In a pipe all ids are shown, one a line.')
  })
}

function addCreate(lists: Command, cli: Cli): void {
  const command = lists
    .command('create')
    .description('make a user list')
    .argument(...pathArgument)
    .argument('<name>', 'its name')
    .argument(...idsArgument)
    .option(...fileOption)
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag project lists create group/shop testers 1 2 3
  bin/feature-flag project lists create group/shop testers --file testers.txt
  psql -Atc "select id from users where beta" | bin/feature-flag project lists create group/shop beta --file -`,
    )
    .action((path: string, name: string, words: readonly string[], options: CreateOptions) =>
      create(cli, { path, name, words }, options),
    )
}

interface Given {
  readonly path: string
  readonly name: string
  readonly words: readonly string[]
}

async function create(cli: Cli, { path, name, words }: Given, options: CreateOptions): Promise<void> {
  const { io } = cli
  const ids = (await readIds(cli, words, options.file)) ?? []
  await withProjectToChange(cli, path, options, async ({ projects, project, content, by }) => {
    const made = await projects.createList(project.id, { name, userXids: ids.join(',') }, by)
    const { toUserListEntity } = await import('../../../../server/projects/entities.js')
    if (options.json) return printJson(io, toUserListEntity(made, content.project))
    print(io, `${options.dryRun ? 'would make' : 'made'} the list ${made.name} with ${counted(ids.length, 'user')}`)
    if (options.dryRun) return
    const example = /^[\w.-]+$/.test(name) ? name : `"${name}"`
    note(io, `next: ${programName()} project set ${project.path} FLAG --env production --list ${example}`)
  })
}

function addDelete(lists: Command, cli: Cli): void {
  const command = lists
    .command('delete')
    .description('delete a list that no strategy names')
    .argument(...pathArgument)
    .argument(...listArgument)
    .option('-y, --yes', 'do not ask in production')
  withChangeOptions(command)
    .addHelpText('after', '\nExample:\n  bin/feature-flag project lists delete group/shop testers')
    .action((path: string, name: string, options: DeleteOptions) => remove(cli, path, name, options))
}

async function remove(cli: Cli, path: string, name: string, options: DeleteOptions): Promise<void> {
  const { io } = cli
  if (!(await agreed(cli, options, `Delete the user list ${quoted(name)} of ${path}`))) return
  await withProjectToChange(cli, path, options, async ({ projects, project, content, by }) => {
    const found = await listNamed(content, name)
    await projects.deleteList(project.id, found.iid, by)
    const deleted = options.dryRun !== true
    if (options.json) return printJson(io, { iid: found.iid, name: found.name, deleted })
    print(io, `${deleted ? 'deleted' : 'would delete'} the list ${found.name}`)
  })
}
