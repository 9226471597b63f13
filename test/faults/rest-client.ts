// A person at the HTTP API of projects: makes projects and changes their flags.
import { openStore } from './database-machine.js'
import { createToken } from '../../lib/tokens/tokens.js'
import type { SdkProject } from './sdk-crowd.js'
import type { Answer, Serving } from './serving.js'

/** The text of a token that may do everything. */
export async function makeToken(databaseUrl: string): Promise<string> {
  const store = openStore(databaseUrl)
  try {
    return (await createToken(store.tokens, { name: 'faults', scopes: ['admin'], expiresAt: null })).token
  } finally {
    await store.close()
  }
}

export class RestClient {
  readonly server: Serving
  readonly #token: string

  constructor(server: Serving, token: string) {
    this.server = server
    this.#token = token
  }

  /** Null if the connection was refused or lost: then it is not known what was done. */
  send(
    method: string,
    path: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer | null> {
    return this.server.ask(`/api/v4/${path}`, { method, headers: { 'private-token': this.#token, ...more }, body })
  }

  /** The body of an answer that must be a success. */
  async must(method: string, path: string, body?: unknown): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.send(method, path, body)
    if (answer === null || answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    const parsed: unknown = answer.body === '' ? {} : JSON.parse(answer.body)
    if (typeof parsed !== 'object' || parsed === null) throw new Error(`${method} ${path}: ${answer.body}`)
    return { ...parsed }
  }

  /** With one instance ID, and streams switched on. */
  async makeProject(path: string): Promise<SdkProject> {
    const id = Number((await this.must('POST', 'projects', { path, name: path }))['id'])
    await this.must('PUT', `projects/${id}`, { feature_flags_streaming: true })
    const made = await this.must('POST', `projects/${id}/instance_ids`, { name: 'faults' })
    return { id, secret: String(made['instance_id']) }
  }
}

/** The body of a flag that is on for these users, in all environments. */
export function flagFor(name: string, userIds: string): object {
  return { name, strategies: [{ name: 'userWithId', parameters: { userIds }, scopes: [{ environment_scope: '*' }] }] }
}

/** For whom an SDK has the flag; undefined where it does not have it. */
export function usersOf(flag: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const match = /"userIds":"([^"]*)"/.exec(JSON.stringify(flag ?? null))
  return match?.[1]
}
