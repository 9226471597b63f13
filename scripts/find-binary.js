// Where a server's program is: on PATH, or where the package managers put it.
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The path of a program; null where it is not installed. */
export function findBinary(name) {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...onPath, ...usualFolders()].map((folder) => join(folder, name)).find(isExecutable) ?? null
}

/** The browser of tests: the one that CHROMIUM_PATH names, otherwise one that is installed; null for none. */
export function chromiumPath() {
  const named = process.env.CHROMIUM_PATH ?? ''
  if (named !== '') return isExecutable(named) ? named : null
  return findBinary('chromium') ?? findBinary('chromium-browser') ?? findBinary('google-chrome')
}

function usualFolders() {
  return [
    ...versions('/usr/lib/postgresql', /^\d/),
    ...versions('/usr/libexec', /^postgresql/, ''),
    ...versions('/usr', /^pgsql-/),
    '/usr/local/pgsql/bin',
    ...versions('/opt/homebrew/opt', /^postgresql/),
    ...versions('/usr/local/opt', /^postgresql/),
    '/opt/homebrew/bin',
    '/usr/local/bin',
    '/usr/bin',
    '/usr/sbin',
  ]
}

/** `parent/<version>/bin` for every version that is there, the newest first. */
function versions(parent, pattern, child = 'bin') {
  try {
    const names = readdirSync(parent).filter((name) => pattern.test(name))
    names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    return names.map((name) => join(parent, name, child))
  } catch {
    return [] // No such folder on this system.
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // Absent or not ours to run: the next folder is looked at.
  }
}
