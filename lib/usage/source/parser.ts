// The parser of JavaScript and TypeScript, and what finds the declaration of each name. Optional packages: no other part needs them.
import type { Node, Program } from 'oxc-parser'
import { importNeeded, type Requirement } from '../../packages.js'

export type Language = 'jsx' | 'ts' | 'tsx'

/** One declaration of a name, as @typescript-eslint/scope-manager tells it. */
export interface Declaration {
  readonly type: string
  /** The identifier that is declared. */
  readonly name: Node
  readonly node: Node
  readonly parent?: Node | null
}

export interface Reference {
  readonly identifier: Node
  readonly resolved: Variable | null
  /** What is assigned, where this is an assignment. */
  readonly writeExpr?: Node | null | undefined
  isWrite(): boolean
}

export interface Variable {
  readonly name: string
  readonly defs: readonly Declaration[]
  readonly references: readonly Reference[]
}

interface Scopes {
  readonly scopes: readonly { readonly references: readonly Reference[] }[]
}

export interface SyntaxFault {
  readonly message: string
  readonly offset: number
}

export interface Parsed {
  readonly program: Program
  readonly fault: SyntaxFault | null
}

export interface Parser {
  /** Which children each type of node has. */
  readonly keys: Readonly<Record<string, readonly string[]>>
  parse(text: string, language: Language): Parsed
  analyze(program: Program): Scopes
}

/** The oldest versions that were tried; both come without a script that runs at installation. */
export const parserPackages: readonly Requirement[] = [
  { name: 'oxc-parser', oldest: '0.159.0', install: 'oxc-parser@0.159' },
  { name: '@typescript-eslint/scope-manager', oldest: '8.0.0', install: '@typescript-eslint/scope-manager@8' },
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
  const [oxc, scopeManager] = (await importNeeded({
    packages: parserPackages,
    subject: 'the check of usage',
    otherwise: 'or do without "usage"',
  })) as [typeof import('oxc-parser'), unknown]
  const { analyze } = scopeManager as { analyze: (program: Program, options: object) => Scopes }
  return {
    keys: oxc.visitorKeys,
    parse: (text, language) => parse(oxc, text, language),
    analyze: (program) => analyze(program, { sourceType: 'module', lib: [], childVisitorKeys: oxc.visitorKeys }),
  }
}

/** The parser gives an empty program where it cannot go on; it recovers from other faults, and then only the tree counts. */
function parse(oxc: typeof import('oxc-parser'), text: string, language: Language): Parsed {
  const attempts = language === 'jsx' ? (['jsx', 'tsx'] as const) : [language]
  let fault: SyntaxFault | null = null
  for (const lang of attempts) {
    const options = { lang, astType: 'ts', range: true, preserveParens: false } as const
    const { program, errors } = oxc.parseSync(`source.${lang}`, text, options)
    if (program.body.length > 0 || errors.length === 0) return { program, fault: null }
    const [error] = errors
    fault ??= { message: error?.message ?? 'unknown', offset: error?.labels[0]?.start ?? 0 }
  }
  return { program: oxc.parseSync('source.ts', '').program, fault }
}
