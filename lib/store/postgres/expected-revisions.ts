// The revisions that a change was made for, compared inside its transaction: the rows of a feature once it is locked, and the newest
// row of its history once the deferred triggers have taken the lock on feature_state.
//
// The first comparison alone is not enough. Rails and psql do not lock the feature: what they commit between that comparison and our
// COMMIT would be overwritten unseen. The second one alone does not see what was written past the triggers.
import { escapeLiteral } from 'pg'
import { contentDigest, contentPart, type Revision, versionPart } from '../../state/revision.js'
import { changedMeanwhile } from '../changed-meanwhile.js'
import type { Layout } from './existing-tables.js'
import { fields, readPositionOrNull, textOrNull } from './parse-rows.js'
import type { Done } from './query.js'
import { gatesDigestSql, newestSql } from './sql-parts.js'

/** The version that this transaction has taken; above all where the triggers gave it none. */
const ownVersion = `case
          when split_part(current_setting('sluice.position', true), ' ', 1) = pg_current_xact_id_if_assigned()::text
          then split_part(current_setting('sluice.position', true), ' ', 2)::bigint
          else 9223372036854775807
        end`

/** Runs one statement inside the transaction. */
type Run = (sql: string) => Promise<Done>

export class ExpectedRevisions {
  readonly #layout: Layout
  readonly #expected: ReadonlyMap<string, Revision>
  /** Features whose rows are still to be compared: a later step sees what an earlier one has written. */
  readonly #uncompared: Set<string>

  constructor(layout: Layout, expected: ReadonlyMap<string, Revision> = new Map()) {
    this.#layout = layout
    this.#expected = expected
    this.#uncompared = new Set(expected.keys())
  }

  /**
   * Once for each feature with a revision, when it is locked. Throws InvalidOperation (`flag_changed`). `persisted`: whether the
   * feature had a row of its own before this transaction; one that the transaction has made does not count.
   */
  async compareContent(feature: string, persisted: boolean, run: Run): Promise<void> {
    if (!this.#uncompared.delete(feature)) return
    const gates = gatesDigestSql(this.#layout, escapeLiteral(feature))
    const { answer } = await run(`select json_build_object('gates', ${gates})::text as answer`)
    const ofGates = textOrNull(fields(answer, 'content')['gates'], 'content')
    const digest = ofGates ?? contentDigest(persisted ? { key: feature, gates: new Map() } : null)
    if (contentPart(digest) !== this.#expected.get(feature)?.content) throw changedMeanwhile(feature)
  }

  /** What the statement after the deferred triggers answers for `compareWritten`, as parts of its JSON; nothing where no revision is given. */
  get writtenSql(): readonly string[] {
    return this.#areGiven ? [`'newest', ${this.#newestSql(ownVersion)}`] : []
  }

  /** Throws InvalidOperation (`flag_changed`). */
  compareWritten(answer: Readonly<Record<string, unknown>>): void {
    if (this.#areGiven) this.#compareVersions(answer['newest'])
  }

  /** The same for a change that turned out to write nothing, and so took no lock on feature_state: as of this moment. */
  async compareUnwritten(run: Run): Promise<void> {
    if (!this.#areGiven) return
    const { answer } = await run(`select json_build_object('newest', ${this.#newestSql(null)})::text as answer`)
    this.#compareVersions(fields(answer, 'newest')['newest'])
  }

  get #areGiven(): boolean {
    return this.#expected.size > 0
  }

  /** The newest row in the history of each feature, by feature. */
  #newestSql(below: string | null): string {
    const { own } = this.#layout
    if (own === null) return `'{}'::json`
    const keys = [...this.#expected.keys()].map(escapeLiteral).join(', ')
    return `(
        select json_object_agg(asked.feature, ${newestSql(own, 'asked.feature', below)})
        from unnest(array[${keys}]::text[]) asked (feature)
      )`
  }

  #compareVersions(answer: unknown): void {
    const newest = fields(answer, 'newest')
    for (const [feature, expected] of this.#expected) {
      const { version, nonce } = versionPart(readPositionOrNull(newest[feature]))
      if (version !== expected.version || nonce !== expected.nonce) throw changedMeanwhile(feature)
    }
  }
}
