// Writes a definition or an export. Readers and watchers see the old file or the new one, never a part.
import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ConfigurationError, errorText } from '../../errors.js'

/** Writes a file so that no reader ever sees half of it. Throws ConfigurationError if it cannot be written. */
export function writeAtomically(path: string, content: string, mode: number): void {
  // A dot in front, so that no watcher or loader takes it for a definition.
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`)
  try {
    writeFileSync(temporary, content, { mode, flag: 'wx' })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new ConfigurationError({
      problem: `"${path}" cannot be written: ${errorText(error)}`,
      remedy: 'check that its folder exists and may be written to',
      cause: error,
    })
  }
}
