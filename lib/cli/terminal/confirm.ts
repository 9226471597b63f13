import type { Config } from '../../config/config.js'
import { holding } from '../../time/hold.js'
import type { Cli } from './io.js'
import { note } from './output.js'
import { placeOf } from './store-label.js'

/** Asks before a change in production, where a person can answer. False: they said no. Throws Interrupted. */
export async function confirmed(cli: Cli, config: Config, yes: boolean, question: string): Promise<boolean> {
  const { io } = cli
  if (yes || config.env !== 'production' || io.stdin.isTTY !== true || io.stderr.isTTY !== true) return true
  // Nothing to ask for: opening will fail and say what is missing.
  if (config.store.kind === 'missing') return true
  // The question names the database, and a function may have to say first which one it is.
  if (config.database !== null) await holding(config.database.resolveOnce())
  const { Dialogue } = await import('./dialogue.js')
  const dialogue = new Dialogue(io)
  try {
    if (await dialogue.confirm(`${question} in production (${placeOf(config)})?`)) return true
  } finally {
    dialogue.close()
  }
  note(io, 'Nothing was changed.')
  cli.fail()
  return false
}
