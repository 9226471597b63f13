// Packages that an application installs only if it uses what needs them. They are no dependencies with a range: npm would refuse
// the installation (ERESOLVE) for every project that has another version for a purpose of its own. What is needed is checked here,
// at use (docs/decisions/libraries.md).
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigurationError, errorText } from './errors.js'
import { quoted } from './text/printable.js'

export interface Requirement {
  readonly name: string
  /** The oldest version that works. */
  readonly oldest: string
  /** What to install, with the version that is tested: `ioredis@6`. */
  readonly install: string
  /** True: what needs it goes on without it, where it is not installed. */
  readonly optional?: true
}

/** What needs the packages, and how else the person can go on. */
export interface Purpose {
  /** Begins the problem: `REDIS_URL is set, which`. */
  readonly subject: string
  /** Ends the remedy: `or unset REDIS_URL`. */
  readonly otherwise: string
}

/** All that is asked of each package is in `install`, in one command: versions belong together. */
export interface Need extends Purpose {
  readonly packages: readonly Requirement[]
}

/**
 * Imports a package by its name. The name is a value and never a literal, so that bundlers leave the import as it is: they would
 * refuse a package that is not installed, and could not bundle some of these.
 */
export async function importPackage(name: string): Promise<unknown> {
  return import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name)
}

/**
 * Imports what is needed, in that order; undefined in the place of an optional one that is missing. Throws ConfigurationError where
 * one is missing, too old, or cannot be loaded.
 */
export async function importNeeded(need: Need): Promise<readonly unknown[]> {
  for (const { name, oldest } of need.packages) {
    const version = installedVersion(name)
    if (version !== null && isOlder(version, oldest)) {
      throw fault(need, `needs ${name} ${oldest} or newer, but ${version} is installed`)
    }
  }
  return Promise.all(need.packages.map((requirement) => importOne(requirement, need)))
}

async function importOne({ name, optional }: Requirement, need: Need): Promise<unknown> {
  try {
    return await importPackage(name)
  } catch (error) {
    const missing = installedVersion(name) === null
    if (missing && optional === true) return undefined
    if (missing) throw fault(need, `needs the package ${name}, which is not installed`, error)
    throw fault(need, `needs the package ${name}, which cannot be loaded (${errorText(error)})`, error)
  }
}

function fault({ subject, otherwise, packages }: Need, problem: string, cause?: unknown): ConfigurationError {
  const command = `npm install ${packages.map(({ install }) => install).join(' ')}`
  const parts = { problem: `${subject} ${problem}`, remedy: `run ${quoted(command)}, ${otherwise}` }
  return new ConfigurationError(cause === undefined ? parts : { ...parts, cause })
}

/** The version that Node finds from the program, or from the working directory; null if there is none. */
export function installedVersion(name: string): string | null {
  for (const start of [programFolder(), process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const manifest = join(folder, 'node_modules', name, 'package.json')
      if (existsSync(manifest)) return versionOf(manifest)
      if (folder === dirname(folder)) break
    }
  }
  return null
}

/** Its real folder: package managers link programs from elsewhere. */
function programFolder(): string {
  const [, program] = process.argv
  try {
    return dirname(realpathSync(program ?? '.'))
  } catch {
    return process.cwd() // Started without a file, as `node -e` is.
  }
}

function versionOf(manifest: string): string | null {
  try {
    const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
    const version = typeof content === 'object' && content !== null && 'version' in content ? content.version : null
    return typeof version === 'string' ? version : null
  } catch {
    return null // It cannot be read: importing the package will tell.
  }
}

/** A pre-release counts as its release. */
export function isOlder(version: string, oldest: string): boolean {
  const [found, wanted] = [numbersOf(version), numbersOf(oldest)]
  const place = wanted.findIndex((number, index) => number !== (found[index] ?? 0))
  return place >= 0 && (found[place] ?? 0) < (wanted[place] ?? 0)
}

function numbersOf(version: string): readonly number[] {
  return (version.split(/[-+]/, 1)[0] ?? '').split('.').map(Number)
}
