// npm beside packages that other versions of the optional ones come with: it must refuse nothing.
import { countPackages, run } from '../package.js'
import { requireProgram } from '../programs.js'
import { installed, mustWork, type Row } from './row.js'

const neighbours: readonly (readonly string[])[] = [
  ['ioredis@5.11.1'],
  ['ioredis@4.31.0'],
  ['fastify@4.29.1', '@fastify/formbody@7', '@fastify/rate-limit@9', '@fastify/swagger@8'],
  ['fastify@5', '@fastify/rate-limit@10.3.0', '@fastify/formbody@8', '@fastify/swagger@9.4.0'],
  ['@electric-sql/pglite@0.3.16'],
  ['@electric-sql/pglite@0.4.6'],
  ['@electric-sql/pglite@0.5.16'],
  ['typeorm@1.1.1'],
  ['typeorm@1.1.1', 'ioredis@5.11.1', 'fastify@4.29.1'],
]

/** What a person is told who uses a version that does not fit. */
const refusals = [
  {
    packages: ['fastify@4.29.1', '@fastify/formbody@7', '@fastify/rate-limit@9', '@fastify/swagger@8'],
    command: ['serve', '--port', '0'],
    env: { DATABASE_URL: 'memory' },
    says: 'needs fastify 5.5.0 or newer, but 4.29.1 is installed; run "npm install fastify@5 @fastify/formbody@9',
  },
  {
    packages: ['ioredis@4.31.0'],
    command: ['list'],
    env: { DATABASE_URL: 'memory', REDIS_URL: 'redis://127.0.0.1:1' },
    says: 'needs ioredis 5.3.0 or newer, but 4.31.0 is installed; run "npm install ioredis@6"',
  },
  {
    packages: ['@electric-sql/pglite@0.3.16'],
    command: ['list'],
    env: { DATABASE_URL: 'embedded' },
    says: 'needs @electric-sql/pglite 0.5.0 or newer, but 0.3.16 is installed; run "npm install @electric-sql/pglite@0.5.8',
  },
  {
    packages: [],
    command: ['list'],
    env: { DATABASE_URL: 'embedded' },
    says: 'needs the package @electric-sql/pglite, which is not installed; run "npm install @electric-sql/pglite@0.5.8',
  },
] as const

export function installing(tarball: string): readonly Row[] {
  return [
    {
      name: 'npm install, alone',
      versions: 'npm of this machine',
      check: () => {
        const folder = installed(tarball, [], { 'main.cjs': requireProgram })
        mustWork(folder, [process.execPath, 'main.cjs'])
        const count = countPackages(folder)
        if (count > 45) throw new Error(`${count} packages are installed`)
        return `works, ${count} packages`
      },
    },
    ...neighbours.map((packages) => ({
      name: 'npm install beside',
      versions: packages.join(' '),
      check: () =>
        mustWork(installed(tarball, packages, { 'main.cjs': requireProgram }), [process.execPath, 'main.cjs']),
    })),
    ...refusals.map(({ packages, command, env, says }) => ({
      name: `feature-flag ${command[0]} with what does not fit`,
      versions: packages.join(' ') || 'nothing optional',
      check: () => {
        const folder = installed(tarball, packages)
        const { code, output } = run(folder, ['node_modules/.bin/feature-flag', ...command], env)
        if (code === 0 || !output.includes(says)) throw new Error(`ended with ${code}: ${output}`)
        return 'is told'
      },
    })),
    {
      name: 'both names of the program',
      versions: 'npx feature-flag, npx sluice',
      check: () => {
        const folder = installed(tarball, [])
        for (const name of ['feature-flag', 'sluice']) {
          const { output } = run(folder, ['npx', '--no-install', name, '--version'])
          if (!/^\d+\.\d+\.\d+$/m.test(output)) throw new Error(`${name}: ${output}`)
        }
        return undefined
      },
    },
  ]
}
