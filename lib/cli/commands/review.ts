// `review`: what a change does to flags, for its reviewer and for CI. What is compared and judged is in review/.
import { type Command, Option } from 'commander'
import type { Config } from '../../config/config.js'
import { errorText } from '../../errors.js'
import type { States } from '../../review/report.js'
import type { Review } from '../../review/review.js'
import { type Cli, Interrupted } from '../terminal/io.js'
import { note, printLines } from '../terminal/output.js'
import { UsageError } from '../usage-error.js'

interface ReviewCommandOptions {
  readonly base: string
  readonly format: string
  readonly json?: boolean
  readonly state?: boolean
  readonly allowDefaultOn?: boolean
}

/** `review --base REF`: opens a database only with `--state`. */
export function addReview(program: Command, cli: Cli): void {
  program
    .command('review')
    .description('show what a change does to flags, and what is wrong with it')
    .requiredOption(
      '--base <ref>',
      'the branch or commit that the change is for; it is compared from where both parted',
    )
    .addOption(
      new Option('--format <format>', 'how to report')
        .choices(['text', 'json', 'markdown', 'github', 'codequality'])
        .default('text'),
    )
    .option('--json', 'short for --format json')
    .option('--state', 'also say what each flag is in the database that is configured')
    .option('--allow-default-on', 'permit new flags that are on by default')
    .addHelpText(
      'after',
      `
Files count as they are now, also before a commit. The exit code is 0 where there is no error (warnings do not count), 1 where there is one.

Examples:
  bin/feature-flag review --base origin/main
  bin/feature-flag review --base origin/main --state
  bin/feature-flag review --base "$CI_MERGE_REQUEST_DIFF_BASE_SHA" --format codequality > gl-code-quality-report.json
  bin/feature-flag review --base origin/main --format markdown > comment.md`,
    )
    .action((options: ReviewCommandOptions) => reviewChange(cli, options))
}

async function reviewChange(cli: Cli, options: ReviewCommandOptions): Promise<void> {
  const [{ readConfig }, { openComparison }, { review }] = await Promise.all([
    import('../session.js'),
    import('../../review/comparison.js'),
    import('../../review/review.js'),
  ])
  const config = await readConfig(cli)
  const opened = openComparison(config.root, options.base)
  if (!opened.ok) throw new UsageError({ ...opened.fault, problem: `--base: ${opened.fault.problem}` })
  const { comparison } = opened
  const result = await review({ config, comparison, allowDefaultOn: options.allowDefaultOn === true })
  const states = options.state ? await readStates(cli, config, result) : null
  await show(cli, result, states, options.json ? 'json' : options.format)
  if (!result.valid) cli.fail()
}

async function show(cli: Cli, result: Review, states: States | null, format: string): Promise<void> {
  if (format === 'text') return (await import('../views/review.js')).showReview(cli.io, result, states)
  if (format === 'markdown') {
    return printLines(cli.io, (await import('../../review/markdown.js')).reviewMarkdown(result, states))
  }
  const { reviewAnnotations, reviewJson } = await import('../../review/report.js')
  if (format === 'json') return printLines(cli.io, reviewJson(result, states))
  const text = reviewAnnotations(result, format === 'github' ? 'github' : 'codequality').trimEnd()
  // A log without a finding has no line.
  if (text !== '') printLines(cli.io, text)
}

/** The review holds without the database: what keeps it from being read is a note. */
async function readStates(cli: Cli, config: Config, result: Review): Promise<States | null> {
  if (!(await isConfigured(config))) {
    note(cli.io, 'note: --state: no database is configured, so the review does not say what flags are now')
    return null
  }
  const [{ withInstance }, { summaryOf }] = await Promise.all([import('../session.js'), import('../views/flag.js')])
  try {
    return await withInstance(cli, {}, async (instance) => {
      const names = new Set(result.flags.flatMap(({ change }) => [change.name, change.before?.name ?? change.name]))
      return new Map([...names].flatMap((name) => summaryOf(instance, name)))
    })
  } catch (error) {
    if (error instanceof Interrupted) throw error
    note(cli.io, `note: --state: the database was not read: ${errorText(error)}`)
    return null
  }
}

/** An embedded database that no process has begun yet holds nothing, and a review does not begin one. */
async function isConfigured({ store, root }: Config): Promise<boolean> {
  if (store.kind === 'postgres') return true
  if (store.kind !== 'embedded') return false
  const [{ existsSync }, { join }] = await Promise.all([import('node:fs'), import('node:path')])
  return existsSync(join(root, '.feature/postgres/data'))
}
