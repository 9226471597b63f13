// The source of a connection's URL: a text, or a function of the application that is asked before each new connection, because
// passwords rotate (IAM tokens, Vault). Only user and password may change. The other parts name the database, and a process
// that has held flags of one database must not go on with another's: so the first answer is remembered.
import { ConfigurationError, errorText, StoreUnavailable } from '../errors.js'

/** The URL of a database or cache, or a function that answers with it before each new connection. */
export type ConnectionUrl = string | (() => string | Promise<string>)

/** The parts that must stay the same, by their names in messages: host, port and so on. Never user or password. */
export type Fixed = ReadonlyMap<string, string>

export interface SourceSettings {
  /** The option that holds the URL. */
  readonly name: 'databaseUrl' | 'redisUrl'
  readonly url: ConnectionUrl
  /** Takes a URL apart. Throws ConfigurationError for a text that is not a URL of the kind. */
  readonly fixedParts: (url: string) => Fixed
  /** How long the function may take, in milliseconds; default 5,000. */
  readonly limitMs?: number
}

const defaultLimitMs = 5_000

export class ConnectionSource {
  readonly #settings: SourceSettings
  #fixed: Fixed | null = null
  #known: string | null = null

  /** Throws ConfigurationError for a text that is not a URL of the kind; does not call a function yet. */
  constructor(settings: SourceSettings) {
    this.#settings = settings
    if (typeof settings.url === 'string') this.#accept(settings.url)
  }

  /** The last answer; null if the function has not answered yet. Holds a password: never show it. */
  get known(): string | null {
    return this.#known
  }

  /** The parts that no answer may change; null if the function has not answered yet. */
  get fixed(): Fixed | null {
    return this.#fixed
  }

  /** Whether a function is asked, so that user and password may differ from one connection to the next. */
  get changes(): boolean {
    return typeof this.#settings.url === 'function'
  }

  /** How long `resolve` may take, in milliseconds. */
  get limitMs(): number {
    return this.changes ? (this.#settings.limitMs ?? defaultLimitMs) : 0
  }

  /**
   * The URL for a new connection. Throws StoreUnavailable if the function fails or is late, and ConfigurationError for an
   * answer that is not a URL of the kind or leads to another place. Never keeps the process alive.
   */
  async resolve(): Promise<string> {
    const { url, name } = this.#settings
    if (typeof url === 'string') return url
    const answer: unknown = await this.#ask(url)
    if (typeof answer === 'string') return this.#accept(answer)
    throw new ConfigurationError({
      problem: `${name}: the function answered with a value of type ${typeof answer}`,
      remedy: 'make it answer with a URL as text',
    })
  }

  /** Makes sure that an answer is known, and asks only if there is none yet. Throws as `resolve`. */
  async resolveOnce(): Promise<void> {
    if (this.#known === null) await this.resolve()
  }

  #ask(url: () => string | Promise<string>): Promise<unknown> {
    const { name } = this.#settings
    return new Promise((resolve, reject) => {
      const fail = (what: string, cause?: unknown) =>
        reject(
          new StoreUnavailable('store_unavailable', {
            problem: `${name}: the function ${what}`,
            remedy: 'check the function, and what it asks for the URL',
            cause,
          }),
        )
      const timer = setTimeout(() => fail(`did not answer within ${this.limitMs} ms`), this.limitMs)
      timer.unref()
      const failed = (error: unknown) => fail(`failed: ${errorText(error)}`, error)
      Promise.resolve()
        .then(url)
        .then(resolve, failed)
        .finally(() => clearTimeout(timer))
    })
  }

  #accept(url: string): string {
    const { name, fixedParts } = this.#settings
    const fixed = fixedParts(url)
    this.#fixed ??= fixed
    const other = differences(this.#fixed, fixed)
    if (other.length > 0) {
      throw new ConfigurationError({
        problem: `${name}: the function answered with another ${other.join(', ')}`,
        remedy: 'only user and password may change while a process runs: start it anew for another place',
      })
    }
    this.#known = url
    return url
  }
}

/** The parts that differ; of an option after "?" only the name, because its value may be a secret. */
function differences(before: Fixed, now: Fixed): string[] {
  const names = new Set([...before.keys(), ...now.keys()])
  return [...names]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) =>
      name.startsWith('option ') ? name : `${name} ("${now.get(name) ?? ''}" instead of "${before.get(name) ?? ''}")`,
    )
}
