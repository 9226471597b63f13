// The definitions of the run before, each with the stamp of its file: a file that is as it was is not read again. Only a definition without
// a fault is kept, because a fault names lines of its file.
import { statSync } from 'node:fs'
import type { Definition } from '../../definition/definition.js'
import type { DefinitionFile } from '../../definition/files/files.js'
import type { KnownDefinitions } from '../../definition/load.js'
import { type FileStamp, isSameStamp, type KeptStamp, keptStamp, stampOf } from './file-stamps.js'

export type StampedDefinition = readonly [stamp: KeptStamp, definition: Definition]

export class StampedDefinitions implements KnownDefinitions {
  readonly #before: ReadonlyMap<string, StampedDefinition>
  readonly #now = new Map<string, StampedDefinition>()
  readonly #isSettled: (stamp: FileStamp) => boolean
  /** Of the files that are read in this run. */
  readonly #stamps = new Map<string, FileStamp>()
  #changed = false

  /** `isSettled`: whether a later change of a file with this stamp would give it another one. */
  constructor(before: ReadonlyMap<string, StampedDefinition>, isSettled: (stamp: FileStamp) => boolean) {
    this.#before = before
    this.#isSettled = isSettled
  }

  get(file: DefinitionFile): Definition | null {
    const key = keyOf(file)
    const kept = this.#before.get(key)
    // A link has the stamp of the file that it leads to.
    const stamp = stampOf(file.absolutePath, statSync)
    if (kept !== undefined && stamp !== null && isSameStamp(stamp, kept[0])) {
      this.#now.set(key, kept)
      return Object.freeze(kept[1])
    }
    // From before the content is read: a change after that gives the file another stamp than the one that is kept.
    if (stamp !== null) this.#stamps.set(key, stamp)
    return null
  }

  set(file: DefinitionFile, definition: Definition): void {
    const key = keyOf(file)
    const stamp = this.#stamps.get(key) ?? null
    if (stamp === null || !this.#isSettled(stamp)) return
    this.#now.set(key, [keptStamp(stamp), definition])
    this.#changed = true
  }

  /** What the next run may take, and whether it is other than before. */
  kept(): { readonly definitions: ReadonlyMap<string, StampedDefinition>; readonly isSame: boolean } {
    return { definitions: this.#now, isSame: !this.#changed && this.#now.size === this.#before.size }
  }
}

/** The folder between the two must have the name of the type. */
function keyOf({ base, path }: DefinitionFile): string {
  return `${base}\0${path}`
}
