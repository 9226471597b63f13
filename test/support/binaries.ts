// Where the servers that the tests need are installed.
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const usualFolders = [
  ...versions('/usr/lib/postgresql', /^\d/, 'bin'),
  ...versions('/usr', /^pgsql-/, 'bin'),
  '/usr/local/pgsql/bin',
  ...versions('/opt/homebrew/opt', /^postgresql/, 'bin'),
  ...versions('/usr/local/opt', /^postgresql/, 'bin'),
  '/opt/homebrew/bin',
  '/usr/local/bin',
  '/usr/bin',
  '/usr/sbin',
]

/** The path of a program, looked for on PATH and in the usual folders. Throws where it is not installed. */
export function findBinary(name: string): string {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const found = [...onPath, ...usualFolders].map((folder) => join(folder, name)).find(isExecutable)
  if (found !== undefined) return found
  throw new Error(`"${name}" is not installed: run npm test, which installs it or says how, or put it on PATH`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // Absent or not ours to run: the next folder is looked at.
  }
}

/** `parent/<version>/child` for every version that is there, the newest first. */
function versions(parent: string, pattern: RegExp, child: string): string[] {
  try {
    const names = readdirSync(parent).filter((name) => pattern.test(name))
    names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    return names.map((name) => join(parent, name, child))
  } catch {
    return [] // No such folder on this system.
  }
}
