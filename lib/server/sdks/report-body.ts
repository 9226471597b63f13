// Reads the body of a report, whatever it is, within bounds. A body that cannot be used is read to its end all the same, so that
// the answer reaches its sender, who is still sending.
import type { Readable } from 'node:stream'
import type { ReportFate } from './sdk-traffic.js'

export interface ReportBody {
  readonly fate: ReportFate
  /** The parsed JSON; undefined for a body that cannot be used. */
  readonly value?: unknown
  /** Whether some of it is left unread: the connection cannot be used again. */
  readonly isCut: boolean
}

export interface BodyBounds {
  /** A larger body is not used. */
  readonly keptBytes: number
  /** Of a larger body the rest is not even read. */
  readonly readBytes: number
}

/** Rejects only if the sender goes away. */
export async function readReportBody(
  payload: Readable,
  encoding: string | undefined,
  bounds: BodyBounds,
): Promise<ReportBody> {
  const isPlain = encoding === undefined || encoding === 'identity'
  let chunks: Buffer[] = []
  let size = 0
  // Not `for await` over the stream itself: leaving it would end the connection, and the answer with it.
  for await (const chunk of payload.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > bounds.readBytes) return { fate: isPlain ? 'too_large' : 'compressed', isCut: true }
    if (!isPlain || size > bounds.keptBytes) chunks = []
    else chunks.push(bytes)
  }
  if (!isPlain) return { fate: 'compressed', isCut: false }
  if (size > bounds.keptBytes) return { fate: 'too_large', isCut: false }
  return reportIn(Buffer.concat(chunks).toString('utf8'))
}

/**
 * The body in a text that is all of it. `JSON.parse` makes `__proto__` a property like any other, so it does no harm before it is
 * dropped.
 */
export function reportIn(text: string): ReportBody {
  try {
    return { fate: 'taken', value: JSON.parse(text), isCut: false }
  } catch {
    // Not JSON is no reason to refuse: the SDK would never report again.
    return { fate: 'not_json', isCut: false }
  }
}
