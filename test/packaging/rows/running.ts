// Ways to run: module systems, loaders, package managers, threads, and places where little is allowed.
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeProject, run, runWell, writeIn } from '../package.js'
import { moduleProgram, requireProgram } from '../programs.js'
import { beside, installed, lazily, mustWork, type Row } from './row.js'

const embedded = ['@electric-sql/pglite@0.5.8', '@electric-sql/pglite-prepopulatedfs@0.5.8']
const pnpm = 'pnpm@10.34.9'
const tsx = 'tsx@4.23.15'
const node = process.execPath
const workerProgram = `import { Worker } from 'node:worker_threads'
const worker = new Worker(new URL('./main.mjs', import.meta.url))
worker.on('error', (error) => { throw error })
`
const config = `export default { pollIntervalMs: 5_000 satisfies number }`

/** A user id that no file names: containers run so. */
const stranger = [
  'setpriv',
  '--reuid',
  '54321',
  '--regid',
  '54321',
  '--clear-groups',
  'env',
  '-u',
  'HOME',
  '-u',
  'USER',
]

export function running(tarball: string): readonly Row[] {
  const project = lazily(() => installed(tarball, [...embedded, tsx, pnpm, 'ioredis@5.11.1']))
  const sources = { 'main.mjs': moduleProgram, 'main.cjs': requireProgram, 'main.ts': moduleProgram }
  const place = (files: Readonly<Record<string, string>> = {}) => beside(project(), { ...sources, ...files })
  const versions = `node ${process.versions.node}`
  return [
    { name: 'ES module', versions, check: () => mustWork(place(), [node, 'main.mjs']) },
    { name: 'require', versions, check: () => mustWork(place(), [node, 'main.cjs']) },
    {
      name: 'ES module with feature.config.ts',
      versions,
      check: () => mustWork(place({ 'feature.config.ts': config }), [node, 'main.mjs']),
    },
    {
      name: 'embedded database',
      versions: embedded.join(' '),
      check: () => mustWork(place(), [node, 'main.mjs'], { STORE: 'embedded' }),
    },
    {
      name: 'embedded database without prepopulatedfs',
      versions: '@electric-sql/pglite@0.5.16',
      check: () => {
        const folder = installed(tarball, ['@electric-sql/pglite@0.5.16'], sources)
        return mustWork(folder, [node, 'main.mjs'], { STORE: 'embedded' })
      },
    },
    { name: 'tsx', versions: tsx, check: () => mustWork(place(), ['node_modules/.bin/tsx', 'main.ts']) },
    {
      name: 'tsx with feature.config.ts',
      versions: tsx,
      check: () => mustWork(place({ 'feature.config.ts': config }), ['node_modules/.bin/tsx', 'main.ts']),
    },
    {
      name: 'worker thread',
      versions,
      check: () => mustWork(place({ 'thread.mjs': workerProgram }), [node, 'thread.mjs']),
    },
    {
      name: 'pnpm, with the embedded database and feature.config.ts',
      versions: `${pnpm} ${embedded.join(' ')}`,
      check: () => {
        const folder = makeProject({ ...sources, 'feature.config.ts': config })
        const program = join(project(), 'node_modules/pnpm/bin/pnpm.cjs')
        const store = ['--store-dir', join(folder, '.store')]
        runWell(folder, [node, program, 'add', '--ignore-scripts', '--silent', ...store, tarball, ...embedded])
        return mustWork(folder, [node, 'main.mjs'], { STORE: 'embedded' })
      },
    },
    ...strangers(place),
  ]
}

function strangers(place: (files?: Readonly<Record<string, string>>) => string): readonly Row[] {
  const able = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv')
  const asStranger = (name: string, check: (folder: string) => undefined): Row => ({
    name,
    versions: 'uid 54321, no HOME',
    check: () => {
      if (!able) return 'not tried: it takes root and setpriv'
      const folder = place({ 'feature.config.ts': config })
      chmodSync(folder, 0o755)
      return check(folder)
    },
  })
  return [
    asStranger('read-only folder, uid without passwd entry, no HOME', (folder) => {
      mustWork(folder, [...stranger, node, 'main.mjs'])
      if (existsSync(join(folder, '.feature'))) throw new Error('something was written')
      return undefined
    }),
    asStranger('commands there: list, status, validate, migrate', (folder) => {
      const env = { DATABASE_URL: 'memory' }
      for (const command of ['list', 'status', 'validate', 'migrate']) {
        runWell(folder, [...stranger, 'node_modules/.bin/feature-flag', command], env)
      }
      return undefined
    }),
    asStranger('migrate there, with a database that is away', (folder) => {
      const env = { DATABASE_URL: 'postgres://user:word@127.0.0.1:1/db' }
      const { code, output } = run(folder, [...stranger, 'node_modules/.bin/feature-flag', 'migrate'], env)
      if (code === 1 && output.includes('could not be reached')) return undefined
      throw new Error(`ended with ${code}: ${output}`)
    }),
    asStranger('embedded database in a folder of its own', (folder) => {
      chmodSync(folder, 0o777)
      writeIn(folder, 'again', '')
      rmSync(join(folder, 'again'))
      return mustWork(folder, [...stranger, node, 'main.mjs'], { STORE: 'embedded' })
    }),
  ]
}
