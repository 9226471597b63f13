// The contents in memory, within a number of bytes: those that were asked for longest ago go first. None goes while the store is away,
// because it could not be read again.
import type { ListedProject } from '../../project-flags/directory.js'
import type { ProjectContent } from '../../project-flags/project.js'
import type { DeltaHistory } from '../../unleash/client-delta.js'
import type { ClientAnswers } from '../../unleash/client-features.js'

/** The content of a project, and the answers that are made of it. */
export interface Loaded {
  readonly content: ProjectContent
  readonly answers: ClientAnswers
  readonly from: 'store' | 'disk' | 'redis'
  /** The nonce that the directory had when this was read: the content may be a newer one by then. */
  readonly askedNonce: string
  readonly readAtMs: number
  /** What SDKs that ask for changes are told of; null while none has asked. */
  history: DeltaHistory | null
  readonly textLength: number
}

/** A parsed content takes this many times the bytes of its text; measured with 200 flags. */
const bytesOfCharacter = 4
const bytesOfEntry = 2_000

export class LoadedContents {
  readonly #mostBytes: number
  /** In the order of the last use. */
  readonly #byId = new Map<number, { readonly loaded: Loaded; bytes: number }>()
  readonly #pinned = new Set<number>()
  #bytes = 0
  #newest: number | null = null

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  has(id: number): boolean {
    return this.#byId.has(id)
  }

  /** What is there, without counting as a use. */
  peek(id: number): Loaded | null {
    return this.#byId.get(id)?.loaded ?? null
  }

  use(id: number): Loaded | null {
    const held = this.#byId.get(id)
    if (held === undefined) return null
    if (id !== this.#newest) {
      this.#byId.delete(id)
      this.#byId.set(id, held)
      this.#newest = id
    }
    return held.loaded
  }

  put(id: number, loaded: Loaded, storeIsAway: boolean): void {
    this.delete(id)
    const bytes = sizeOf(loaded)
    this.#byId.set(id, { loaded, bytes })
    this.#newest = id
    this.#bytes += bytes
    this.#trim(storeIsAway)
  }

  /** Counts the bytes of one again, whose answers have grown. */
  recount(id: number, storeIsAway: boolean): void {
    const held = this.#byId.get(id)
    if (held === undefined) return
    const bytes = sizeOf(held.loaded)
    this.#bytes += bytes - held.bytes
    held.bytes = bytes
    this.#trim(storeIsAway)
  }

  delete(id: number): void {
    this.#bytes -= this.#byId.get(id)?.bytes ?? 0
    this.#byId.delete(id)
  }

  all(): readonly Loaded[] {
    return [...this.#byId.values()].map(({ loaded }) => loaded)
  }

  /** Whether one stays, however long ago it was asked for: a stream is open. */
  pin(id: number, isPinned: boolean): void {
    if (isPinned) this.#pinned.add(id)
    else this.#pinned.delete(id)
  }

  /** The newest one stays, however large it is. */
  #trim(storeIsAway: boolean): void {
    if (storeIsAway || this.#bytes <= this.#mostBytes) return
    const newest = [...this.#byId.keys()].at(-1)
    for (const id of this.#byId.keys()) {
      if (this.#bytes <= this.#mostBytes) return
      if (id !== newest && !this.#pinned.has(id)) this.delete(id)
    }
  }
}

/** Whether that is the content of the project as the directory has it. */
export function isOf({ content, askedNonce }: Loaded, { nonce }: ListedProject): boolean {
  return content.project.nonce === nonce || askedNonce === nonce
}

function sizeOf({ textLength, answers, history }: Loaded): number {
  return bytesOfEntry + textLength * bytesOfCharacter + answers.bytes + (history?.bytes ?? 0)
}
