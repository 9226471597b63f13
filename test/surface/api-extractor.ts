// The public surface of a built package as text: what every entry of its package.json exports, each declaration whole and with its
// comments, and which further types can be reached from there that no entry exports by name.
// API Extractor reads the declaration files with a compiler of its own, TypeScript 5.9: version 7, which compiles this package, has
// no stable interface for tools.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
  type IConfigFile,
} from '@microsoft/api-extractor'

export interface Surface {
  /** Whole declarations, sorted by name, for each entry as it is imported: `sluice/testing`. */
  readonly exported: ReadonlyMap<string, readonly string[]>
  /** Names of types that are reached from them, and that no entry exports. */
  readonly unnamed: readonly string[]
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly types: { readonly default: string } }>>
}

interface Declaration {
  readonly text: string
  readonly kind: string
  readonly name: string
  readonly isExported: boolean
}

/** The surface of the package in a folder that has its `package.json` and what was built. Throws where the tool reports an error. */
export function surfaceOf(folder: string): Surface {
  const { name, exports }: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const typed = Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [{ entry: join(name, path), file: join(folder, target.types.default) }],
  )
  const read = readerOf(
    folder,
    typed.map(({ file }) => file),
  )
  const entries = typed.map(({ entry, file }) => ({ entry, declared: read(file) }))
  const all = entries.flatMap(({ declared }) => declared)
  const named = new Set(all.filter(isExported).map((one) => one.name))
  const unnamed = all.filter((one) => isType(one) && !named.has(one.name)).map((one) => one.name)
  return {
    exported: new Map(
      entries.map(({ entry, declared }) => [entry, declared.filter(isExported).map(({ text }) => text)]),
    ),
    unnamed: [...new Set(unnamed)].sort(),
  }
}

const isExported = (declaration: Declaration) => declaration.isExported
/** A function or a namespace that no entry exports is no part of a signature. */
const isType = ({ kind }: Declaration) => kind !== 'function' && kind !== 'namespace'

/** Reads one entry after the other; the compiler reads the files of all of them once. */
function readerOf(folder: string, files: readonly string[]): (file: string) => readonly Declaration[] {
  let compilerState: CompilerState | null = null
  return (file) => {
    const temporary = mkdtempSync(join(tmpdir(), 'sluice-surface-'))
    try {
      const untrimmedFilePath = join(temporary, 'rollup.d.ts')
      const configObject = configFor({ folder, file, untrimmedFilePath })
      const packageJsonFullPath = join(folder, 'package.json')
      const config = ExtractorConfig.prepare({ configObject, configObjectFullPath: undefined, packageJsonFullPath })
      compilerState ??= CompilerState.create(config, { additionalEntryPoints: [...files] })
      const errors: string[] = []
      const messageCallback = (message: ExtractorMessage) => {
        message.handled = true
        if (message.logLevel === ExtractorLogLevel.Error) errors.push(message.formatMessageWithLocation(folder))
      }
      Extractor.invoke(config, { compilerState, messageCallback })
      if (errors.length > 0) throw new Error(`the declaration files could not be read:\n${errors.join('\n')}`)
      return declarationsIn(readFileSync(untrimmedFilePath, 'utf8'))
    } finally {
      rmSync(temporary, { recursive: true })
    }
  }
}

interface Reading {
  readonly folder: string
  readonly file: string
  readonly untrimmedFilePath: string
}

function configFor({ folder, file, untrimmedFilePath }: Reading): IConfigFile {
  const silent = { default: { logLevel: ExtractorLogLevel.None } }
  return {
    projectFolder: folder,
    mainEntryPointFilePath: file,
    newlineKind: 'lf',
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: 'es2023',
          lib: ['es2023'],
          module: 'nodenext',
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: true,
          types: ['node'],
        },
        files: [file],
      },
    },
    apiReport: { enabled: false, reportFileName: 'unused' },
    docModel: { enabled: false },
    // Not its report, which leaves the comments out.
    dtsRollup: { enabled: true, untrimmedFilePath },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      extractorMessageReporting: silent,
      tsdocMessageReporting: silent,
    },
  }
}

const head =
  /^(?:export )?declare (?:abstract )?(?<kind>interface|class|type|function|const|namespace|enum) (?<name>\w+)/m

/** The parts of a rollup: each begins at the start of a line after an empty one, with its comment. */
function declarationsIn(rollup: string): readonly Declaration[] {
  return renamed(rollup)
    .split(/\n\n(?=\S)/)
    .map((part) => part.trim())
    .flatMap((part) => {
      const { kind, name } = head.exec(part)?.groups ?? {}
      return kind === undefined || name === undefined
        ? unread(part)
        : [{ text: part, kind, name, isExported: isExportedIn(part) }]
    })
}

const isExportedIn = (part: string) => /^export declare /m.test(part)

/** A name that is one of the language's own too is numbered in a rollup, and exported by a line of its own where it is exported. */
function renamed(rollup: string): string {
  const numbered = [...rollup.matchAll(/^(?:export )?declare (?:abstract )?\w+ ((\w+?)_\d+)\b/gm)]
  return numbered.reduce((text, [, number = '', name = '']) => {
    const exporting = `export { ${number} as ${name} }\n`
    const declared = text.includes(exporting)
      ? text
          .replace(exporting, '')
          .replace(new RegExp(`^declare (?=(?:abstract )?\\w+ ${number}\\b)`, 'm'), 'export declare ')
      : text
    return declared.replaceAll(new RegExp(`\\b${number}\\b`, 'g'), name)
  }, rollup)
}

/** Imports and the end of the rollup. Throws for anything that would be left out unseen. */
function unread(part: string): readonly [] {
  if (part === '' || part === 'export { }' || /^(?:import [^;]*;\n?|\/\/\/ .*\n?)+$/.test(part)) return []
  throw new Error(`this part of the declarations was not understood:\n${part}`)
}
