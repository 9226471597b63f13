// Makes sure that what is measured is there: the packages, the other libraries, and a dist/ made from the sources.
import { join } from 'node:path'
import { ensureBuilt } from '../../scripts/built.js'
import { installPackages } from '../../scripts/install.js'
import { checkout } from './build.js'

/** Installs and builds what is missing or old. */
export function prepare() {
  installPackages()
  installPackages(join(checkout, 'bench'))
  ensureBuilt()
}
