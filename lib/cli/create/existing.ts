// A flag is defined once: `create` refuses a second file, and replaces one only if it was told to.
import { findDefinitionFiles } from '../../definition/files/files.js'
import { InvalidFeatureFlagError } from '../../errors.js'

export interface NewFile {
  readonly root: string
  /** All folders of definitions, those under ee/ too: a flag is defined once. */
  readonly folders: readonly string[]
  readonly name: string
  /** The path of the new definition, relative to the root. */
  readonly path: string
  readonly overwrite: boolean
}

/** Throws InvalidFeatureFlagError (`duplicate_definition`) if the flag has a file that must not be replaced. */
export function refuseExisting({ root, folders, name, path, overwrite }: NewFile): void {
  const files = folders.flatMap((folder) => findDefinitionFiles(root, folder).files)
  const existing = files.filter((file) => file.stem === name).map((file) => file.path)
  const elsewhere = existing.find((file) => file !== path)
  if (elsewhere !== undefined) {
    throw new InvalidFeatureFlagError('duplicate_definition', {
      problem: `"${name}" is already defined in ${elsewhere}, and a flag is defined once`,
      remedy: 'move or remove that file, or choose another name',
    })
  }
  if (existing.length === 0 || overwrite) return
  throw new InvalidFeatureFlagError('duplicate_definition', {
    problem: `${path} already exists`,
    remedy: 'use -f to overwrite it',
  })
}
