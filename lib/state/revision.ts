// The revision of one flag: `<version>-<nonce8>-<content8>`. A caller that changes a flag sends the revision that it has seen, and the
// change is refused where the flag has another one.
//
// The first two parts name the newest row of the flag's history, `0-00000000` where it has none: so a flag that was changed and
// changed back has another revision. The third is of the rows alone: so it sees what was written past the triggers, and works
// without a history.
import { createHash } from 'node:crypto'
import type { Position, StoredFeature } from './state.js'
import { compareTexts } from './text-order.js'

export interface Revision {
  /** Of the newest row of the flag's history. */
  readonly version: string
  /** The first 8 digits of that row's nonce. */
  readonly nonce: string
  /** The first 8 digits of the SHA-256 of the flag's rows. */
  readonly content: string
}

/** What is stored of one flag, read at one moment. */
export interface FeatureNow {
  /** Of everything; null where our own tables are missing. */
  readonly position: Position | null
  /** Null: nothing is stored of it. */
  readonly stored: StoredFeature | null
  /** The position of the newest row of its history; null where it has none. */
  readonly newest: Position | null
}

const digits = 8
const noNonce = '0'.repeat(digits)
const form = /^(\d{1,18})-([0-9a-f]{8})-([0-9a-f]{8})$/
const nul = '\0'
/** What stands in the place of the gate in the row of a feature without gates (content-rows.ts). */
const noGate = Buffer.from([0xff, 0])

/** The revision of a flag as it was read. */
export function revisionOf({ stored, newest }: Pick<FeatureNow, 'stored' | 'newest'>): Revision {
  return { ...versionPart(newest), content: contentPart(contentDigest(stored)) }
}

/** The parts that name the newest row of the history. */
export function versionPart(newest: Position | null): Pick<Revision, 'version' | 'nonce'> {
  if (newest === null) return { version: '0', nonce: noNonce }
  return { version: newest.version, nonce: newest.nonce.slice(0, digits) }
}

/** The part that names the content, of its digest. */
export function contentPart(digest: string): string {
  return digest.slice(0, digits)
}

export function sameRevision(a: Revision, b: Revision): boolean {
  return a.version === b.version && a.nonce === b.nonce && a.content === b.content
}

export function revisionText({ version, nonce, content }: Revision): string {
  return `${version}-${nonce}-${content}`
}

/** Null for a text that is no revision. */
export function parseRevision(text: string): Revision | null {
  const [, version, nonce, content] = form.exec(text) ?? []
  return version === undefined || nonce === undefined || content === undefined ? null : { version, nonce, content }
}

/** The SHA-256 of the rows of one flag, as of everything stored (digest.ts); null: of no rows. */
export function contentDigest(stored: StoredFeature | null): string {
  const made = createHash('sha256')
  if (stored !== null) addRows(made, stored)
  return made.digest('hex')
}

function addRows(made: { update(data: string | Buffer): unknown }, { key, gates }: StoredFeature): void {
  if (gates.size === 0) {
    made.update(key + nul)
    made.update(noGate)
    return
  }
  for (const [gate, values] of [...gates].sort(([a], [b]) => compareTexts(a, b))) {
    const start = key + nul + gate + nul
    made.update(values.map((value) => start + value + nul).join(''))
  }
}
