// `npm install` without a network, for tests that follow what a reader is told to run: unpacks a tarball, links other packages
// and what they need from the repository's node_modules, and links the programs. A package that the page does not name is not there,
// as after a real install. Every other command of npm is npm's own; the shell script that starts this file passes it on.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const repository = join(import.meta.dirname, '..', '..')
const project = process.cwd()
const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8'))

/** Links one package of the repository, if it has the version that was asked for. */
function link(/** @type {string} */ wanted) {
  const [, name = '', version] = /^(@?[^@]+)(?:@(.+))?$/.exec(wanted) ?? []
  const from = join(repository, 'node_modules', name)
  if (!existsSync(from)) throw new Error(`${name} is not in the repository's node_modules`)
  const found = readJson(join(from, 'package.json')).version
  if (version !== undefined && version !== found) throw new Error(`${wanted} was asked for, ${found} is there`)
  const to = join(project, 'node_modules', name)
  mkdirSync(dirname(to), { recursive: true })
  rmSync(to, { recursive: true, force: true })
  symlinkSync(from, to)
  return [name, found]
}

function unpack(/** @type {string} */ tarball) {
  const to = join(project, 'node_modules', 'sluice')
  mkdirSync(to, { recursive: true })
  const unpacked = spawnSync('tar', ['-xzf', tarball, '-C', to, '--strip-components', '1'], { stdio: 'inherit' })
  if (unpacked.status !== 0) throw new Error(`${tarball} cannot be unpacked`)
  const { name, bin, dependencies } = readJson(join(to, 'package.json'))
  for (const dependency of Object.keys(dependencies)) link(dependency)
  const programs = join(project, 'node_modules', '.bin')
  mkdirSync(programs, { recursive: true })
  for (const [program, file] of Object.entries(bin)) {
    chmodSync(join(to, file), 0o755)
    rmSync(join(programs, program), { force: true })
    symlinkSync(join('..', name, file), join(programs, program))
  }
  return [name, `file:${tarball}`]
}

const added = process.argv.slice(2).map((wanted) => (wanted.endsWith('.tgz') ? unpack(wanted) : link(wanted)))
const manifest = readJson(join(project, 'package.json'))
manifest.dependencies = { ...manifest.dependencies, ...Object.fromEntries(added) }
writeFileSync(join(project, 'package.json'), JSON.stringify(manifest, null, 2))
