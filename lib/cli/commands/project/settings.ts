// `project settings`: who may change flags, and how SDKs are served; shows them where nothing is to be changed.
import { type Command, Option } from 'commander'
import type { Project, Settings } from '../../../project-flags/project.js'
import type { Cli } from '../../terminal/io.js'
import { note, print, printField, printJson } from '../../terminal/output.js'
import { agreed, type ChangeOptions, withChangeOptions, withProject } from './open-projects.js'

interface SettingsOptions extends ChangeOptions {
  readonly name?: string
  readonly path?: string
  readonly minimumRole?: Project['minimumRole']
  readonly access?: Project['access']
  readonly streaming?: 'on' | 'off'
  readonly yes?: boolean
}

/** `project settings PATH`. */
export function addSettings(project: Command, cli: Cli): void {
  const command = project
    .command('settings')
    .description('show or change the settings of a project')
    .argument('<path>', 'the project: its path or id')
    .option('--name <name>', 'its name for people')
    .option('--path <new-path>', 'its address; SDKs that name it by path need the new one')
    .addOption(
      new Option('--minimum-role <role>', 'who may change its flags').choices([
        'developer',
        'maintainer',
        'owner',
        'no_one_allowed',
      ]),
    )
    .addOption(
      new Option('--access <access>', 'whether flags are shown and changed; SDKs read them in either case').choices([
        'enabled',
        'disabled',
      ]),
    )
    .addOption(new Option('--streaming <state>', 'whether SDKs that can are told to stream').choices(['on', 'off']))
    .option('-y, --yes', 'do not ask in production')
  withChangeOptions(command)
    .addHelpText(
      'after',
      `
Without an option that changes something, the settings are shown.

Examples:
  bin/feature-flag project settings group/shop
  bin/feature-flag project settings group/shop --minimum-role maintainer
  bin/feature-flag project settings group/shop --minimum-role no_one_allowed --reason "freeze until Monday"
  bin/feature-flag project settings group/shop --streaming on`,
    )
    .action((path: string, options: SettingsOptions) => settings(cli, path, options))
}

async function settings(cli: Cli, path: string, options: SettingsOptions): Promise<void> {
  const wanted = wantedOf(options)
  const isChange = Object.keys(wanted).length > 0
  if (isChange && !(await agreed(cli, options, `Change the settings of the project ${path}`))) return
  const { io } = cli
  await withProject(cli, path, isChange ? options : {}, async ({ projects, project, by }) => {
    const after = isChange ? await projects.changeSettings(project.id, wanted, by) : project
    const { projectJson, settingsRows } = await import('../../views/project.js')
    if (options.json) return printJson(io, projectJson(after))
    print(io, [{ style: 'bold', text: after.path }, ` (id ${after.id})`])
    const rows = settingsRows(after)
    const width = Math.max(...rows.map(([label]) => label.length)) + 2
    for (const [label, value] of rows) await printField(io, label, value, width)
    if (isChange && after.nonce === project.nonce && options.dryRun !== true)
      note(io, 'Nothing changed: it was so already.')
  })
}

function wantedOf({ name, path, minimumRole, access, streaming }: SettingsOptions): Partial<Settings> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(path === undefined ? {} : { path }),
    ...(minimumRole === undefined ? {} : { minimumRole }),
    ...(access === undefined ? {} : { access }),
    ...(streaming === undefined ? {} : { streaming: streaming === 'on' }),
  }
}
