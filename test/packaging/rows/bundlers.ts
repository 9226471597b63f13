// esbuild, to CommonJS and to ES modules: the bundle runs in the project, without the optional packages, and alone in a folder.
import { cpSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runWell } from '../package.js'
import { moduleProgram } from '../programs.js'
import { beside, installed, lazily, mustWork, type Row } from './row.js'

const esbuild = 'esbuild@0.28.2'
const embedded = ['@electric-sql/pglite@0.5.8', '@electric-sql/pglite-prepopulatedfs@0.5.8']
/** As docs/recipes.md says: pg and pino are CommonJS, and call `require`, which an ES module does not have. */
const banner = `--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

interface Format {
  readonly format: 'cjs' | 'esm'
  readonly file: string
  readonly options: readonly string[]
}

const formats: readonly Format[] = [
  { format: 'cjs', file: 'out.cjs', options: [] },
  { format: 'esm', file: 'out.mjs', options: [banner] },
]

export function bundlers(tarball: string): readonly Row[] {
  const plain = lazily(() => installed(tarball, [esbuild]))
  const full = lazily(() => installed(tarball, [esbuild, ...embedded]))
  const bundle = (project: string, { format, file, options }: Format, files = {}) => {
    const folder = beside(project, { 'main.mjs': moduleProgram, ...files })
    const kind = ['--bundle', '--platform=node', `--format=${format}`, `--outfile=${file}`, '--log-level=warning']
    const output = runWell(folder, ['node_modules/esbuild/bin/esbuild', 'main.mjs', ...kind, ...options])
    if (output !== '') throw new Error(`esbuild warns: ${output}`)
    return folder
  }
  return [...formats.flatMap((format) => rowsOf(format)), ...withoutBanner()]

  function withoutBanner(): readonly Row[] {
    const format = { format: 'esm', file: 'out.mjs', options: [] } as const
    const name = 'esbuild to esm, without the banner'
    return [
      { name, versions: esbuild, check: () => mustWork(bundle(plain(), format), [process.execPath, format.file]) },
      {
        name: `${name}, with a database`,
        versions: esbuild,
        check: () => {
          const { code, output } = run(bundle(full(), format), [process.execPath, format.file], { STORE: 'embedded' })
          if (code !== 0 && output.includes('or with a banner that defines require')) return 'is told'
          throw new Error(`ended with ${code}: ${output}`)
        },
      },
      {
        name: `${name}, with --external:pg and a database`,
        versions: esbuild,
        check: () => {
          const external = { ...format, options: ['--external:pg', '--external:pino'] } as const
          return mustWork(bundle(full(), external), [process.execPath, format.file], { STORE: 'embedded' })
        },
      },
    ]
  }

  function rowsOf(format: Format): readonly Row[] {
    return [
      {
        name: `esbuild to ${format.format}, no optional package`,
        versions: esbuild,
        check: () => mustWork(bundle(plain(), format), [process.execPath, format.file]),
      },
      {
        name: `esbuild to ${format.format}, with feature.config.ts`,
        versions: esbuild,
        check: () => {
          const config = { 'feature.config.ts': 'export default { pollIntervalMs: 5_000 satisfies number }' }
          return mustWork(bundle(plain(), format, config), [process.execPath, format.file])
        },
      },
      {
        name: `esbuild to ${format.format}, with the embedded database`,
        versions: `${esbuild} ${embedded.join(' ')}`,
        check: () => mustWork(bundle(full(), format), [process.execPath, format.file], { STORE: 'embedded' }),
      },
      {
        name: `esbuild to ${format.format}, alone in a folder without node_modules`,
        versions: esbuild,
        check: () => {
          const folder = bundle(plain(), format)
          const alone = mkdtempSync(join(tmpdir(), 'sluice-packaging-'))
          for (const name of ['config', format.file]) cpSync(join(folder, name), join(alone, name), { recursive: true })
          return mustWork(alone, [process.execPath, format.file])
        },
      },
    ]
  }
}
