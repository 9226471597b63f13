// Tells listeners of changed flags, in every process after a swap.
import { errorText, FeatureError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { type GateValue, gateState, gateValues } from '../gates/flag-state.js'
import type { Logger } from '../log.js'
import type { Flag } from '../replica/flag.js'
import type { FlagChange } from '../replica/flag-content.js'
import type { Position } from '../state/state.js'

/** A flag's stored state at one moment; null in an event where it is not stored. */
export interface StoredFlagState {
  readonly state: 'on' | 'off' | 'conditional'
  readonly gates: readonly GateValue[]
}

export interface ChangeEvent {
  readonly name: string
  readonly before: StoredFlagState | null
  readonly after: StoredFlagState | null
  readonly position: Position | null
  /** `local` for a write made through this instance. */
  readonly origin: 'local' | 'remote'
}

export type ChangeListener = (event: ChangeEvent) => void

/** Own writes whose news has not come back yet; a write whose swap is never seen must not pile up. */
const mostPending = 1_000

export class ChangeEvents {
  readonly #listeners = new Set<ChangeListener>()
  readonly #own = new Map<string, ReadonlySet<string>>()
  readonly #writing = new Set<ReadonlySet<string>>()
  readonly #held: (() => void)[] = []

  /** Calls `listener` for each changed flag; returns a function that ends it. */
  add(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /**
   * Notes that this instance writes these flags; call what it returns with the position that was made, or null. The news of a
   * write may come before the answer to its COMMIT: until then it is held back, so that it is told as local.
   */
  writing(names: ReadonlySet<string>): (position: Position | null) => void {
    this.#writing.add(names)
    return (position) => {
      this.#writing.delete(names)
      if (position !== null) this.#expect(position, names)
      if (this.#writing.size === 0) for (const tell of this.#held.splice(0)) tell()
    }
  }

  /** Calls the listeners for each change, in order. Never throws. */
  tell(logger: Logger, changes: readonly FlagChange[], via: readonly Position[], position: Position | null): void {
    const tell = () => this.#tell(logger, changes, via, position)
    const isWritten = ({ name }: FlagChange) => [...this.#writing].some((names) => names.has(name))
    if (this.#held.length > 0 || (this.#writing.size > 0 && changes.some(isWritten))) this.#held.push(tell)
    else tell()
  }

  #expect(position: Position, names: ReadonlySet<string>): void {
    if (this.#own.size >= mostPending) this.#own.clear()
    this.#own.set(position.nonce, names)
  }

  #tell(logger: Logger, changes: readonly FlagChange[], via: readonly Position[], position: Position | null): void {
    const own = this.#takeOwn(via)
    if (this.#listeners.size === 0) return
    for (const { name, before, after } of changes) {
      const origin = own.has(name) ? 'local' : 'remote'
      this.#emit(logger, { name, before: stateOf(before), after: stateOf(after), position, origin })
    }
  }

  #takeOwn(via: readonly Position[]): ReadonlySet<string> {
    if (this.#own.size === 0) return new Set()
    const names = new Set<string>()
    for (const { nonce } of via) {
      for (const name of this.#own.get(nonce) ?? []) names.add(name)
      this.#own.delete(nonce)
    }
    return names
  }

  #emit(logger: Logger, event: ChangeEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        logger.error({ flag: event.name, error: errorText(error) }, 'feature flags: a change listener threw')
      }
    }
  }
}

/** Throws FeatureError (`invalid_arguments`) for what cannot be called. */
export function checkListener(listener: unknown): void {
  if (typeof listener === 'function') return
  const problem = `on('change') was given ${quoted(listener)} as the listener`
  throw new FeatureError('invalid_arguments', { problem, remedy: 'give a function that takes the change' })
}

function stateOf(flag: Flag | null): StoredFlagState | null {
  if (flag === null || flag.gates === null) return null
  return { state: gateState(flag.gates), gates: gateValues(flag.gates) }
}
