// `project configure`: what a person needs to set up an SDK: API URL, instance ID, and a program that runs.
import { type Command, Option } from 'commander'
import { FeatureError } from '../../../errors.js'
import type { InstanceId, Project } from '../../../project-flags/project.js'
import { quoted } from '../../../text/printable.js'
import { programName } from '../../../text/program-name.js'
import type { Cli } from '../../terminal/io.js'
import { note, print, printJson, printLines } from '../../terminal/output.js'
import { type Sdk, sdks } from '../../views/sdk-snippets.js'
import { UsageError } from '../../usage-error.js'
import { instanceIdNamed } from './instance-id.js'
import { withProject } from './open-projects.js'

interface ConfigureOptions {
  readonly sdk: Sdk
  readonly url?: string
  readonly env?: string
  readonly instanceId?: string
  readonly json?: boolean
}

/** `project configure PATH`. */
export function addConfigure(project: Command, cli: Cli): void {
  project
    .command('configure')
    .description('show what an SDK needs: API URL, instance ID, and a program that runs')
    .argument('<path>', 'the project: its path or id')
    .addOption(new Option('--sdk <sdk>', 'the language of the program').choices(sdks).default('node'))
    .option('--url <url>', 'where SDKs reach the server (default: http://127.0.0.1 and PORT, or 4242)')
    .option('--env <environment>', 'the environment, which SDKs give as their application name (default: production)')
    .option('--instance-id <id-or-name>', 'which instance ID (default: the newest that fits the environment)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The instance ID is a secret: with it every flag of the project can be read. In a pipe the output is a program that can be saved
and run.

Examples:
  bin/feature-flag project configure group/shop --sdk python --url https://flags.example.com
  bin/feature-flag project configure group/shop --env staging --json
  bin/feature-flag project configure group/shop --sdk curl | sh`,
    )
    .action((path: string, options: ConfigureOptions) => configure(cli, path, options))
}

function configure(cli: Cli, path: string, options: ConfigureOptions): Promise<void> {
  const { io } = cli
  const server = serverUrl(options.url, io.env['PORT'])
  const asked = options.env?.trim()
  return withProject(cli, path, {}, async ({ projects, project }) => {
    const living = await projects.instanceIds(project.id)
    const chosen =
      options.instanceId === undefined
        ? newestFor(living, project, asked)
        : await instanceIdNamed(living, project.path, options.instanceId)
    const { apiUrl, snippet } = await import('../../views/sdk-snippets.js')
    const environment = chosen.environment ?? asked ?? 'production'
    const url = apiUrl(server, project.id)
    if (options.json) return printJson(io, { api_url: url, instance_id: chosen.secret, environment })
    const [first] = (await projects.content(project.id)).flags
    const values = { url, instanceId: chosen.secret, environment, flag: first?.name ?? 'my_flag' }
    const { comment, install, program } = snippet(options.sdk, values)
    // In a pipe all of it is a program that can be saved and run.
    const mark = io.stdout.isTTY === true ? '' : `${comment} `
    print(io, `${mark}API URL:      ${url}`)
    print(io, `${mark}Instance ID:  ${chosen.secret}`)
    print(io, `${mark}Environment:  ${environment} (SDKs give it as their application name)`)
    print(io, `${comment} ${install}`)
    printLines(io, `\n${program}`)
    note(
      io,
      `Keep the instance ID secret: with it every flag of the project can be read. It is ${quoted(chosen.name)}.`,
    )
  })
}

function serverUrl(given: string | undefined, port: string | undefined): string {
  if (given === undefined) return `http://127.0.0.1:${port !== undefined && /^\d{1,5}$/.test(port) ? port : '4242'}`
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given
  throw new UsageError({
    problem: `--url: ${quoted(given)} is no address`,
    remedy: 'give one such as https://flags.example.com',
  })
}

type WithSecret = InstanceId & { readonly secret: string }

/** One without an environment of its own is good for any. */
function newestFor(living: readonly WithSecret[], { path }: Project, asked: string | undefined): WithSecret {
  const fits = living.filter(({ environment }) => asked === undefined || environment === null || environment === asked)
  const own = fits.filter(({ environment }) => environment !== null && environment === asked)
  const newest = own.at(-1) ?? fits.at(-1)
  if (newest !== undefined) return newest
  const which = asked === undefined || living.length === 0 ? '' : ` for the environment ${quoted(asked)}`
  throw new FeatureError('not_found', {
    problem: `the project ${quoted(path)} has no instance ID${which}`,
    remedy: `make one: ${programName()} project instance-id create ${path} NAME`,
  })
}
