// examples/shop with the packed package in it, and the commands of its CI files.
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { load } from 'js-yaml'
import { matcherOf } from '../../lib/usage/glob.js'
import { installOffline, repository } from './package.js'

export const shopSource = join(repository, 'examples/shop')
/** What is not the example's own, although it may lie there. */
const made: ReadonlySet<string> = new Set(['node_modules', 'dist', '.feature', 'package-lock.json'])

/** What its package.json names, beside what the package itself needs. */
const packages = ['fastify', 'oxc-parser', 'react', 'react-dom', 'rolldown', 'typescript', 'vue']

/** A copy in a folder of its own, with what its package.json names, as `npm install` would make it. */
export function installShop(tarball: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-shop-'))
  cpSync(shopSource, folder, { recursive: true, filter: (source) => !made.has(basename(source)) })
  installOffline(tarball, folder)
  for (const name of packages) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name))
  }
  mkdirSync(join(folder, 'node_modules/.bin'))
  for (const [name, target] of [
    ['feature-flag', 'sluice/bin/feature-flag'],
    ['tsc', 'typescript/bin/tsc'],
    ['rolldown', 'rolldown/bin/cli.mjs'],
  ] as const) {
    symlinkSync(join('..', target), join(folder, 'node_modules/.bin', name))
  }
  chmodSync(join(folder, 'node_modules/sluice/bin/feature-flag'), 0o755)
  return folder
}

/** The files that docs/ci.md shows whole. */
export const ciFiles = ['.gitlab-ci.yml', '.github/workflows/feature-flags.yml', '.pre-commit-config.yaml'] as const

export function readShop(path: string): string {
  return readFileSync(join(shopSource, path), 'utf8')
}

interface GitLabJob {
  readonly script: readonly string[]
}
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>
}
interface PreCommit {
  readonly repos: readonly { readonly hooks: readonly { readonly entry: string; readonly files: string }[] }[]
}

/** The scripts of all jobs, each as one text, as its CI server runs it. */
export function scriptsOfCi(): readonly string[] {
  const jobs = load(readShop('.gitlab-ci.yml')) as Readonly<Record<string, GitLabJob>>
  const workflow = load(readShop('.github/workflows/feature-flags.yml')) as Workflow
  return [
    ...Object.values(jobs).map(({ script }) => script.join('\n')),
    ...Object.values(workflow.jobs).map(({ steps }) => steps.flatMap(({ run }) => run ?? []).join('\n')),
  ]
}

/** The commands before a commit, each with those of the files that it asks for. */
export function commandsBeforeCommit(paths: readonly string[]): readonly string[] {
  const { repos } = load(readShop('.pre-commit-config.yaml')) as PreCommit
  const manifest: { readonly 'lint-staged': Readonly<Record<string, string>> } = JSON.parse(readShop('package.json'))
  return [
    ...repos.flatMap(({ hooks }) =>
      hooks.map(({ entry, files }) => withFiles(entry, (path) => new RegExp(files).test(path))),
    ),
    ...Object.entries(manifest['lint-staged']).map(([pattern, command]) =>
      withFiles(`npx ${command}`, matcherOf([pattern.includes('/') ? pattern : `**/${pattern}`])),
    ),
  ]

  function withFiles(command: string, isMeant: (path: string) => boolean): string {
    const meant = paths.filter(isMeant)
    if (meant.length === 0) throw new Error(`${command} is for no file`)
    return [command, ...meant].join(' ')
  }
}
