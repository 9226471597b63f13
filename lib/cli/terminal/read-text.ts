// Reads a file, or stdin for `-`: what a command imports.
import { createReadStream } from 'node:fs'
import { errorText, FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import type { Io } from './io.js'

/** What a text is read for, in the words of an error. */
export interface Wanted {
  readonly mostBytes: number
  /** Such as `an export of feature flags`. */
  readonly what: string
  /** What to give instead. */
  readonly remedy: string
}

/** How messages call a file that is read. */
export function nameOf(file: string): string {
  return file === '-' ? 'stdin' : quoted(file)
}

/** The whole text, without a byte order mark. Throws FeatureError (`invalid_import`) if it cannot be read, or is too large. */
export async function readText(io: Io, file: string, { mostBytes, what, remedy }: Wanted): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of file === '-' ? io.stdin : createReadStream(file)) {
      const buffer = Buffer.from(chunk)
      bytes += buffer.length
      if (bytes > mostBytes) break
      chunks.push(buffer)
    }
  } catch (error) {
    throw new FeatureError('invalid_import', {
      problem: `${nameOf(file)} cannot be read: ${errorText(error)}`,
      remedy: 'check the path, and that the file may be read',
      cause: error,
    })
  }
  if (bytes <= mostBytes)
    return Buffer.concat(chunks)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
  const megabytes = mostBytes / 1024 / 1024
  throw new FeatureError('invalid_import', {
    problem: `${nameOf(file)} is larger than ${megabytes} MB, too large for ${what}, and nothing was written`,
    remedy,
  })
}
