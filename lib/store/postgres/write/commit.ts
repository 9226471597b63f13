// The steps from the first statement of a change to the knowledge of how it ended.
//
// Until COMMIT is sent, any fault means: nothing was written. Once it is sent and no answer comes back, only the database
// knows. It is asked over a new connection. If the history holds the change id, the change was written. If it does not and the
// transaction is over, the change was not written. While the old server process may still be at work, the answer is awaited,
// up to a limit.
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseError, type Pool, type PoolClient } from 'pg'
import type { Clock } from '../../../time/clock.js'
import { errorText, FeatureError, OutcomeUnknown, StoreUnavailable } from '../../../errors.js'
import { fields, list, readPosition, text, textOrNull } from '../parse-rows.js'
import type { Layout } from '../existing-tables.js'
import { isConflict, isConnectionFault } from '../errors.js'
import { query } from '../query.js'
import { LostRow, type WriteTimeouts, writeChange } from './transaction.js'
import { type MadeBefore, repeated } from '../../repeated-change.js'
import type { Applied, Change } from '../../store.js'

export interface CommitOptions {
  readonly pool: Pool
  readonly place: string
  readonly timeouts: WriteTimeouts & { readonly outcomeMs: number }
  readonly clock: Clock
  /** Makes the database reachable again before it is asked for the outcome. */
  readonly reconnect: (() => Promise<void>) | undefined
}

/** The result of a transaction, ready to be committed. */
export interface Uncommitted<T> {
  readonly changed: boolean
  /** Its id in Postgres; null if nothing was written. */
  readonly transaction: string | null
  readonly value: T
  /** Whether `isStored` can tell if it was committed. */
  readonly isTraceable: boolean
}

/** The parts of one change. */
export interface Work<T> {
  /** Begins a transaction and writes. */
  readonly write: (client: PoolClient) => Promise<Uncommitted<T>>
  /** Whether the history holds the change. */
  readonly isStored: () => Promise<boolean>
}

const retries = 3

/** Writes a change of flags and commits. */
export async function commitChange(options: CommitOptions, layout: Layout, change: Change): Promise<Applied> {
  const { own } = layout
  if (change.mayRepeat !== true || own === null) return commitOnce(options, layout, change)
  const madeBefore = () => findChange(options.pool, own.history, change.id, options.timeouts.statementMs)
  try {
    const applied = await commitOnce(options, layout, change)
    const before = applied.changed ? null : await madeBefore()
    return before === null ? applied : repeated(change, before)
  } catch (error) {
    // What the first time has written may be the very reason of the refusal: the revision is another one since.
    if (!(error instanceof FeatureError) || error instanceof StoreUnavailable || error instanceof OutcomeUnknown)
      throw error
    const before = await madeBefore()
    if (before === null) throw error
    return repeated(change, before)
  }
}

/** Ends a transaction whose change was made by another one; it never leaves this file. */
class MadeMeanwhile extends FeatureError {
  constructor(id: string) {
    super('internal', { problem: `the change "${id}" was made before`, remedy: 'there is nothing to do' })
  }
}

function commitOnce(options: CommitOptions, layout: Layout, change: Change): Promise<Applied> {
  return commitWork(options, {
    write: async (client) => {
      const { changed, position, transaction } = await writeChange(client, layout, change, options.timeouts)
      // Under the lock on feature_state: of two deliveries at once, the second one sees the first.
      if (change.mayRepeat === true && layout.own !== null && position !== null) {
        const { statementMs } = options.timeouts
        const before = await findChange(client, layout.own.history, change.id, statementMs, position.version)
        if (before !== null) throw new MadeMeanwhile(change.id)
      }
      // Without history, or with the triggers off, there is nothing to look the change up in.
      const isTraceable = layout.own !== null && position !== null
      return { changed, transaction, value: { changed, position }, isTraceable }
    },
    isStored: async () => {
      if (layout.own === null) return false
      return (await findChange(options.pool, layout.own.history, change.id, options.timeouts.statementMs)) !== null
    },
  })
}

/** Writes and commits; a transaction that loses against other writers is tried three times more. */
export async function commitWork<T>(options: CommitOptions, work: Work<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptWork(options, work)
    } catch (error) {
      if (error instanceof LostRow && attempt === retries) {
        const problem = 'other writers kept removing the flag while it was written'
        throw new StoreUnavailable('store_conflict', { problem, remedy: 'try again' })
      }
      if (!(isConflict(error) || error instanceof LostRow) || attempt === retries) throw error
      await sleep(options.clock.random() * 25 * 2 ** attempt)
    }
  }
}

async function attemptWork<T>(options: CommitOptions, work: Work<T>): Promise<T> {
  const client = await options.pool.connect()
  let usable = false
  try {
    const written = await work.write(client).catch(async (error) => {
      usable = await rollBack(client, error, options.timeouts.statementMs)
      throw error
    })
    try {
      await query(client, 'commit', [], options.timeouts.statementMs)
      usable = true
      return written.value
    } catch (error) {
      usable = isRefusal(error)
      if (usable) throw error
      return await outcomeOf(options, work, written, error)
    }
  } finally {
    client.release(!usable)
  }
}

/** Whether the connection can be used again. A silent server is not asked to roll back: it does so after the disconnect. */
async function rollBack(client: PoolClient, error: unknown, timeoutMs: number): Promise<boolean> {
  if (isConnectionFault(error)) return false
  try {
    await query(client, 'rollback', [], timeoutMs)
    return true
  } catch {
    return false // The connection was lost in between; the caller reports that anyway.
  }
}

/** The server answered and stays available: the transaction is certainly rolled back. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === 'ERROR'
}

async function outcomeOf<T>(
  options: CommitOptions,
  work: Work<T>,
  written: Uncommitted<T>,
  fault: unknown,
): Promise<T> {
  if (!written.changed) return written.value
  const outcome = await findOutcome(options, work, written)
  const lost = `the connection to Postgres at "${options.place}" was lost while committing`
  switch (outcome.kind) {
    case 'committed':
      return written.value
    case 'absent':
      throw new StoreUnavailable('store_unavailable', {
        problem: `${lost}, and nothing was written`,
        remedy: 'try again',
        cause: fault,
      })
    case 'unknown':
      throw new OutcomeUnknown({
        problem: `${lost} (${errorText(fault)}), and whether the change was written could not be found out${outcome.said}`,
        remedy: 'look at the flag before you try again',
        cause: fault,
      })
  }
}

type Outcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly said: string }

async function findOutcome<T>(options: CommitOptions, work: Work<T>, written: Uncommitted<T>): Promise<Outcome> {
  const { timeouts, clock, reconnect } = options
  // Not the wall clock: if it were set back, it would hold the writer for as long.
  const deadline = clock.now() + timeouts.outcomeMs
  let said = ''
  while (written.isTraceable) {
    try {
      await reconnect?.()
      const outcome = await lookUp(options, work, written.transaction)
      if (outcome !== null) return outcome
      said = ' (it is still being committed)'
    } catch (error) {
      said = ` (${errorText(error)})`
    }
    if (clock.now() > deadline) break
    await sleep(50)
  }
  return { kind: 'unknown', said }
}

/** Null while the transaction is still under way. */
async function lookUp<T>(options: CommitOptions, work: Work<T>, transaction: string | null): Promise<Outcome | null> {
  // The transaction's state is asked first, in a statement of its own: a transaction that is over has its rows in place for the
  // second.
  const status = await transactionStatus(options, transaction)
  if (await work.isStored()) return { kind: 'committed' }
  return status === 'in progress' ? null : { kind: 'absent' }
}

async function transactionStatus(options: CommitOptions, transaction: string | null): Promise<string | null> {
  try {
    const { answer } = await query(
      options.pool,
      `select json_build_object('status', pg_xact_status($1::text::xid8))::text as answer`,
      [transaction],
      options.timeouts.statementMs,
    )
    return textOrNull(fields(answer, 'status')['status'], 'status')
  } catch (error) {
    // This server has not reached the number: it lost the transaction in a crash or a failover.
    if (error instanceof DatabaseError && error.code === '22023') return 'aborted'
    throw error
  }
}

/** What a change did, looked up by its id; null if the history does not have it. `below`: only with a lower version. */
export async function findChange(
  asked: Pool | PoolClient,
  history: string,
  id: string,
  timeoutMs: number,
  below?: string,
): Promise<MadeBefore | null> {
  const { answer } = await query(
    asked,
    `select json_build_object('version', version::text, 'nonce', nonce, 'features', json_agg(distinct feature_key))::text as answer
    from ${history}
    where change_id = $1${below === undefined ? '' : ' and version < $2::bigint'}
    group by version, nonce
    order by version
    limit 1`,
    below === undefined ? [id] : [id, below],
    timeoutMs,
  )
  if (answer === undefined) return null
  const features = list(fields(answer, 'change')['features'], 'features').map((one) => text(one, 'feature key'))
  return { position: readPosition(answer), features }
}
