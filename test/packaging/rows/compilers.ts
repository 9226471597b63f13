// tsc of several versions with each way to find modules, with the declarations of the package checked as well.
import { runWell, writeIn } from '../package.js'
import { typedProgram } from '../programs.js'
import { installed, lazily, type Row } from './row.js'

const compilerVersions = [
  { alias: 'ts54', version: '5.4.5' },
  { alias: 'ts59', version: '5.9.3' },
  { alias: 'ts6', version: '6.0.3' },
  { alias: 'ts7', version: '7.0.2' },
] as const

interface Mode {
  readonly name: string
  readonly file: string
  readonly options: object
  /** The compilers that have it. */
  readonly until?: string
}

const modes: readonly Mode[] = [
  {
    name: 'node10',
    file: 'typed.ts',
    options: { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true },
    until: '7',
  },
  { name: 'node16, CommonJS', file: 'typed.cts', options: { module: 'node16' } },
  { name: 'node16, ES module', file: 'typed.mts', options: { module: 'node16' } },
  { name: 'nodenext, CommonJS', file: 'typed.cts', options: { module: 'nodenext' } },
  { name: 'nodenext, ES module', file: 'typed.mts', options: { module: 'nodenext' } },
  { name: 'bundler', file: 'typed.ts', options: { module: 'esnext', moduleResolution: 'bundler' } },
]

export function compilers(tarball: string): readonly Row[] {
  const folder = lazily(() => {
    const files = Object.fromEntries(['ts', 'cts', 'mts'].map((ending) => [`typed.${ending}`, typedProgram]))
    const packages = compilerVersions.map(({ alias, version }) => `${alias}@npm:typescript@${version}`)
    return installed(tarball, [...packages, '@types/node@20', '@types/pg@8'], files)
  })
  return compilerVersions.flatMap(({ alias, version }) =>
    modes.map(({ name, file, options, until }) => ({
      name: `tsc, ${name}`,
      versions: `typescript ${version}`,
      check: () => {
        if (until !== undefined && version.startsWith(until)) return 'not in this TypeScript'
        const common = {
          strict: true,
          noEmit: true,
          skipLibCheck: false,
          target: 'es2022',
          lib: ['es2023', 'dom'],
          types: ['node'],
        }
        // It says of node10 that the next version has it no more.
        const silent = version.startsWith('6') ? { ignoreDeprecations: '6.0' } : {}
        const config = `tsconfig.${alias}.json`
        writeIn(
          folder(),
          config,
          JSON.stringify({ compilerOptions: { ...common, ...options, ...silent }, files: [file] }),
        )
        runWell(folder(), [process.execPath, `node_modules/${alias}/bin/tsc`, '-p', config])
        return undefined
      },
    })),
  )
}
