// Installs the npm packages of package-lock.json where they are missing or others; does nothing, offline too, otherwise.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Makes node_modules/ of a folder what its lockfile says; ends the process where npm cannot. */
export function installPackages(folder = root) {
  if (tryInstallPackages(folder)) return
  process.stderr.write('npm ci failed: see above; it needs a network, or a filled npm cache\n')
  process.exit(1)
}

/** The same; false where npm cannot. */
export function tryInstallPackages(folder) {
  if (isInstalled(folder)) return true
  process.stderr.write('Installing packages …\n')
  // Install scripts are the usual way in for a malicious package, and none of ours needs one.
  const installed = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  return installed.status === 0
}

/** npm notes what it installed in node_modules/.package-lock.json, as the last step. */
function isInstalled(folder) {
  const wanted = readPackages(join(folder, 'package-lock.json'))
  const found = readPackages(join(folder, 'node_modules', '.package-lock.json'))
  if (wanted === null || found === null) return false
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || (found[path] === undefined ? entry.optional === true : found[path].version === entry.version),
  )
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return null // Not there, or cut short: then everything is installed anew.
  }
}
