// What a person who is signed in has to send back to make a change: the preview's word that exactly this change was shown to them. So no
// mistake of a page's script changes a flag. A confirmation is no secret and may be used twice: its revision makes the second time a conflict.
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import { parseRevision, type Revision, sameRevision } from '../../state/revision.js'
import { isRecord } from '../../text/json.js'
import type { Signatures } from './signatures.js'
import type { SignIn } from './sign-ins.js'

/** A change as it was shown. `operations` is all that decides what it does, as JSON; flags have the revisions on which it was shown. */
export interface ShownChange {
  readonly flags: ReadonlyMap<string, string>
  readonly operations: unknown
  readonly level: number
}

/** A change that is to be made. */
export interface AskedChange {
  /** Null: those of the confirmation, for a change that names its flags itself. */
  readonly flags: readonly string[] | null
  /** As they were given with the preview. Called for a person who is signed in alone. */
  readonly operations: () => unknown
  /** The revisions that the request itself asks for. */
  readonly expect: ReadonlyMap<string, Revision>
  /** As the request gives it. */
  readonly confirm: string | undefined
}

export interface ConfirmationsOptions {
  readonly signatures: Signatures
  /** The identity of the database. Throws StoreUnavailable. */
  readonly identity: () => Promise<string>
  readonly environment: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const goodForMs = 10 * 60_000

export class Confirmations {
  readonly #options: ConfirmationsOptions

  constructor(options: ConfirmationsOptions) {
    this.#options = options
  }

  /** `confirm` for the answer with a preview; nothing for a caller with a token, who needs none. Throws StoreUnavailable. */
  async given(
    { signIn }: Pick<FastifyRequest, 'signIn'>,
    { flags, operations, level }: ShownChange,
  ): Promise<{ readonly confirm?: string }> {
    if (signIn === null) return {}
    const { now, signatures } = this.#options
    const content = {
      ...(await this.#placeOf(signIn)),
      flags: Object.fromEntries(flags),
      operations: digestOf(operations),
      level,
      until: now() + goodForMs,
    }
    const text = Buffer.from(JSON.stringify(content)).toString('base64url')
    return { confirm: `c1.${text}.${await signatures.sign('confirm', text)}` }
  }

  /**
   * The revisions that the flags must still have; for a caller with a token those of the request alone. Throws FeatureError (`confirmation_needed`) unless
   * this person was shown exactly this change in the last ten minutes, and StoreUnavailable.
   */
  async demand(
    { signIn }: Pick<FastifyRequest, 'signIn'>,
    { flags, operations, expect, confirm }: AskedChange,
  ): Promise<ReadonlyMap<string, Revision>> {
    if (signIn === null) return expect
    const content = await this.#read(confirm)
    if (content === null) throw refusal('the change has no valid confirmation')
    const place = await this.#placeOf(signIn)
    const isHere = Object.entries(place).every(([key, value]) => content[key] === value)
    if (!isHere) throw refusal('the confirmation is for another sign-in, database or environment')
    if (!(Number(content['until']) > this.#options.now())) throw refusal('the confirmation is older than ten minutes')
    if (content['operations'] !== digestOf(await operations())) throw refusal('the confirmation is for another change')
    const revisions = revisionsOf(content['flags'])
    const names = flags ?? [...revisions.keys()]
    const isOfThese = revisions.size === names.length && names.every((name) => revisions.has(name))
    if (!isOfThese) throw refusal('the confirmation is for another flag')
    const isAsAsked = [...expect].every(([name, revision]) => {
      const shown = revisions.get(name)
      return shown !== undefined && sameRevision(shown, revision)
    })
    if (!isAsAsked) throw refusal('the confirmation is for another revision')
    return revisions
  }

  /** For a route that has no preview: a person who is signed in cannot use it. Throws FeatureError (`confirmation_needed`). */
  refuse(): never {
    throw refusal('this route has no preview that could be confirmed')
  }

  async #read(confirm: string | undefined): Promise<Readonly<Record<string, unknown>> | null> {
    const [, text = '', signature = ''] = /^c1\.([\w-]+)\.([\w-]{43})$/.exec(confirm ?? '') ?? []
    if (text === '' || !(await this.#options.signatures.verify('confirm', text, signature))) return null
    const content: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return isRecord(content) ? content : null
  }

  async #placeOf({ idHash }: SignIn) {
    const { identity, environment } = this.#options
    const subject = createHash('sha256').update(idHash).digest('base64url')
    return { database: await identity(), environment, subject }
  }
}

function revisionsOf(value: unknown): ReadonlyMap<string, Revision> {
  if (!isRecord(value)) return new Map()
  return new Map(
    Object.entries(value).flatMap(([name, text]) => {
      const revision = typeof text === 'string' ? parseRevision(text) : null
      return revision === null ? [] : [[name, revision] as const]
    }),
  )
}

/** The same for the same operations, whatever the order of their keys. */
function digestOf(operations: unknown): string {
  const sorted = (_key: string, value: unknown) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
  return createHash('sha256').update(JSON.stringify(operations, sorted)).digest('base64url')
}

function refusal(problem: string): FeatureError {
  return new FeatureError('confirmation_needed', {
    problem,
    remedy:
      'ask for a preview (dry_run) of exactly this change, and send its confirm with the change; programs use a token',
  })
}
