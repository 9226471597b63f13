// The package as npm would publish it, installed into folders of its own.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { entries, writeCommonJsTypes } from '../../scripts/commonjs-types.js'
import { build } from '../cli/built.js'
import { builtPage } from '../support/built-page.js'

export const repository = join(import.meta.dirname, '../..')

export interface Ran {
  readonly code: number | null
  /** What was written to both streams. */
  readonly output: string
}

/** Runs a program in a folder to its end. */
export function run(folder: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const [program = '', ...rest] = command
  const { PATH, HOME, TMPDIR } = process.env
  // Nothing of the environment of the tests: npm's and vitest's variables change what programs do.
  const ran = spawnSync(program, rest, {
    cwd: folder,
    env: { PATH, HOME, TMPDIR, FEATURE_LOG_LEVEL: 'warn', ...env },
    encoding: 'utf8',
  })
  return { code: ran.status, output: `${ran.stdout ?? ''}${ran.stderr ?? ''}${ran.error?.message ?? ''}` }
}

/** As `run`. Throws where the program does not end with 0. */
export function runWell(folder: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { code, output } = run(folder, command, env)
  if (code === 0) return output
  throw new Error(`${command.join(' ')} ended with ${code}: ${output.slice(-2_000)}`)
}

/** Builds and packs the package; gives the path of the tarball, in a folder for the caller to remove. */
export function packTarball(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-packed-'))
  runWell(build().folder, ['cp', '-R', 'bin', 'lib', 'dist', 'package.json', folder])
  runWell(repository, ['cp', '-R', 'docs', 'README.md', folder])
  for (const entry of entries) writeCommonJsTypes(join(folder, 'dist', entry))
  runWell(repository, ['cp', '-R', builtPage(), join(folder, 'dist', 'web')])
  return join(folder, runWell(folder, ['npm', 'pack', '--silent', '--ignore-scripts']).trim())
}

/** Unpacks the tarball where npm would, and links its dependencies from the repository: no network is needed. */
export function installOffline(tarball: string, folder: string): void {
  const target = join(folder, 'node_modules', 'sluice')
  mkdirSync(target, { recursive: true })
  runWell(folder, ['tar', '-xzf', tarball, '-C', target, '--strip-components=1'])
  const { dependencies }: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(target, 'package.json'), 'utf8'),
  )
  for (const name of [...Object.keys(dependencies), '@types']) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name))
  }
}

/** Writes one file below a folder, with the folders that it needs. */
export function writeIn(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** A folder with these files and a flag that is defined and off. */
export function makeProject(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-packaging-'))
  writeIn(folder, 'package.json', '{ "name": "application", "private": true }')
  writeIn(
    folder,
    'config/feature_flags/development/dark_mode.yml',
    'name: dark_mode\ndescription: A flag.\nmilestone: "1.0"\ngroup: group::test\ntype: development\ndefault_enabled: false\n',
  )
  for (const [path, text] of Object.entries(files)) writeIn(folder, path, text)
  return folder
}

/** The packages in a folder's node_modules, as npm noted them. */
export function countPackages(folder: string): number {
  const { packages }: { readonly packages: object } = JSON.parse(
    readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8'),
  )
  return Object.keys(packages).length
}

/** The sources that the maps of an installed package name, and that are not in it. */
export function lostSources(installed: string): string[] {
  const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
  const maps = files.filter((file) => file.endsWith('.map')).map((file) => join(installed, 'dist', file))
  if (maps.length === 0) throw new Error('the package has no source maps')
  const inside = new Set(
    readdirSync(join(installed, 'lib'), { recursive: true, encoding: 'utf8' }).map((path) =>
      join(installed, 'lib', path),
    ),
  )
  return maps.flatMap((map) => {
    const { sources }: { readonly sources: readonly string[] } = JSON.parse(readFileSync(map, 'utf8'))
    return sources
      .filter((source) => !inside.has(join(dirname(map), source)))
      .map((source) => `${basename(map)}: ${source}`)
  })
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
