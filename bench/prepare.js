// Makes sure that what is measured is there: the packages, the other libraries, and a dist/ made from the sources.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../scripts/built.js'
import { installPackages } from '../scripts/install.js'

/** Installs and builds what is missing or old. */
export function prepare() {
  installPackages()
  installPackages(dirname(fileURLToPath(import.meta.url)))
  ensureBuilt()
}
