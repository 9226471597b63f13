// `export`: writes all stored flags as JSON, to stdout or to a file. The shape of an export is in
// feature/change/export-import.ts.
import type { Command } from 'commander'
import { resolve } from 'node:path'
import { printableJson } from '../../text/printable.js'
import type { Cli } from '../terminal/io.js'
import { note, printJson } from '../terminal/output.js'
import { counted } from '../../text/counted.js'

/** `export [FILE]`: everything stored, as JSON. */
export function addExport(program: Command, cli: Cli): void {
  program
    .command('export')
    .description('write all stored gates as JSON')
    .argument('[file]', 'where to; without it to stdout')
    .addHelpText(
      'after',
      `
Examples:
  bin/feature-flag export flags.json
  bin/feature-flag export | ssh staging bin/feature-flag import -`,
    )
    .action((file: string | undefined) => exportAll(cli, file))
}

async function exportAll(cli: Cli, file: string | undefined): Promise<void> {
  const { io } = cli
  const { withInstance } = await import('../session.js')
  await withInstance(cli, {}, async ({ feature }) => {
    const state = await feature.export()
    if (file === undefined || file === '-') return printJson(io, state)
    const { writeAtomically } = await import('../../definition/files/atomic-write.js')
    // It names actors, and may be kept for years.
    writeAtomically(resolve(file), `${printableJson(state)}\n`, 0o600)
    note(io, `${counted(state.features.length, 'flag')} written to ${file}`)
  })
}
