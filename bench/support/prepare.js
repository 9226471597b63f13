// Makes sure that what is measured is there: the packages, the other libraries, and a dist/ made from the sources.
import { join } from 'node:path'
import { ensureBuilt } from '../../scripts/built.js'
import { installPackages } from '../../scripts/install.js'
import { checkout } from './build.js'

/**
 * Installs and builds what is missing or old; the other libraries only where they are to be measured.
 * @param {{ peers?: boolean }} given
 */
export function prepare({ peers = true } = {}) {
  installPackages()
  if (peers) installPackages(join(checkout, 'bench'))
  ensureBuilt()
}
