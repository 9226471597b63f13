// `set`: reads value, targets and options into one request and stores it. The meaning of a request is in
// feature/change/set-request.ts, the text of a refusal in cli/views/errors.ts.
import { type Command, Option } from 'commander'
import type { FlagOperation } from '../../../feature/change/operations.js'
import type { Expected } from '../../../feature/change/change-writer.js'
import type { PlannedStep } from '../../../feature/change/plan.js'
import type { PreviewTerms } from '../../../feature/change/preview/previews.js'
import type { SetRequest } from '../../../feature/change/set-request.js'
import { namedFew } from '../../../definition/named-few.js'
import { FeatureError } from '../../../errors.js'
import { quoted } from '../../../text/printable.js'
import type { Revision } from '../../../state/revision.js'
import type { Cli, Io } from '../../terminal/io.js'
import { note, print, printJson } from '../../terminal/output.js'
import { namedOptions, spelledOption, TargetOptions } from '../../target-options.js'
import { refusedChange } from '../../views/errors.js'
import { unmatchedText } from '../../views/unmatched.js'
import { UsageError } from '../../usage-error.js'

interface SetOptions {
  readonly actors?: boolean
  readonly random?: boolean
  readonly optOut?: boolean
  readonly removeOptOut?: boolean
  readonly reason?: string
  readonly wait?: boolean
  readonly dryRun?: boolean
  readonly if?: string
  readonly yes?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

/** `set NAME VALUE`: like GitLab's admin API and ChatOps. */
export function addSet(program: Command, cli: Cli): void {
  const command = program.command('set')
  command
    .description('turn a flag on or off, for everybody, for some, or for a share')
    .usage('NAME true|false|0-100 [options]\n       bin/feature-flag set NAME --opt-out|--remove-opt-out TARGET')
    .argument('<name>', 'the flag')
    .argument('[value]', 'true, false, or with --actors or --random a number from 0 to 100')
    .addOption(new Option('--actors', 'the number is a percentage of actors, always the same ones').conflicts('random'))
    .addOption(new Option('--random', 'the number is a percentage of checks, at random (deprecated)'))
  const targets = new TargetOptions(command, cli)
  program.hook('preSubcommand', (_, subcommand) => (subcommand === command ? targets.addOwn(program.args) : undefined))
  command
    .addOption(new Option('--opt-out', 'never for these targets, whatever else is set').conflicts('removeOptOut'))
    .addOption(new Option('--remove-opt-out', 'take an opt-out back'))
    .option('--reason <text>', 'why; kept in the history')
    .option('--dry-run', 'show what it would do, and who gains and loses the flag; change nothing')
    .option('--if <revision>', 'only if the flag still has this revision, as --json shows it')
    .option('--wait', 'wait until all processes that share the Redis have the change')
    .option('-y, --yes', 'do not ask, in production or for a large change')
    .option('--force', 'also for a flag without definition, or where a default-on flag turns off for others')
    .option('--json', 'show the result as JSON')
    .addHelpText('after', examples)
    // Said here, because what is too much is most often a target whose option was misspelt: --actors for --actor.
    .allowExcessArguments()
    .action(async (name: string, value: string | undefined, options: SetOptions, { args }: Command) => {
      await refuseLooseActor(value, args.slice(2))
      await set(cli, name, options, requestOf(name, value, options, targets.read({ ...options })))
    })
}

const examples = `
true and false replace everything that was set before; with a target they add it to the list or take it off. A class that the
configuration registers under \`actors\` is a target too: --customer 5 for Customer, --billing-account 5 for BillingAccount.

Examples:
  bin/feature-flag set dark_mode true
  bin/feature-flag set dark_mode 50 --actors --dry-run
  bin/feature-flag set dark_mode 25 --actors --reason "second step of the rollout"
  bin/feature-flag set dark_mode true --project 42,gitlab-org/gitlab --user 7
  bin/feature-flag set dark_mode true --actor Customer:5
  bin/feature-flag set dark_mode --opt-out --user 1`

async function set(cli: Cli, name: string, options: SetOptions, asked: SetRequest): Promise<void> {
  const { io } = cli
  const [{ readConfig, withInstance }, { confirmed, showsPreviews }, { viewFlag }, request, { planOperations }] =
    await Promise.all([
      import('../../session.js'),
      import('../../terminal/dialogue.js'),
      import('../../views/flag.js'),
      import('../../../feature/change/set-request.js'),
      import('../../../feature/change/operations.js'),
    ])
  const expected = options.if === undefined ? null : await readRevision(options.if)
  const config = await readConfig(cli)
  if (options.wait && config.redisUrl === null) {
    throw new UsageError({
      problem: '--wait asks the other processes through Redis, and no Redis is configured',
      remedy: 'set REDIS_URL to the Redis that the processes share, or leave --wait out',
    })
  }
  const operations = await request.operationsOf(name, asked, request.rulesOf(config, spelledOption))
  const steps = planOperations(name, operations, { optOutMustExist: true })
  noteUnknownGroups(io, unknownGroups(steps, config.groups))
  if (options.random) note(io, 'note: --random is deprecated: the answer changes with every check; use --actors')
  if (options.dryRun) return preview(cli, name, operations, expected, options)
  const { reason, force = false, wait = false, yes = false } = options
  const question = `Set ${quoted(name)} to ${describe(asked)}`
  const shows = showsPreviews(io, options.json)
  if (!shows && !(await confirmed(cli, config, yes, question))) return
  let confirmedBy: number | undefined
  const onConfirmed = (processes: number) => {
    confirmedBy = processes
  }
  await withInstance(cli, {}, async (instance) => {
    const context = { force, wait, onConfirmed, ...(reason === undefined ? {} : { reason }) }
    const refused = (error: unknown) => {
      throw refusedChange(error, instance, [name])
    }
    const expect = expected === null ? undefined : new Map([[name, expected]])
    const apply = (revisions: Expected | undefined) =>
      instance.change(steps, context, revisions === undefined ? {} : { expect: revisions })
    const written = shows
      ? await (await import('../../previewed-change.js'))
          .previewedChange(cli, {
            ...{ config, yes, question, what: `the flag ${quoted(name)}`, isExpected: expected !== null },
            preview: async () => [await instance.preview(name, operations, previewTerms(options, expected))],
            apply: (revisions) => apply(expect ?? revisions),
          })
          .catch(refused)
      : await apply(expect).catch(refused)
    if (written === null) return
    const { changed, unmatched } = written
    if (!changed) note(io, 'Nothing changed: this is what was stored already.')
    for (const miss of unmatched) note(io, unmatchedText(miss))
    if (confirmedBy === 0) note(io, noOther)
    const flag = viewFlag(instance, name)
    if (options.json) {
      const missed = unmatched.flatMap(({ things }) => things)
      return printJson(io, {
        ...flag,
        // The change is made: a database that is away right afterwards must not make it look refused.
        revision: await instance.revision(name).catch(() => null),
        ...(missed.length === 0 ? {} : { unmatched: missed }),
        ...(confirmedBy === undefined ? {} : { confirmed_by: confirmedBy }),
      })
    }
    print(io, `${flag.name}: ${flag.summary}`)
    if (confirmedBy) print(io, confirmedBy === 1 ? '1 process has it' : `${confirmedBy} processes have it`)
  })
}

/** Throws UsageError for a text that is not a revision. */
export async function readRevision(text: string): Promise<Revision> {
  const { parseRevision } = await import('../../../state/revision.js')
  const revision = parseRevision(text)
  if (revision !== null) return revision
  throw new UsageError({
    problem: `--if is ${quoted(text)}, which is not the revision of a flag`,
    remedy: 'give the revision that "get NAME --json" shows',
  })
}

/** Shows what the operations would do. Throws what the change would be refused with. */
async function preview(
  cli: Cli,
  name: string,
  operations: readonly FlagOperation[],
  expected: Revision | null,
  options: SetOptions,
): Promise<void> {
  const { io } = cli
  const [{ withInstance }, { showPreview }, { previewToJson }] = await Promise.all([
    import('../../session.js'),
    import('../../views/preview.js'),
    import('../../../feature/change/preview/preview-json.js'),
  ])
  await withInstance(cli, {}, async (instance) => {
    const shown = await instance.preview(name, operations, previewTerms(options, expected)).catch((error: unknown) => {
      throw refusedChange(error, instance, [name])
    })
    if (options.json) return printJson(io, previewToJson(shown))
    showPreview(io, shown, 'result')
    note(
      io,
      shown.changed ? 'Nothing was changed (--dry-run).' : 'Nothing would change: this is what is stored already.',
    )
  })
}

function previewTerms({ force = false }: SetOptions, expected: Revision | null): PreviewTerms {
  return { force, optOutMustExist: true, ...(expected === null ? {} : { expected }) }
}

/** Throws UsageError for an actor in the place of the value, and for any argument after the value. */
async function refuseLooseActor(value: string | undefined, more: readonly string[]): Promise<void> {
  const [tooMuch] = more
  const loose = tooMuch ?? value
  if (loose === undefined) return
  const [{ actorLike }, { ActorClasses }] = await Promise.all([
    import('../../../actors/actor-text.js'),
    import('../../../actors/classes.js'),
  ])
  const actor = actorLike(loose, new ActorClasses())
  if (tooMuch === undefined && actor === null) return
  const problem =
    tooMuch === undefined ? `the value is ${quoted(loose)}` : `there is no place for ${quoted(loose)} after the value`
  const remedy = actor === null ? 'see bin/feature-flag help set' : `did you mean ${spelledOption('actor', actor)}?`
  throw new UsageError({ problem, remedy })
}

/** If there is no process to wait for, the cause is most often a wrong Redis, or a wrong database. */
const noOther =
  'note: no other process that reads this database is connected to this Redis; are DATABASE_URL and REDIS_URL those of the application?'

/** The request. Throws UsageError and FeatureError for words that do not fit together. */
function requestOf(
  name: string,
  value: string | undefined,
  options: SetOptions,
  targets: SetRequest['targets'],
): SetRequest {
  const key = options.actors ? 'percentage_of_actors' : options.random ? 'percentage_of_time' : undefined
  if (options.optOut || options.removeOptOut) {
    const instead = options.optOut ? '--opt-out' : '--remove-opt-out'
    if (value !== undefined) {
      throw new UsageError({
        problem: `${instead} takes the place of the value`,
        remedy: `leave ${quoted(value)} out`,
      })
    }
    return { value: options.optOut ? 'opt_out' : 'remove_opt_out', key, targets }
  }
  if (value === undefined) {
    throw new UsageError({
      problem: `there is no value to set ${quoted(name)} to`,
      remedy: 'give true, false, or a number from 0 to 100 with --actors',
    })
  }
  if (key !== undefined && Object.keys(targets).length > 0) {
    const share = options.actors ? '--actors' : '--random'
    throw new UsageError({
      problem: `${share} and a target (${namedOptions(targets)}) exclude each other`,
      remedy: 'leave one of them out',
    })
  }
  if (key === undefined && /^\d+(?:\.\d+)?$/.test(value)) {
    if (Object.keys(targets).length > 0) {
      throw new UsageError({
        problem: `the percentage ${quoted(value)} cannot be set for a target`,
        remedy: 'give true or false',
      })
    }
    throw new FeatureError('percentage_without_key', {
      problem: `the percentage ${quoted(value)} does not say of what`,
      remedy: 'add --actors (recommended) or --random, or give true or false',
    })
  }
  return { value, key, targets }
}

function noteUnknownGroups(io: Io, groups: readonly string[]): void {
  if (groups.length === 0) return
  const [what, then, who] = groups.length === 1 ? ['group', 'it opens', 'it'] : ['groups', 'they open', 'them']
  const named = namedFew(groups.map(quoted))
  note(io, `note: the configuration has no ${what} ${named}: ${then} nothing until the application registers ${who}`)
}

/** Groups can also be registered in code, which this command does not see. */
function unknownGroups(steps: readonly PlannedStep[], known: ReadonlyMap<string, unknown>): readonly string[] {
  return steps.flatMap(({ step: { operation } }) =>
    operation.kind === 'add' && operation.gate === 'groups' ? operation.values.filter((name) => !known.has(name)) : [],
  )
}

function describe({ value, key, targets }: SetRequest): string {
  const what = key === undefined ? value : `${value} (${key})`
  const whom = Object.entries(targets).map(([kind, list]) => `${kind} ${namedFew((list ?? '').split(','))}`)
  return whom.length === 0 ? `${what} for everybody` : `${what} for ${whom.join(', ')}`
}
