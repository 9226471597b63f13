import type { Config } from '../config.js'
import type { Cli } from './io.js'
import { note } from './output.js'

/** Asks before a change in production, where a person can answer. False: they said no. Throws Interrupted. */
export async function confirmed(cli: Cli, config: Config, yes: boolean, question: string): Promise<boolean> {
  const { io } = cli
  if (yes || config.env !== 'production' || io.stdin.isTTY !== true || io.stderr.isTTY !== true) return true
  const { Dialogue } = await import('./dialogue.js')
  const dialogue = new Dialogue(io)
  try {
    if (await dialogue.confirm(`${question} in production?`)) return true
  } finally {
    dialogue.close()
  }
  note(io, 'Nothing was changed.')
  cli.fail()
  return false
}
