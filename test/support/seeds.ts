// Runs before each test file: where a seed is given, every property of fast-check begins with it, too. Otherwise each draws its own,
// and fast-check prints that of one that fails.
import { readSeed } from './random.js'

const given = readSeed(process.env['SLUICE_FAULTS_SEED'])
if (given !== null) {
  const { configureGlobal, readConfigureGlobal } = await import('fast-check')
  configureGlobal({ ...readConfigureGlobal(), seed: given })
}
