// How long a program takes that is started and waited for.
import { spawnSync } from 'node:child_process'

/**
 * Milliseconds that Node takes with these arguments, from its start to its end. Throws if it does not end with 0.
 * @param {string} cwd
 * @param {readonly string[]} args
 */
export function timedRun(cwd, args) {
  const before = performance.now()
  const ran = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  const took = performance.now() - before
  if (ran.status !== 0) throw new Error(`node ${args.join(' ')} ended with ${ran.status}:\n${ran.stdout}${ran.stderr}`)
  return took
}
