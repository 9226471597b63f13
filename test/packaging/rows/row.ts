// What a row is, and the projects that rows share.
import { chmodSync, cpSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeProject, runWell, writeIn } from '../package.js'

export interface Row {
  readonly name: string
  readonly versions: string
  /** Throws where it does not work; may say how it works. */
  readonly check: () => string | undefined
}

export type Rows = (tarball: string) => readonly Row[]

export const quietInstall = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']

/** A project with the tarball and other packages installed, as one command of npm. Throws where npm refuses. */
export function installed(tarball: string, packages: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const folder = makeProject(files)
  // Rows that run as another user read it.
  chmodSync(folder, 0o755)
  runWell(folder, ['npm', 'install', ...quietInstall, tarball, ...packages])
  return folder
}

/** The folder is made at its first use, and once. */
export function lazily(make: () => string): () => string {
  let made: string | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** A project of its own with the node_modules of another one. */
export function beside(project: string, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-packaging-'))
  cpSync(join(project, 'config'), join(folder, 'config'), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  writeIn(folder, 'package.json', '{ "name": "application", "private": true }')
  for (const [path, text] of Object.entries(files)) writeIn(folder, path, text)
  return folder
}

/** Runs a program that must print `works` as its last line. */
export function mustWork(folder: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): undefined {
  const output = runWell(folder, command, env)
  if (output.trim().split('\n').at(-1) !== 'works') throw new Error(`${command.join(' ')} printed: ${output}`)
}
