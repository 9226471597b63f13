// `explain`: why a flag is on or off, gate by gate; with --all the answers of all flags. How answers are made is in feature/explain/, what
// they look like in cli/views/explanation.ts.
import { type Command, Option } from 'commander'
import type { Actor } from '../../actors/actor.js'
import type { TargetTexts } from '../../actors/targets.js'
import type { Config } from '../../config/config.js'
import type { OnlyFlags } from '../../feature/explain/all-explained.js'
import type { Asked } from '../../feature/explain/answer.js'
import type { AllAsked } from '../../feature/explain/explanations.js'
import type { Instance } from '../../instance/instance.js'
import { quoted } from '../../text/printable.js'
import { programName } from '../../text/program-name.js'
import { spelledOption, TargetOptions } from '../target-options.js'
import type { Cli } from '../terminal/io.js'
import { note, print, printField, printJson, printTable } from '../terminal/output.js'
import { UsageError } from '../usage-error.js'

interface ExplainOptions {
  readonly all?: boolean
  readonly at?: string
  readonly only?: OnlyFlags
  readonly than?: string
  readonly json?: boolean
}

/** `explain NAME ACTOR…`, `explain --all ACTOR…`: why a flag is on or off. */
export function addExplain(program: Command, cli: Cli): void {
  const command = program.command('explain')
  command
    .description('say why a flag is on or off for an actor')
    .usage('NAME [ACTOR...] [options]\n       bin/feature-flag explain --all [ACTOR...] [options]')
    .argument('[words...]', 'the flag, then the actor, such as User:7; with --all the actor alone')
    .option('--at <point>', 'as it was: 2h, 2026-11-20T10:00Z, a position, a revision or a change')
    .option('--all', 'what all flags answer')
    .addOption(
      new Option('--only <which>', 'with --all: flags that are on, or that differ').choices(['on', 'different']),
    )
    .option('--than <actor or point>', 'with --all: compare with another actor, or another time')
  const targets = new TargetOptions(command, cli, { before: 'ask for', without: ['feature_group'] })
  program.hook('preSubcommand', (_, subcommand) => (subcommand === command ? targets.addOwn(program.args) : undefined))
  command
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action((words: readonly string[], options: ExplainOptions) => {
      const texts = targets.read({ ...options })
      return options.all ? explainAll(cli, words, texts, options) : explain(cli, words, texts, options)
    })
}

const examples = `
Several actors are asked at once, as a check with a list of actors is. Without one the answer is that of a check without an actor.
With --only different, flags that differ from their default are shown, or with --than those of which the two answers differ.
In a pipe each line of --all holds, separated by tabs: name, answer, reason, default; with --than the other answer and reason in
place of the default. A question mark is beside an answer that is not certain; --json says why.

Examples:
  bin/feature-flag explain dark_mode User:7
  bin/feature-flag explain dark_mode --user 7 --project gitlab-org/gitlab
  bin/feature-flag explain dark_mode User:7 --at 2h
  bin/feature-flag explain --all User:7 --only on
  bin/feature-flag explain --all User:7 --only different --than User:8
  bin/feature-flag explain --all User:7 --only different --than 2026-11-20T10:00Z`

async function explain(
  cli: Cli,
  words: readonly string[],
  texts: TargetTexts,
  { at, only, than, json }: ExplainOptions,
): Promise<void> {
  const { io } = cli
  const [name, ...actors] = words
  if (name === undefined) {
    throw new UsageError({ problem: 'no flag is named', remedy: 'give its name, or --all for all flags' })
  }
  if (only !== undefined || than !== undefined) {
    const option = only === undefined ? '--than' : '--only'
    throw new UsageError({ problem: `${option} is for all flags`, remedy: 'add --all and leave the name out' })
  }
  const [{ withInstance }, view, { explanationToJson }] = await Promise.all([
    import('../session.js'),
    import('../views/explanation.js'),
    import('../../feature/explain/explanation-json.js'),
  ])
  await withInstance(cli, {}, async (instance) => {
    const asked = await readActors(instance.config, actors, texts)
    const explanation = await instance.explanations.of(name, asked, { at })
    if (explanation.reason === 'unknown') await refuseUnknown(instance, name, at)
    if (json) return printJson(io, explanationToJson(explanation))
    print(io, view.explanationHead(explanation))
    for (const { label, value, style } of view.explanationFields(explanation)) {
      await printField(io, label, value, 14, style)
    }
  })
}

async function explainAll(
  cli: Cli,
  words: readonly string[],
  texts: TargetTexts,
  { at, only, than, json }: ExplainOptions,
): Promise<void> {
  const { io } = cli
  const [{ withInstance }, view, { allExplainedToJson }] = await Promise.all([
    import('../session.js'),
    import('../views/explanation.js'),
    import('../../feature/explain/explanation-json.js'),
  ])
  await withInstance(cli, {}, async ({ config, explanations }) => {
    const asked = await readActors(config, words, texts)
    const other = than === undefined ? undefined : await readOther(config, than, { asked, at })
    const explained = await explanations.all({ asked, at, than: other, only })
    if (json) return printJson(io, allExplainedToJson(explained))
    const whom = view.askedFor(asked.ids)
    if (explained.flags.length === 0) return note(io, `No flag ${only === 'on' ? 'is on' : 'differs'} ${whom}.`)
    const compared = explained.thanAsOf
    const head = ['FLAG', 'ANSWER', 'REASON', ...(compared === null ? ['DEFAULT'] : ['THAN', 'REASON'])]
    await printTable(io, head, view.explainedRows(explained))
    note(io, `ANSWER: ${whom}; ${view.asOfText(explained.asOf)}`)
    if (other !== undefined && compared !== null) {
      note(io, `THAN: ${view.askedFor(other.asked.ids)}; ${view.asOfText(compared)}`)
    }
  })
}

/** Throws FeatureError as `set` does for actors that cannot be read. */
async function readActors(config: Config, words: readonly string[], texts: TargetTexts): Promise<Asked> {
  const [{ actorsAsked }, { parseTargets }, { rulesOf }, { FeatureGroup }] = await Promise.all([
    import('../../feature/explain/asked.js'),
    import('../../actors/targets.js'),
    import('../../feature/change/set-request.js'),
    import('../../actors/groups.js'),
  ])
  const rules = rulesOf(config, spelledOption)
  const named = await parseTargets(texts, { ...rules, removing: false })
  const actors = [
    ...actorsAsked(words, rules.classes).actors,
    ...named.filter((thing): thing is Actor => !(thing instanceof FeatureGroup)),
  ]
  return { actors, ids: actors.map(({ flipperId }) => flipperId) }
}

/** Another time, otherwise another actor. Throws FeatureError for a text that is neither. */
async function readOther(config: Config, text: string, { asked, at }: AllAsked): Promise<AllAsked> {
  const [{ parsePoint }, { namedActor }, { ActorClasses }] = await Promise.all([
    import('../../feature/history/point.js'),
    import('../../actors/actor-text.js'),
    import('../../actors/classes.js'),
  ])
  try {
    parsePoint(text)
    return { asked, at: text }
  } catch (error) {
    if (namedActor(text) === null && new ActorClasses(config.actors).classOf(text) === null) throw error
    return { asked: await readActors(config, [text], {}), at }
  }
}

/** A flag that was deleted has a history. Throws InvalidFeatureFlagError (`unknown_flag`). */
async function refuseUnknown(instance: Instance, name: string, at: string | undefined): Promise<void> {
  if (at !== undefined && (await instance.explanations.wasFlag(name))) return
  const { unknownFlag } = await import('../views/errors.js')
  const problem = `the flag ${quoted(name)} is neither defined nor stored`
  throw unknownFlag(instance, name, { problem, remedy: `${programName()} list shows all flags` })
}
