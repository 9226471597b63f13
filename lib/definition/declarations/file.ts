// The file of declared flags on disk: where it is, whether it is one, and writing it where it has changed.
import { lstatSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { RegisteredClass } from '../../actors/classes.js'
import { ConfigurationError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import { type Calendar, isOverdue } from '../age.js'
import type { Definition } from '../definition.js'
import { writeAtomically } from '../files/atomic-write.js'
import type { FlagTypes } from '../rules/rules.js'
import { declarationText, firstLine, staleIn } from './text.js'

/** What the file is made with. */
export interface DeclarationRules {
  readonly root: string
  readonly types: FlagTypes
  readonly actors: ReadonlyMap<string, RegisteredClass> | null
  readonly milestones: Calendar | null
  /** The configured file; null: the usual one. */
  readonly typesFile: string | null
}

/** The usual places: the first that is there, otherwise the first whose folder is. The last one is in the root itself. */
const usualFiles = ['src/feature-flags.d.ts', 'lib/feature-flags.d.ts', 'feature-flags.d.ts']

/** The file, relative to the root: the configured one, otherwise the usual one. */
export function declarationFile({ root, typesFile }: Pick<DeclarationRules, 'root' | 'typesFile'>): string {
  if (typesFile !== null) return typesFile
  const there = usualFiles.find((file) => isFile(join(root, file)))
  const possible = usualFiles.find((file) => isFolder(dirname(join(root, file))))
  return there ?? possible ?? 'feature-flags.d.ts'
}

/** The text that is there; null if there is no file. Throws ConfigurationError for what a person wrote, and for what is outside of the root. */
export function readDeclarations(root: string, file: string): string | null {
  const path = join(root, file)
  refuseOutside(root, file)
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return null
  const refused = (problem: string) =>
    new ConfigurationError({ problem: `${quoted(file)} ${problem}`, remedy: 'name another file, or remove this one' })
  if (!found.isFile()) throw refused('is no plain file')
  const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
  if (!text.startsWith(`${firstLine}\n`)) throw refused('was not written by this command, and is not overwritten')
  return text
}

/** The text for these definitions; stale is what is past the lifetime of its type now. */
export function currentDeclarations(definitions: Iterable<Definition>, rules: DeclarationRules, now: Date): string {
  const { types, actors: classes, milestones: calendar } = rules
  const isStale = (one: Definition) => isOverdue(one, { types, calendar, now })
  return declarationText({ definitions, types, classes, isStale })
}

/** Whether the text says what the definitions say, except that flags have become stale since, or are no longer. */
export function isUpToDate(text: string, definitions: Iterable<Definition>, rules: DeclarationRules): boolean {
  const stale = staleIn(text)
  const { types, actors: classes } = rules
  return text === declarationText({ definitions, types, classes, isStale: ({ name }) => stale.has(name) })
}

/** Writes the file if it is to change, with the folders that it needs. Gives whether it has. Throws as `readDeclarations`. */
export function writeDeclarations(root: string, file: string, text: string): boolean {
  if (readDeclarations(root, file) === text) return false
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeAtomically(path, text, 0o644)
  return true
}

/**
 * Brings the file up to date where there is one; nothing is made where there is none. Gives the file if it was written, otherwise null.
 * Throws as `readDeclarations`.
 */
export function refreshDeclarations(definitions: () => Iterable<Definition>, rules: DeclarationRules): string | null {
  const file = declarationFile(rules)
  if (!isFile(join(rules.root, file)) || readDeclarations(rules.root, file) === null) return null
  return writeDeclarations(rules.root, file, currentDeclarations(definitions(), rules, new Date())) ? file : null
}

/** A link may lead out of the root too. */
function refuseOutside(root: string, file: string): void {
  let folder = dirname(resolve(root, file))
  while (!isFolder(folder) && dirname(folder) !== folder) folder = dirname(folder)
  const inside = relative(realpathSync(root), realpathSync(folder))
  const spelled = relative(root, resolve(root, file))
  if (![inside, spelled].some((path) => path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path))) return
  throw new ConfigurationError({
    problem: `${quoted(file)} is not in the folder ${quoted(root)}`,
    remedy: 'name a file of this project',
  })
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function isFolder(path: string): boolean {
  try {
    return realpathSync(path) !== '' && lstatSync(realpathSync(path)).isDirectory()
  } catch {
    // It is not there, or a part of the path is a file.
    return false
  }
}
