// `diff`: what is different between two points in time. How it is found is in feature/history/diff.ts.
import type { Command } from 'commander'
import type { DiffEnd } from '../../feature/history/diff.js'
import { quoted } from '../../text/printable.js'
import type { Cli } from '../terminal/io.js'
import { note, printJson } from '../terminal/output.js'

interface DiffOptions {
  readonly from: string
  readonly to?: string
  readonly json?: boolean
}

/** `diff [NAME] --from POINT [--to POINT]`: what is stored differently. */
export function addDiff(program: Command, cli: Cli): void {
  program
    .command('diff')
    .description('show what is different in one flag, or in all, between two points in time')
    .argument('[name]', 'the flag; without it all flags')
    .requiredOption('--from <point>', 'the earlier point: 2h, 2026-11-20T10:00Z, a position, a revision or a change')
    .option('--to <point>', 'the later point; now, if it is left out')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Of a change it is the state that the change has left. A revision belongs to one flag, so it needs the name of that flag.
Flags of which some rows were written past the triggers are shown in any case, because it is not known when.

Examples:
  bin/feature-flag diff dark_mode --from 2h
  bin/feature-flag diff --from 2026-11-20T10:00Z --to 2026-11-21T10:00Z`,
    )
    .action((name: string | undefined, options: DiffOptions) => diff(cli, name, options))
}

async function diff(cli: Cli, name: string | undefined, { from, to, json = false }: DiffOptions): Promise<void> {
  const { io } = cli
  const [{ withInstance }, { viewFlag }, { showOutline }, { diffBetween }] = await Promise.all([
    import('../session.js'),
    import('../views/flag.js'),
    import('../views/preview.js'),
    import('../../feature/history/diff.js'),
  ])
  await withInstance(cli, {}, async (instance) => {
    const { past, catalog, feature } = instance
    const asked = { from, ...(to === undefined ? {} : { to }), ...(name === undefined ? {} : { name }) }
    const found = await diffBetween({ past, catalog }, asked)
    const isKnown = name === undefined || found.flags.length > 0
    // A deleted flag keeps its history; a name that never existed is an error.
    if (!isKnown && (await feature.history({ feature: name, limit: 1 })).length === 0) viewFlag(instance, name)
    if (json) return printJson(io, { from: endToJson(found.from), to: endToJson(found.to), flags: found.flags })
    if (found.flags.length === 0)
      return note(io, `Nothing is different${name === undefined ? '' : ` in ${quoted(name)}`}.`)
    for (const flag of found.flags) {
      showOutline(io, flag)
      if (!flag.untracked) continue
      note(
        io,
        `Some rows of ${quoted(flag.name)} were written past the triggers, so it is not certain when they came or went.`,
      )
    }
  })
}

function endToJson({ version, at }: DiffEnd) {
  return { version, at: at?.toISOString() ?? null }
}
