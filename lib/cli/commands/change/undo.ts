// `undo`: takes one change back, on all its flags, after a question where one is needed. What it means in rows is in
// feature/change/restore/undo.ts.
import type { Command } from 'commander'
import { namedFew } from '../../../definition/named-few.js'
import { quoted } from '../../../text/printable.js'
import type { Cli } from '../../terminal/io.js'
import { note, print, printJson } from '../../terminal/output.js'

interface UndoOptions {
  readonly reason?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/** `undo [CHANGE]`: takes one change back. */
export function addUndo(program: Command, cli: Cli): void {
  program
    .command('undo')
    .description('undo one change, your own newest one if none is named')
    .argument('[change]', 'the id of the change, as "history --json" shows it in change_id')
    .option('--reason <text>', 'why; kept in the history')
    .option('--dry-run', 'show what it would do; change nothing')
    .option('-y, --yes', 'do not ask, in production or for a large change')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
A change that changed several flags is undone on all of them. Later changes to other gates of a flag stay. Where what it did was
changed again, nothing is undone.

Examples:
  bin/feature-flag undo --dry-run
  bin/feature-flag undo 2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11 --reason "too many errors"`,
    )
    .action((change: string | undefined, options: UndoOptions) => undo(cli, change, options))
}

async function undo(cli: Cli, change: string | undefined, options: UndoOptions): Promise<void> {
  const { io } = cli
  const [
    { readConfig, withInstance },
    { confirmed, showsPreviews },
    { laterLines, showPreview },
    { undoPreviewToJson },
    { commandLineAuthor },
  ] = await Promise.all([
    import('../../session.js'),
    import('../../terminal/dialogue.js'),
    import('../../views/preview.js'),
    import('../../../feature/change/restore/restore-json.js'),
    import('../../../instance/create.js'),
  ])
  const config = await readConfig(cli)
  const { yes = false, dryRun = false, json = false, reason } = options
  await withInstance(cli, {}, async (instance) => {
    const id = change ?? (await instance.undo.newestBy(commandLineAuthor()))
    let preview = await instance.undo.preview(id)
    const { flags } = preview
    const leftLines = () => laterLines('It leaves', preview.later)
    const names = flags.map(({ name }) => name)
    if (dryRun) {
      if (json) return printJson(io, undoPreviewToJson(preview))
      for (const flag of flags) showPreview(io, flag, 'result')
      for (const line of leftLines()) print(io, line)
      return note(io, 'Nothing was changed (--dry-run).')
    }
    const question = `Undo the change ${quoted(id)} of ${namedFew(names.map(quoted))}`
    const context = reason === undefined ? {} : { reason }
    const shows = showsPreviews(io, json)
    if (!shows && !(await confirmed(cli, config, yes, question))) return
    const undone = shows
      ? await (await import('../../previewed-change.js')).previewedChange(cli, {
          ...{ config, yes, question, what: `the flags of the change ${quoted(id)}`, isExpected: false },
          preview: async () => {
            preview = await instance.undo.preview(id)
            return preview.flags
          },
          below: leftLines,
          apply: (expect) => instance.undo.apply(id, context, { expect }),
        })
      : await instance.undo.apply(id, context)
    if (undone === null) return
    const { written } = undone
    if (!json) {
      for (const { name, after } of flags) print(io, `${name}: ${after.summary}`)
      return
    }
    printJson(io, {
      undone: id,
      change_id: written.changed ? written.id : null,
      flags: flags.map(({ name, after }) => ({ name, ...after })),
    })
  })
}
