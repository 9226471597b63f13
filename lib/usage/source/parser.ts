// The parser of JavaScript and TypeScript. An optional package: no other part needs it.
import type { Program } from 'oxc-parser'
import { importNeeded, type Requirement } from '../../packages.js'
import { type NodeShape, nodeShapes } from './tree/node-shapes.js'

export type Language = 'jsx' | 'ts' | 'tsx'

export interface SyntaxFault {
  readonly message: string
  readonly offset: number
}

export interface Parsed {
  readonly program: Program
  readonly fault: SyntaxFault | null
}

export interface Parser {
  /** By the type of a node. */
  readonly shapes: ReadonlyMap<string, NodeShape>
  parse(text: string, language: Language): Parsed
}

/** The oldest version that was tried. It comes without a script that runs at installation. */
export const parserPackages: readonly Requirement[] = [
  { name: 'oxc-parser', oldest: '0.159.0', install: 'oxc-parser@0.159' },
]

let loading: Promise<Parser> | null = null

/** Imports the parser. Throws ConfigurationError, with the command that installs it, where it is missing. */
export function loadParser(): Promise<Parser> {
  loading ??= importParser().catch((error: unknown) => {
    loading = null // It may be installed before the next call.
    throw error
  })
  return loading
}

async function importParser(): Promise<Parser> {
  const [oxc] = (await importNeeded({
    packages: parserPackages,
    subject: 'the check of usage',
    otherwise: 'or do without "usage"',
  })) as [typeof import('oxc-parser')]
  return {
    shapes: nodeShapes(oxc.visitorKeys),
    parse: (text, language) => parse(oxc, text, language),
  }
}

/** The parser gives an empty program where it cannot go on; it recovers from other faults, and then only the tree counts. */
function parse(oxc: typeof import('oxc-parser'), text: string, language: Language): Parsed {
  const attempts = language === 'jsx' ? (['jsx', 'tsx'] as const) : [language]
  let fault: SyntaxFault | null = null
  for (const lang of attempts) {
    const options = { lang, astType: 'ts', preserveParens: false } as const
    const { program, errors } = oxc.parseSync(`source.${lang}`, text, options)
    if (program.body.length > 0 || errors.length === 0) return { program, fault: null }
    const [error] = errors
    fault ??= { message: error?.message ?? 'unknown', offset: error?.labels[0]?.start ?? 0 }
  }
  return { program: oxc.parseSync('source.ts', '', { astType: 'ts' }).program, fault }
}
