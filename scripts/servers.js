// Makes sure that what the tests need is installed: PostgreSQL, Redis and PgBouncer, of which the tests start private ones, and a browser.
// No service of the system is used, started or left running.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { chromiumPath, findBinary } from './find-binary.js'

const servers = [
  {
    name: 'PostgreSQL',
    binaries: ['postgres', 'initdb', 'pg_resetwal'],
    packages: { apt: ['postgresql'], dnf: ['postgresql-server'], apk: ['postgresql'], brew: ['postgresql'] },
  },
  {
    name: 'Redis',
    binaries: ['redis-server'],
    packages: { apt: ['redis-server'], dnf: ['redis'], apk: ['redis'], brew: ['redis'] },
  },
  {
    name: 'PgBouncer',
    binaries: ['pgbouncer'],
    packages: { apt: ['pgbouncer'], dnf: ['pgbouncer'], apk: ['pgbouncer'], brew: ['pgbouncer'] },
  },
]

const managers = [
  { key: 'apt', program: 'apt-get', needsRoot: true, install: installByApt },
  {
    key: 'dnf',
    program: 'dnf',
    needsRoot: true,
    install: (run, packages) => run('dnf', ['install', '-y', ...packages]),
  },
  { key: 'apk', program: 'apk', needsRoot: true, install: (run, packages) => run('apk', ['add', ...packages]) },
  { key: 'brew', program: 'brew', needsRoot: false, install: (run, packages) => run('brew', ['install', ...packages]) },
]

/** Installs what is missing where the system's package manager may be used; otherwise says what to install, and ends. */
export function ensureServers() {
  const missing = absent()
  if (missing.length === 0) return
  const names = missing.map((server) => server.name).join(', ')
  const manager = managers.find(({ program }) => findBinary(program) !== null)
  const run = manager === undefined ? null : runner(manager.needsRoot)
  if (manager !== undefined && run !== null) {
    process.stderr.write(`Installing ${names} with ${manager.program} …\n`)
    manager.install(
      run,
      missing.flatMap((server) => server.packages[manager.key]),
    )
  }
  const still = absent()
  if (still.length === 0) return
  process.stderr.write(`The tests need ${still.map((server) => server.name).join(', ')}: ${advice(manager, still)}\n`)
  process.exit(1)
}

/** Installs Unleash's SDK for Ruby where Debian's package manager may be used. Without it the tests that need it are skipped. */
export function offerRubySdk() {
  if (spawnSync('ruby', ['-e', "require 'unleash'"]).status === 0 || findBinary('apt-get') === null) return
  const run = runner(true)
  if (run === null) return
  process.stderr.write('Installing ruby-unleash with apt-get …\n')
  installByApt(run, ['ruby-unleash'])
}

/**
 * Installs Chromium where Debian's package manager may be used; CHROMIUM_PATH names another one. Without it the tests of pages are
 * skipped, which is said; in CI they never are.
 */
export function offerChromium() {
  if (chromiumPath() !== null) return
  const named = process.env.CHROMIUM_PATH ?? ''
  if (named !== '') {
    process.stderr.write(`CHROMIUM_PATH names "${named}", which is no program that can be run.\n`)
    process.exit(1)
  }
  const run = findBinary('apt-get') === null ? null : runner(true)
  if (run !== null) {
    process.stderr.write('Installing Chromium with apt-get …\n')
    installByApt(run, ['chromium'])
  }
  if (chromiumPath() !== null) return
  const advice = 'run "sudo apt-get install chromium", or set CHROMIUM_PATH to a Chromium or Chrome'
  const isCi = (process.env.CI ?? '') !== ''
  process.stderr.write(
    `There is no Chromium, so ${isCi ? 'CI cannot test' : 'this run skips'} pages in a browser: ${advice}.\n`,
  )
  if (isCi) process.exit(1)
}

/** Installs nginx where Debian's package manager may be used: the page is tried behind it. Without it that test is skipped, in CI it never is. */
export function offerNginx() {
  if (findBinary('nginx') !== null) return
  const run = findBinary('apt-get') === null ? null : runner(true)
  if (run === null) return
  process.stderr.write('Installing nginx with apt-get …\n')
  installByApt(run, ['nginx'])
}

function absent() {
  return servers.filter((server) => server.binaries.some((binary) => findBinary(binary) === null))
}

function advice(manager, missing) {
  if (manager === undefined) {
    return `install it so that ${missing.flatMap((server) => server.binaries).join(', ')} can be found on PATH.`
  }
  const command =
    manager.key === 'apt' || manager.key === 'dnf'
      ? `${manager.program} install`
      : `${manager.program} ${manager.key === 'apk' ? 'add' : 'install'}`
  const packages = missing.flatMap((server) => server.packages[manager.key]).join(' ')
  return `run "${manager.needsRoot ? 'sudo ' : ''}${command} ${packages}", then npm test again.`
}

/** Runs a program with the rights that installing takes; null where we do not have them. */
function runner(needsRoot) {
  const isRoot = process.getuid?.() === 0
  const maySudo = !isRoot && needsRoot && spawnSync('sudo', ['-n', 'true']).status === 0
  if (needsRoot && !isRoot && !maySudo) return null
  const prefix = maySudo ? ['sudo', '-n'] : []
  return (program, args, env = []) => {
    const command = env.length === 0 ? [...prefix, program, ...args] : [...prefix, 'env', ...env, program, ...args]
    return spawnSync(command[0], command.slice(1), { stdio: ['ignore', 2, 2] }).status === 0
  }
}

/** Debian starts what it installs, and makes a database cluster that starts with the system: neither is wanted here. */
function installByApt(run, packages) {
  const noCluster = ['/etc/postgresql-common/createcluster.conf', 'create_main_cluster = false\n']
  const noStart = ['/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n']
  if (packages.includes('postgresql')) writeAsRoot(run, noCluster, '644')
  const guarded = writeAsRoot(run, noStart, '755')
  const quiet = ['DEBIAN_FRONTEND=noninteractive']
  const install = ['install', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...packages]
  try {
    if (!run('apt-get', install, quiet)) run('apt-get', ['update'], quiet) && run('apt-get', install, quiet)
    const services = packages.filter((name) => !['postgresql', 'ruby-unleash', 'chromium'].includes(name))
    if (services.length > 0 && findBinary('systemctl') !== null) run('systemctl', ['disable', ...services])
  } finally {
    if (guarded) run('rm', ['-f', noStart[0]])
  }
}

/** Writes a file that is not there yet; false where it is, or where it cannot be written. */
function writeAsRoot(run, [path, content], mode) {
  if (existsSync(path)) return false
  const draft = `/tmp/sluice-${process.pid}.draft`
  writeFileSync(draft, content, { flag: 'wx' })
  try {
    return run('mkdir', ['-p', dirname(path)]) && run('install', ['-m', mode, draft, path])
  } finally {
    rmSync(draft, { force: true })
  }
}
