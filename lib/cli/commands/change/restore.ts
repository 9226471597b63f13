// `restore`: brings a flag back to what it was at a point in the past, after a question where one is needed. What it means in rows is in feature/change/restore/restore.ts.
import type { Command } from 'commander'
import type { Expected } from '../../../feature/change/change-writer.js'
import type { RestorePreview } from '../../../feature/change/restore/restore.js'
import { quoted } from '../../../text/printable.js'
import type { Cli } from '../../terminal/io.js'
import { note, print, printJson } from '../../terminal/output.js'

interface RestoreOptions {
  readonly to: string
  readonly if?: string
  readonly reason?: string
  readonly acceptUntracked?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/** `restore NAME --to POINT`: exactly the rows of then. */
export function addRestore(program: Command, cli: Cli): void {
  program
    .command('restore')
    .description('bring a flag back to exactly what it was at a time, a revision or a change')
    .argument('<name>', 'the flag')
    .requiredOption(
      '--to <point>',
      'a time with an offset, how long ago (2h, 3d), a revision, a position, or the id of a change: as that change has left it',
    )
    .option('--if <revision>', 'only if the flag still has this revision, as --json shows it')
    .option('--reason <text>', 'why; kept in the history')
    .option('--accept-untracked', 'also where a program wrote past the history, so that some rows are only probable')
    .option('--dry-run', 'show what it would do; change nothing')
    .option('-y, --yes', 'do not ask, in production or for a large change')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
What was changed since then goes, also what other people changed. "undo" takes one change back, and leaves later ones alone.

Examples:
  bin/feature-flag restore dark_mode --to 2h --dry-run
  bin/feature-flag restore dark_mode --to 2026-11-20T10:00Z --reason "the rollout went wrong"
  bin/feature-flag restore dark_mode --to 2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11`,
    )
    .action((name: string, options: RestoreOptions) => restore(cli, name, options))
}

async function restore(cli: Cli, name: string, options: RestoreOptions): Promise<void> {
  const { io } = cli
  const [session, { confirmed, showsPreviews }, views, { viewFlag }, { restorePreviewToJson }, { readRevision }] =
    await Promise.all([
      import('../../session.js'),
      import('../../terminal/dialogue.js'),
      import('../../views/preview.js'),
      import('../../views/flag.js'),
      import('../../../feature/change/restore/restore-json.js'),
      import('./set.js'),
    ])
  const config = await session.readConfig(cli)
  const { to, yes = false, dryRun = false, json = false, acceptUntracked = false, reason } = options
  const expected = options.if === undefined ? null : await readRevision(options.if)
  await session.withInstance(cli, {}, async (instance) => {
    const terms = { acceptUntracked, ...(expected === null ? {} : { expect: new Map([[name, expected]]) }) }
    let shown = await instance.restore.preview(name, to, terms)
    const undoneLines = () => views.laterLines('It also undoes', shown.later)
    if (dryRun) {
      if (json) return printJson(io, restorePreviewToJson(shown))
      if (shown.changed) {
        views.showPreview(io, shown, 'result')
        for (const line of undoneLines()) print(io, line)
      }
      return note(io, shown.changed ? 'Nothing was changed (--dry-run).' : sameAsThen(shown))
    }
    const question = `Restore ${quoted(name)}`
    // The position that was found, and not the words: 2h means another moment when the person has answered.
    const point = shown.to.version
    const context = reason === undefined ? {} : { reason }
    const apply = (expect?: Expected) =>
      instance.restore.apply(name, point, context, { ...terms, ...(expect === undefined ? {} : { expect }) })
    const shows = showsPreviews(io, json)
    if (!shows && !(await confirmed(cli, config, yes, question))) return
    const restored = shows
      ? await (await import('../../previewed-change.js')).previewedChange(cli, {
          ...{ config, yes, question, what: `the flag ${quoted(name)}`, isExpected: expected !== null, apply },
          preview: async () => {
            shown = await instance.restore.preview(name, point, terms)
            return [shown]
          },
          below: undoneLines,
        })
      : await apply()
    if (restored === null) return
    const { written } = restored
    if (!written.changed) note(io, sameAsThen(shown))
    const flag = viewFlag(instance, name)
    if (!json) return print(io, `${flag.name}: ${flag.summary}`)
    // The change is made: a database that is away right afterwards must not make it look refused.
    const revision = await instance.revision(name).catch(() => null)
    printJson(io, { ...flag, revision, change_id: written.changed ? written.id : null })
  })
}

function sameAsThen({ name, before }: RestorePreview): string {
  return `Nothing changes: ${quoted(name)} is what it was then (${before.summary}).`
}
