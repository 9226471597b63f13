// `project …`: flags of projects, which SDKs read. One command a file; rules are in project-flags/, what is shown in cli/views/.
import type { Command } from 'commander'
import type { Cli } from '../../terminal/io.js'
import { addConfigure } from './configure.js'
import { addCreate } from './create.js'
import { addDelete } from './delete.js'
import { addEvaluate } from './evaluate.js'
import { addExport } from './export.js'
import { addFlags } from './flags.js'
import { addHistory } from './history.js'
import { addImport } from './import.js'
import { addInstanceId } from './instance-id.js'
import { addList } from './list.js'
import { addLists } from './lists/lists.js'
import { addSet } from './set/set.js'
import { addSettings } from './settings.js'
import { addShow } from './show.js'

/** In the order in which the help shows them. */
const commands: readonly ((project: Command, cli: Cli) => void)[] = [
  addCreate,
  addList,
  addShow,
  addSettings,
  addDelete,
  addFlags,
  addSet,
  addLists,
  addInstanceId,
  addConfigure,
  addEvaluate,
  addHistory,
  addExport,
  addImport,
]

/** `project …`: everything that a person does with projects. */
export function addProject(program: Command, cli: Cli): void {
  const project = program.command('project').description('flags of projects, which Unleash SDKs read')
  for (const add of commands) add(project, cli)
}
