// The ids of a user list as they are given: words of the command line, a file, or stdin.
import type { Cli } from '../../../terminal/io.js'
import { note } from '../../../terminal/output.js'
import { UsageError } from '../../../usage-error.js'

export const idsArgument = ['[ids...]', 'ids of users, with commas or blanks in between'] as const
export const fileOption = [
  '--file <file>',
  'read the ids from a file, with commas or line breaks in between; - reads stdin',
] as const

/** 10,000 ids of 256 characters each are below this. */
const mostBytes = 16 * 1024 * 1024

/**
 * The ids, each once, in their order; null where neither words nor a file were given. Commas and line breaks separate them, and blanks
 * around them go.
 */
export async function readIds(
  { io }: Cli,
  words: readonly string[],
  file: string | undefined,
): Promise<readonly string[] | null> {
  if (words.length > 0 && file !== undefined) {
    throw new UsageError({ problem: 'ids were given as words and as a file', remedy: 'give one of the two' })
  }
  if (file === undefined) return words.length === 0 ? null : split(words.join(','))
  const { readText } = await import('../../../terminal/read-text.js')
  const remedy = 'give ids, with commas or line breaks in between'
  const text = await readText(io, file, { mostBytes, what: 'a list of users', remedy })
  const given = text.split(/[,\r\n]/).filter((id) => id.trim() !== '').length
  const ids = split(text)
  if (ids.length < given) note(io, `${given - ids.length} of ${given} ids were there twice.`)
  return ids
}

function split(text: string): readonly string[] {
  return [...new Set(text.split(/[,\r\n]/).map((id) => id.trim()))].filter((id) => id !== '')
}
