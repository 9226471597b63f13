// `project lists change`: users are added to a list, taken off it or replaced, or it gets another name.
import type { Command } from 'commander'
import { quoted } from '../../../../text/printable.js'
import type { Cli } from '../../../terminal/io.js'
import { note, print, printJson } from '../../../terminal/output.js'
import { counted } from '../../../../text/counted.js'
import { UsageError } from '../../../usage-error.js'
import { fileOption, idsArgument, readIds } from './list-ids.js'
import { flagsWith, listNamed } from './named-list.js'
import {
  agreed,
  type ChangeOptions,
  onCurrentContent,
  withChangeOptions,
  withProjectToChange,
} from '../open-projects.js'

interface ChangeListOptions extends ChangeOptions {
  readonly file?: string
  readonly add?: boolean
  readonly remove?: boolean
  readonly replace?: boolean
  readonly name?: string
  readonly yes?: boolean
}

interface Given {
  readonly path: string
  readonly name: string
  readonly words: readonly string[]
}

/** `project lists change PATH LIST [IDS…]`. */
export function addChangeList(lists: Command, cli: Cli): void {
  const command = lists
    .command('change')
    .description('add users to a list, take some off, replace all, or rename it')
    .argument('<path>', 'the project: its path or id')
    .argument('<list>', 'the list: its name, or its number in the project')
    .argument(...idsArgument)
    .option(...fileOption)
    .option('--add', 'add the ids to the list')
    .option('--remove', 'take the ids off the list')
    .option('--replace', 'these ids in place of all that are there')
    .option('--name <name>', 'a new name for the list')
    .option('-y, --yes', 'do not ask in production')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag project lists change group/shop testers --add 7 8
  bin/feature-flag project lists change group/shop testers --remove 3
  bin/feature-flag project lists change group/shop testers --replace --file testers.txt
  bin/feature-flag project lists change group/shop testers --name "Testers of the shop"`,
    )
    .action((path: string, name: string, words: readonly string[], options: ChangeListOptions) =>
      change(cli, { path, name, words }, options),
    )
}

type Mode = 'add' | 'remove' | 'replace'

async function change(cli: Cli, { path, name, words }: Given, options: ChangeListOptions): Promise<void> {
  const { io } = cli
  const mode = modeOf(options, words.length > 0 || options.file !== undefined)
  const ids = mode === null ? [] : ((await readIds(cli, words, options.file)) ?? [])
  if (!(await agreed(cli, options, `Change the user list ${quoted(name)} of ${path}`))) return
  await withProjectToChange(cli, path, options, async (opened) => {
    const [{ toUserListEntity }, { splitIds }] = await Promise.all([
      import('../../../../server/projects/entities.js'),
      import('../../../../project-flags/user-ids.js'),
    ])
    const { projects, project, by } = opened
    await onCurrentContent(opened, async (content) => {
      const found = await listNamed(content, name)
      const before = splitIds(found.userXids)
      const next = mode === null ? before : merged(before, ids, mode)
      const input = {
        ...(mode === null ? {} : { userXids: next.join(',') }),
        ...(options.name === undefined ? {} : { name: options.name }),
      }
      const after = await projects.changeList(project.id, found.iid, input, { ...by, ifMatch: [found.revision] })
      if (options.json) return printJson(io, toUserListEntity(after, content.project))
      print(io, `${after.name}: ${sayChange(before, next, ids, mode)}`)
      const users = flagsWith(found, content.flags)
      if (users.length > 0)
        note(io, `It counts in ${users.length === 1 ? 'the flag' : 'the flags'} ${users.join(', ')}.`)
    })
  })
}

function modeOf({ add, remove, replace, name }: ChangeListOptions, givesIds: boolean): Mode | null {
  const given: Mode[] = [
    ...(add === true ? (['add'] as const) : []),
    ...(remove === true ? (['remove'] as const) : []),
    ...(replace === true ? (['replace'] as const) : []),
  ]
  const [mode = null] = given
  if (given.length > 1) {
    throw new UsageError({ problem: '--add, --remove and --replace exclude each other', remedy: 'give one of them' })
  }
  if (mode === null && givesIds) {
    throw new UsageError({
      problem: 'what is to be done with the ids is missing',
      remedy: 'add --add, --remove or --replace',
    })
  }
  if (mode !== null && !givesIds) {
    throw new UsageError({ problem: `--${mode} needs ids`, remedy: 'give ids as words, or --file FILE' })
  }
  if (mode === null && name === undefined) {
    throw new UsageError({ problem: 'nothing to change was given', remedy: 'give ids with --add, or --name' })
  }
  return mode
}

function merged(before: readonly string[], ids: readonly string[], mode: Mode): readonly string[] {
  const given = new Set(ids)
  switch (mode) {
    case 'add':
      return [...new Set([...before, ...ids])]
    case 'remove':
      return before.filter((id) => !given.has(id))
    case 'replace':
      return ids
  }
}

function sayChange(
  before: readonly string[],
  next: readonly string[],
  ids: readonly string[],
  mode: Mode | null,
): string {
  const [was, is] = [new Set(before), new Set(next)]
  const added = next.filter((id) => !was.has(id)).length
  const removed = before.filter((id) => !is.has(id)).length
  const parts = [
    ...(added > 0 ? [`${added} added`] : []),
    ...(removed > 0 ? [`${removed} taken off`] : []),
    ...(mode === 'add' && added < ids.length ? [`${ids.length - added} there before`] : []),
    ...(mode === 'remove' && removed < ids.length ? [`${ids.length - removed} not on it`] : []),
  ]
  return `${[...parts, counted(next.length, 'user')].join(', ')}`
}
