// Who is signed in, and in which environment: the start of the page.
import { reactive, readonly } from 'vue'
import { ApiFault } from '../api/fault.js'
import type { Door } from '../api/request.js'
import { type Boot, fetchBoot, fetchSession, type Proof, type Session, signIn, signOut } from '../api/session.js'

export interface AccountState {
  readonly boot: Boot | null
  readonly session: Session | null
  /** Whether a session ended under the open page: it is asked for again in place, and nothing is lost. */
  readonly isOver: boolean
  /** Why nothing could be started. */
  readonly fault: ApiFault | null
  /** Whether the server is another version than the one that sent this page. */
  readonly isOutdated: boolean
}

export interface Account {
  readonly state: AccountState
  /** Asks the server who is signed in; once, however often it is called. */
  start(): Promise<void>
  /** The same once more, after a fault. */
  restart(): Promise<void>
  signIn(proof: Proof): Promise<void>
  signOut(everywhere: boolean): Promise<void>
  /** Forgets who was signed in; the server has done so already. */
  leave(): void
  /** The server has said that the session is over. */
  over(): void
  /** Whether the person may do it; the server decides all the same. */
  may(scope: 'write' | 'admin'): boolean
  /** Looks whether the server is still of the version that sent this page. */
  compareVersion(): Promise<void>
}

/** `onSignedIn` is called where the server knows the person, before it has told who it is: what they read may be asked for already. */
export function makeAccount(door: Door, onSignedIn: () => void = () => undefined): Account {
  const state = reactive<{ -readonly [K in keyof AccountState]: AccountState[K] }>({
    boot: null,
    session: null,
    isOver: false,
    fault: null,
    isOutdated: false,
  })
  let started: Promise<void> | null = null

  async function load(): Promise<void> {
    try {
      const boot = await fetchBoot(door)
      if (boot.signed_in === true) onSignedIn()
      const session = boot.signed_in === false ? null : await sessionOrNull()
      Object.assign(state, { boot, session })
      state.fault = null
    } catch (error) {
      if (!(error instanceof ApiFault)) throw error
      state.fault = error
    }
  }

  function leave(): void {
    state.session = null
    state.isOver = false
  }

  async function sessionOrNull(): Promise<Session | null> {
    try {
      return await fetchSession(door)
    } catch (error) {
      // It ended between the two questions.
      if (error instanceof ApiFault && error.status === 401) return null
      throw error
    }
  }

  return {
    state: readonly(state) as AccountState,
    start: () => (started ??= load()),
    restart: () => (started = load()),
    async signIn(proof) {
      state.session = await signIn(door, proof)
      state.isOver = false
    },
    async signOut(everywhere) {
      await signOut(door, everywhere)
      leave()
    },
    leave,
    over() {
      if (state.session !== null) state.isOver = true
    },
    may(scope) {
      const scopes = state.session?.scopes ?? []
      return scopes.includes('admin') || (scope === 'write' && scopes.includes('write'))
    },
    async compareVersion() {
      try {
        const { version } = await fetchBoot(door)
        if (state.boot !== null && version !== state.boot.version) state.isOutdated = true
      } catch {
        // It is asked again with the next connection.
      }
    },
  }
}
