// `create`: checks name and type, asks for missing values, writes the file of a definition. Questions, rollout issue, the
// refusal of a second definition and `--amend` are in cli/create/; the rules for the file are in definition/rules/.
import type { Command } from 'commander'
import type { Config } from '../../config/config.js'
import type { NewDefinition } from '../../definition/definition.js'
import type { FlagType } from '../../definition/types.js'
import type { Cli } from '../terminal/io.js'
import { quoted } from '../../text/printable.js'
import { print, printLines } from '../terminal/output.js'
import { UsageError } from '../usage-error.js'

interface CreateOptions {
  readonly type: string
  readonly group?: string
  readonly introducedByUrl?: string
  readonly rolloutIssueUrl?: string
  readonly description?: string
  readonly actor?: string
  readonly milestone?: string
  readonly ee?: boolean
  readonly force?: boolean
  readonly dryRun?: boolean
  readonly amend?: boolean
}

/** `create NAME`, and `NAME` alone: GitLab's dialogue for a new definition. */
export function addCreate(program: Command, cli: Cli): void {
  program
    .command('create', { isDefault: true })
    .description('define a new flag: asks what it needs to know and writes the file')
    .usage('NAME [options]')
    .argument('<name>', 'the flag: lower-case letters and digits, joined by single underscores')
    .option('-t, --type <type>', 'what the flag is for', 'development')
    .option('-g, --group <group>', 'the owner, like group::apm or team-x')
    .option('-m, --introduced-by-url <url>', 'the merge request that introduces it')
    .option('-i, --rollout-issue-url <url>', 'the issue of its rollout')
    .option('--description <text>', 'what the flag turns on')
    .option('--actor <kinds>', 'the kind of actor that it is asked for, or several with commas')
    .option('--milestone <version>', 'the version that introduces it (default: of package.json)')
    .option('-e, --ee', 'define it under ee/')
    .option('-f, --force', 'overwrite the file')
    .option('-n, --dry-run', 'show the file without writing it')
    .option('--amend', 'make the file part of the last git commit')
    .addHelpText(
      'after',
      `
Answers can come from a pipe; what may be skipped is skipped at its end.

Examples:
  bin/feature-flag dark_mode
  bin/feature-flag dark_mode -t ops -g group::frontend -m ''
  printf 'group::frontend\\n\\n\\n' | bin/feature-flag dark_mode -n`,
    )
    .action((name: string, options: CreateOptions) => create(cli, name, options))
}

async function create(cli: Cli, name: string, options: CreateOptions): Promise<void> {
  const { readConfig } = await import('../session.js')
  const config = await readConfig(cli)
  const type = await checkedType(name, config, options)
  const path = await placeFor(name, config, options)
  if (options.amend && !options.dryRun) (await import('../create/amend.js')).refuseWithoutCommit(config.root)
  const fields: NewDefinition = {
    name,
    ...(await milestoneOf(config.root, options.milestone)),
    ...(await answer(cli, name, config, type, options)),
    type: type.name,
    defaultEnabled: false,
  }
  await write(cli, config, path, fields, options)
}

async function checkedType(name: string, config: Config, options: CreateOptions): Promise<FlagType> {
  const [{ flagNameFault }, { unknownType }, { FeatureError }] = await Promise.all([
    import('../../definition/name.js'),
    import('../views/errors.js'),
    import('../../errors.js'),
  ])
  const fault = flagNameFault(name)
  if (fault !== null) {
    const better = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_|_$/g, '')
    const remedy = flagNameFault(better) === null ? `how about "${better}"?` : 'choose another one, such as dark_mode'
    throw new FeatureError('invalid_name', { problem: `${quoted(name)} cannot be a flag's name: it ${fault}`, remedy })
  }
  const type = config.types.get(options.type)
  if (type !== undefined) return type
  throw unknownType(options.type, config.types.keys())
}

async function placeFor(name: string, config: Config, options: CreateOptions): Promise<string> {
  const [{ definitionFolders, newDefinitionFolder }, { refuseExisting }] = await Promise.all([
    import('../definition-folders.js'),
    import('../create/existing.js'),
  ])
  const { root, definitionPaths } = config
  const path = `${newDefinitionFolder(definitionPaths, options.ee === true)}/${options.type}/${name}.yml`
  refuseExisting({ root, folders: definitionFolders(definitionPaths), name, path, overwrite: options.force === true })
  return path
}

/** `16.10` is kept as text, otherwise it would lose its zero. */
async function milestoneOf(root: string, given: string | undefined): Promise<{ milestone?: string }> {
  if (given !== undefined) {
    if (/^\d{1,6}\.\d{1,6}(?:\.\d{1,6})?$/.test(given)) return { milestone: given }
    throw new UsageError({
      problem: `the milestone ${quoted(given)} is not a version`,
      remedy: 'write major.minor, such as 1.2',
    })
  }
  const { readPackage } = await import('../create/rollout-issue.js')
  const version = readPackage(root)?.['version']
  const [milestone] = typeof version === 'string' ? (/^\d+\.\d+/.exec(version) ?? []) : []
  return milestone === undefined ? {} : { milestone }
}

async function answer(cli: Cli, name: string, config: Config, type: FlagType, options: CreateOptions) {
  const [{ askAll }, { Dialogue }, { rolloutIssueUrl }, { ActorClasses }] = await Promise.all([
    import('../create/questions.js'),
    import('../terminal/dialogue.js'),
    import('../create/rollout-issue.js'),
    import('../../actors/classes.js'),
  ])
  const otherUrls = await definedUrls(config)
  let opened: InstanceType<typeof Dialogue> | undefined
  const dialogue = () => {
    opened ??= new Dialogue(cli.io)
    return opened
  }
  const newIssueUrl = (mergeRequestUrl: string | null) =>
    rolloutIssueUrl({ name, type: type.name }, { root: config.root, mergeRequestUrl, otherUrls })
  try {
    const { group, introducedByUrl, rolloutIssueUrl: issue, description, actor } = options
    const given = { group, introducedByUrl, rolloutIssueUrl: issue, description, actor }
    return await askAll(given, {
      io: cli.io,
      dialogue,
      isOpen: () => opened !== undefined,
      asksRolloutIssue: type.rolloutIssue,
      classes: new ActorClasses(config.actors),
      newIssueUrl,
    })
  } finally {
    opened?.close()
  }
}

/** URLs in the project's other definitions, read only if they are asked for. */
async function definedUrls({ root, definitionPaths, types }: Config): Promise<() => Iterable<string>> {
  const [{ loadDefinitions }, { definitionFolders }] = await Promise.all([
    import('../../definition/load.js'),
    import('../definition-folders.js'),
  ])
  return () => {
    const loaded = loadDefinitions({ root, paths: definitionFolders(definitionPaths), types, foss: false })
    const urls = [...loaded.definitions.values()].flatMap((one) => [one.rolloutIssueUrl, one.introducedByUrl])
    return urls.filter((url) => url !== null)
  }
}

async function write(
  cli: Cli,
  config: Config,
  path: string,
  fields: NewDefinition,
  options: CreateOptions,
): Promise<void> {
  const [{ toYaml }, { writeAtomically }, { mkdirSync }, { dirname, join }] = await Promise.all([
    import('../../definition/definition.js'),
    import('../../definition/files/atomic-write.js'),
    import('node:fs'),
    import('node:path'),
  ])
  const { io } = cli
  const { root } = config
  const yaml = toYaml(fields)
  if (!options.dryRun) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeAtomically(join(root, path), yaml, 0o644)
  }
  print(io, [{ style: 'green', text: 'create' }, ` ${path}`])
  printLines(io, yaml.trimEnd())
  if (options.dryRun) return
  const { refreshTypes } = await import('../create/refresh-types.js')
  const declared = await refreshTypes(io, config)
  if (!options.amend) return
  const { amendCommit } = await import('../create/amend.js')
  amendCommit(root, declared === null ? [path] : [path, declared], io.stdin.isTTY === true)
}
