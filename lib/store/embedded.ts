// The store without a server to install: PGlite, owned by one process and shared by all that use the same folder. PostgresStore
// does the work over the socket; this file makes sure that a process always serves it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientConfig } from 'pg'
import type { Tables } from '../config/config.js'
import { errorText, FeatureError, StoreUnavailable } from '../errors.js'
import { type Logger, silentLogger } from '../log.js'
import { type EmbeddedFolder, prepareFolder, publicPort } from '../embedded-postgres/folder.js'
import { EmbeddedPostgres } from '../embedded-postgres/embedded-postgres.js'
import type { HistoryFeed } from './history/feed.js'
import { type Migrated, migrate } from './migrations/migrate.js'
import { PostgresStore } from './postgres/store.js'
import type { FeatureNow } from '../state/revision.js'
import type { Position, StoredWhole } from '../state/state.js'
import type { SignInStore } from './sign-ins.js'
import type * as contract from './store.js'

export interface EmbeddedStoreOptions {
  /** The folder whose `.feature/postgres` holds the data. */
  readonly root: string
  readonly tables: Tables
  readonly logger: Logger
  /** Part of the database's identity, for copies of the folder that otherwise look the same. Default: null. */
  readonly namespace?: string | null
  /** Gets what a slow start is doing, for people who wait. Default: nothing is told. */
  readonly progress?: Pick<Logger, 'info'>
}

interface Opened {
  readonly folder: EmbeddedFolder
  readonly embedded: EmbeddedPostgres
  readonly postgres: PostgresStore
}

/**
 * More than for a server: the owner is an application that is busy with other work, on a machine that may be compiling it. And
 * the next owner needs a moment to start before it can be asked for the outcome of a lost COMMIT.
 */
const times = { connectMs: 5_000, statementMs: 10_000, outcomeMs: 5_000 }

/** A take-over may fail again, if the new owner leaves too. */
const attempts = 3

/** Flags in an embedded Postgres; `open()` makes it, joins it or takes it over. */
export class EmbeddedStore implements contract.Store {
  readonly kind = 'embedded'
  readonly tokens: contract.TokenStore
  readonly assignments: contract.AssignmentStore
  readonly signIns: SignInStore
  readonly feed: HistoryFeed
  readonly projects: contract.StoredProjects
  readonly #options: EmbeddedStoreOptions
  #opened: Opened | null = null
  #migrated: Migrated | null = null
  #opening: Promise<void> | null = null
  #closing: Promise<void> | null = null

  constructor(options: EmbeddedStoreOptions) {
    this.#options = options
    this.tokens = this.#sharedTokens()
    this.assignments = {
      find: (actors) => this.#reach(({ assignments }) => assignments.find(actors)),
      // May be tried again: what the first try has kept stays, and is found.
      keep: (given) => this.#reach(({ assignments }) => assignments.keep(given)),
      remove: (experiment, most) => this.#reach(({ assignments }) => assignments.remove(experiment, most)),
      count: (experiment) => this.#reach(({ assignments }) => assignments.count(experiment)),
    }
    // Each may be tried again: what the first try has done is found, or is done already.
    this.signIns = {
      create: (signIn) => this.#reach(({ signIns }) => signIns.create(signIn)),
      redeem: (codeHash, idHash) => this.#reach(({ signIns }) => signIns.redeem(codeHash, idHash)),
      find: (idHash) => this.#reach(({ signIns }) => signIns.find(idHash)),
      touch: (idHash) => this.#reach(({ signIns }) => signIns.touch(idHash)),
      end: (idHash) => this.#reach(({ signIns }) => signIns.end(idHash)),
      endAll: (owner) => this.#reach(({ signIns }) => signIns.endAll(owner)),
      keys: (name) => this.#reach(({ signIns }) => signIns.keys(name)),
      prune: () => this.#reach(({ signIns }) => signIns.prune()),
    }
    this.feed = {
      changesSince: (from, most) => this.#reach(({ feed }) => feed.changesSince(from, most)),
      positionBefore: (changes) => this.#reach(({ feed }) => feed.positionBefore(changes)),
      newestChanges: () => this.#reach(({ feed }) => feed.newestChanges()),
    }
    this.projects = {
      ask: (sql, values) => this.#reach(({ projects }) => projects.ask(sql, values)),
      // May be tried again, as a change of flags.
      change: (origin, work) => this.#reach(({ projects }) => projects.change(origin, work)),
      directory: {
        head: (mine, question) => this.#reach(({ projects }) => projects.directory.head(mine, question)),
        readAll: (question) => this.#reach(({ projects }) => projects.directory.readAll(question)),
        readSince: (from, question) => this.#reach(({ projects }) => projects.directory.readSince(from, question)),
        inspectTriggers: () => this.#reach(({ projects }) => projects.directory.inspectTriggers()),
        listen: () => null,
      },
    }
  }

  /** Whether this process serves the database at the moment. */
  get owning(): boolean {
    return this.#opened?.embedded.owning ?? false
  }

  open(): Promise<void> {
    if (this.#closing !== null) return Promise.reject(closedError())
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null
      throw error
    })
    return this.#opening
  }

  head(mine: Position | null, question?: contract.HeadQuestion): Promise<contract.Head> {
    return this.#reach((postgres) => postgres.head(mine, question))
  }

  readAll(question?: { readonly digest?: boolean }): Promise<StoredWhole> {
    return this.#reach((postgres) => postgres.readAll(question))
  }

  readSince(from: Position | null, question?: contract.SinceQuestion): Promise<contract.Since> {
    return this.#reach((postgres) => postgres.readSince(from, question))
  }

  inspectTriggers(): Promise<contract.TriggerReport> {
    return this.#reach((postgres) => postgres.inspectTriggers())
  }

  /** May be tried again: StoreUnavailable says that nothing was written, and OutcomeUnknown is not a StoreUnavailable. */
  apply(change: contract.Change): Promise<contract.Applied> {
    return this.#reach((postgres) => postgres.apply(change))
  }

  readFeature(feature: string): Promise<FeatureNow> {
    return this.#reach((postgres) => postgres.readFeature(feature))
  }

  history(query: contract.HistoryQuery): Promise<readonly contract.HistoryEntry[]> {
    return this.#reach((postgres) => postgres.history(query))
  }

  changes(question: contract.ChangesQuestion): Promise<contract.ChangesFound> {
    return this.#reach((postgres) => postgres.changes(question))
  }

  readPast(question: contract.PastQuestion): Promise<contract.Past> {
    return this.#reach((postgres) => postgres.readPast(question))
  }

  recordedRows(query: contract.RecordedRowsQuery): Promise<readonly contract.HistoryEntry[]> {
    return this.#reach((postgres) => postgres.recordedRows(query))
  }

  untracked(feature?: string): Promise<readonly string[]> {
    return this.#reach((postgres) => postgres.untracked(feature))
  }

  /** May be tried again: what the first try has added agrees. */
  recordUntracked(feature: string): Promise<number | null> {
    return this.#reach((postgres) => postgres.recordUntracked(feature))
  }

  /**
   * The migrations and repairs of opening, if this process is the owner, and the repairs that became due since then: another
   * owner may have been running for long. Throws as the other `migrate`.
   */
  async migrate(): Promise<Migrated> {
    await this.open()
    if (this.#opened === null) throw closedError()
    const { folder } = this.#opened
    const { tables } = this.#options
    const now = await migrate({ connection: connectionTo(folder, publicPort), tables })
    const { applied = [], repaired = [] } = this.#migrated ?? {}
    return { ...now, applied: [...applied, ...now.applied], repaired: [...repaired, ...now.repaired] }
  }

  /** PGlite sends no notifications over its socket, so the position is polled. */
  listen(): null {
    return null
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #open(): Promise<void> {
    const { root, tables, logger, namespace = null, progress = silentLogger } = this.#options
    if (this.#opened === null) {
      const folder = await prepareFolder(root)
      const prepare = (port: number) => this.#migrate(connectionTo(folder, port))
      const embedded = new EmbeddedPostgres({ folder, logger, progress, prepare })
      const postgres = new PostgresStore({
        connection: connectionTo(folder, publicPort),
        tables,
        logger,
        namespace,
        kind: 'embedded',
        times,
        reconnect: () => embedded.ensureServed(),
      })
      this.#opened = { folder, embedded, postgres }
    }
    await this.#opened.embedded.ensureServed()
  }

  async #migrate(connection: ClientConfig): Promise<void> {
    const { tables, logger } = this.#options
    this.#migrated = await migrate({ connection, tables })
    const { newer, repaired } = this.#migrated
    if (repaired.length > 0) logger.warn({ repaired }, 'the embedded database had lost triggers, which were repaired')
    if (newer.length > 0) logger.warn({ newer }, 'the embedded database was used by a newer version of this package')
  }

  async #close(): Promise<void> {
    await this.#opening?.catch(() => {}) // The caller of open() gets this error.
    await this.#opened?.postgres.close()
    await this.#opened?.embedded.close()
  }

  /** Works with the database; if its owner has gone, makes sure that there is an owner and works once more. */
  async #reach<T>(work: (postgres: PostgresStore) => Promise<T>): Promise<T> {
    if (this.#opened === null || this.#closing !== null) throw closedError()
    const { folder, embedded, postgres } = this.#opened
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(postgres)
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || error.code !== 'store_unavailable') throw error
        if (attempt === attempts || isSilence(error.cause)) throw unreachable(folder, error)
        await embedded.ensureServed()
      }
    }
  }

  #sharedTokens(): contract.TokenStore {
    return {
      mayCreate: () => this.#reach(({ tokens }) => tokens.mayCreate()),
      create: async (token) => {
        // Not tried again: if only the answer to the first insert of a token was lost, a second insert would be refused.
        await this.#opened?.embedded.ensureServed()
        if (this.#opened === null || this.#closing !== null) throw closedError()
        await this.#opened.postgres.tokens.create(token)
      },
      find: (id) => this.#reach(({ tokens }) => tokens.find(id)),
      list: () => this.#reach(({ tokens }) => tokens.list()),
      revoke: (idOrName) => this.#reach(({ tokens }) => tokens.revoke(idOrName)),
      touch: (id) => this.#reach(({ tokens }) => tokens.touch(id)),
    }
  }
}

function connectionTo(folder: EmbeddedFolder, port: number): ClientConfig {
  return { host: folder.sockets, port, user: 'postgres', database: 'postgres' }
}

/** An owner that hangs is alive, and asking it again only makes its clients wait longer. */
function isSilence(cause: unknown): boolean {
  return /timeout/i.test(errorText(cause))
}

function unreachable(folder: EmbeddedFolder, { cause }: StoreUnavailable): StoreUnavailable {
  return new StoreUnavailable('store_unavailable', {
    problem: `the embedded database in "${folder.home}" did not answer (${errorText(cause)}), and nothing was written`,
    remedy: `if ${ownerOf(folder)} hangs, end it`,
    cause,
  })
}

function ownerOf(folder: EmbeddedFolder): string {
  try {
    return `its owner, process ${readFileSync(join(folder.sockets, 'owner.pid'), 'utf8').trim()},`
  } catch {
    return 'its owner' // The file is only a help; without it the message is still true.
  }
}

function closedError(): FeatureError {
  return new FeatureError('not_started', { problem: 'the store is closed', remedy: 'call start() first' })
}
