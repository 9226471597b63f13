// Projects as the content of a replica: the rows of each, read once.
import { type ListedProject, readListedProject } from '../../project-flags/directory.js'
import { digestOf } from '../../state/digest.js'
import type { StoredFeature } from '../../state/state.js'
import { rowCount, sameRows } from '../../state/stored-rows.js'
import type { Content, Entry } from '../content.js'
import type { Replica } from '../replica.js'
import type { EntryChange } from '../snapshot.js'

/** Its name is the project's id, as text. */
export interface DirectoryEntry extends Entry<StoredFeature> {
  readonly stored: StoredFeature
  readonly project: ListedProject
}

export type DirectoryReplica = Replica<StoredFeature, DirectoryEntry>
export type DirectoryChange = EntryChange<DirectoryEntry>

const nothingNamed: ReadonlySet<string> = new Set()

/** The content of a replica of the directory. */
export const directoryContent: Content<StoredFeature, DirectoryEntry> = {
  named: () => nothingNamed,
  entry(name, stored, last) {
    if (stored === null) return null
    if (last !== undefined && sameRows(last.stored, stored)) return last
    return { name, stored, project: readListedProject(stored) }
  },
  isSame: sameRows,
  digestOf,
  rowsOf: rowCount,
}
