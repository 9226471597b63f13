// Revisions as entity tags: what a reader got, and on which it bases a change.
import type { FastifyReply, FastifyRequest } from 'fastify'

const longestHeader = 8_192

/** Tells the revision of what the answer shows. */
export function tagAnswer(reply: FastifyReply, revision: number): void {
  void reply.headers({ etag: tag(revision), 'cache-control': 'private, no-cache' })
}

/**
 * The revisions of an `If-Match`; null for none and for `*`, which any revision fits. A tag that is none of ours fits no revision:
 * the change is refused.
 */
export function revisionsIn(header: string | undefined): readonly number[] | null {
  if (header === undefined || header.trim() === '*') return null
  if (header.length > longestHeader) return []
  return header.split(',').flatMap((one) => {
    // Gateways that compress make tags weak, or append the name of the compression.
    const [, revision] = /^(?:W\/)?"?(\d{1,15})(?:[-;]gzip)?"?$/.exec(one.trim()) ?? []
    return revision === undefined ? [] : [Number(revision)]
  })
}

/** Whether the reader has this revision already (`If-None-Match`). */
export function hasRevision({ headers }: FastifyRequest, revision: number): boolean {
  const given = headers['if-none-match']
  if (given === undefined) return false
  return given.trim() === '*' || (revisionsIn(given)?.includes(revision) ?? false)
}

function tag(revision: number): string {
  return `"${revision}"`
}
