// Express, Fastify, Hono and Next.js: the programs are those of docs/recipes.md and docs/frontend.md, so that these pages cannot say what
// does not work.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fencedBlocks, fileNameOf } from '../../support/markdown.js'
import { repository, runWell } from '../package.js'
import { installed, mustWork, type Row } from './row.js'

const driver = join(repository, 'test', 'packaging', 'framework-driver.js')
const pageDriver = join(repository, 'test', 'packaging', 'page-driver.js')
const recipes = fencedBlocks(readFileSync(join(repository, 'docs', 'recipes.md'), 'utf8'))
const pages = fencedBlocks(readFileSync(join(repository, 'docs', 'frontend.md'), 'utf8'))
const embedded = ['@electric-sql/pglite@0.5.8', '@electric-sql/pglite-prepopulatedfs@0.5.8']

/** What every recipe takes for granted. */
const flag = {
  'config/feature_flags/development/my_first_flag.yml':
    'name: my_first_flag\ndescription: A flag.\nmilestone: "1.0"\ngroup: group::test\ntype: development\ndefault_enabled: false\n',
}

/** What `npx create-next-app` makes. */
const nextFiles = {
  'app/layout.tsx':
    'export default function Layout({ children }: { children: React.ReactNode }) {\n  return <html><body>{children}</body></html>\n}\n',
}

const servers = [
  { heading: 'Express', packages: ['express@5.3.0'], program: 'express.mjs' },
  { heading: 'Fastify', packages: ['fastify@5.12.8'], program: 'fastify.mjs' },
  { heading: 'Hono', packages: ['hono@4.13.19', '@hono/node-server@2.1.9'], program: 'hono.mjs' },
]

const nextPackages = [
  'next@16.4.6',
  'react@19.3.1',
  'react-dom@19.3.1',
  'typescript@5.9',
  '@types/react@19',
  '@types/node@20',
]

export function frameworks(tarball: string): readonly Row[] {
  const plain = servers.map(({ heading, packages, program }) => ({
    name: `${heading}, as docs/recipes.md has it`,
    versions: packages.join(' '),
    check: () => {
      const folder = installed(tarball, [...packages, ...embedded], { ...flag, ...filesUnder(heading) })
      return mustWork(folder, [process.execPath, driver, process.execPath, program])
    },
  }))
  const pushing = servers.map(({ heading, packages, program }) => ({
    name: `${heading}, with flags in pages as docs/frontend.md has it`,
    versions: packages.join(' '),
    check: () => {
      const files = { ...flag, ...filesUnder('On the server', pages), ...filesUnder(heading, pages) }
      const folder = installed(tarball, [...packages, ...embedded], files)
      return mustWork(folder, [process.execPath, pageDriver, process.execPath, program])
    },
  }))
  return [
    ...plain,
    ...pushing,
    {
      name: 'Next.js, with flags in pages as docs/frontend.md has it',
      versions: nextPackages.slice(0, 3).join(' '),
      check: () => {
        const files = { ...flag, ...nextFiles, ...nextRecipe(true), ...filesUnder('Next.js', pages) }
        const folder = installed(tarball, [...nextPackages, ...embedded], files)
        const next = [process.execPath, 'node_modules/next/dist/bin/next']
        runWell(folder, [...next, 'build'], { NEXT_TELEMETRY_DISABLED: '1' })
        const env = { NODE_ENV: 'production', DATABASE_URL: 'embedded', NEXT_TELEMETRY_DISABLED: '1' }
        return mustWork(folder, [process.execPath, pageDriver, ...next, 'start'], env)
      },
    },
    // A new project has `cacheComponents`, an older one does not.
    ...[false, true].map((cacheComponents) => ({
      name: `Next.js ${cacheComponents ? 'with' : 'without'} cacheComponents, built and started as docs/recipes.md has it`,
      versions: nextPackages.slice(0, 3).join(' '),
      check: () => {
        const files = { ...flag, ...nextFiles, ...nextRecipe(cacheComponents) }
        const folder = installed(tarball, [...nextPackages, ...embedded], files)
        const next = [process.execPath, 'node_modules/next/dist/bin/next']
        runWell(folder, [...next, 'build'], { NEXT_TELEMETRY_DISABLED: '1' })
        const env = { NODE_ENV: 'production', DATABASE_URL: 'embedded', NEXT_TELEMETRY_DISABLED: '1' }
        return mustWork(folder, [process.execPath, driver, ...next, 'start'], env)
      },
    })),
  ]
}

/** The files of the recipe, in a project that has `cacheComponents` if asked for. */
function nextRecipe(cacheComponents: boolean): Record<string, string> {
  const files = filesUnder('Next.js')
  if (!cacheComponents) return files
  const keys = '  serverExternalPackages:'
  const { 'next.config.ts': config } = files
  if (config === undefined || !config.includes(keys))
    throw new Error('docs/recipes.md has no next.config.ts with its keys')
  return {
    ...files,
    'next.config.ts': config.replace(keys, `  cacheComponents: true,\n  partialPrefetching: true,\n${keys}`),
  }
}

/** The files that a recipe says to save. */
function filesUnder(heading: string, page = recipes): Record<string, string> {
  const blocks = page.filter((block) => block.heading === heading)
  const files = blocks.map((block) => [fileNameOf(block), block.text] as const)
  const lost = files.some(([name]) => name === undefined)
  if (files.length === 0 || lost)
    throw new Error(`the page has a block under "${heading}" without a name to save it as`)
  return Object.fromEntries(files)
}
