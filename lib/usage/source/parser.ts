// The parser of JavaScript and TypeScript. An optional package: no other part needs it.
import type { Program } from 'oxc-parser'
import { importNeeded, importPackage, type Requirement } from '../../packages.js'
import { isRecord } from '../../text/json.js'
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

type Oxc = typeof import('oxc-parser')

/** What the parser says of a text; the tree is made only when it is asked for. */
type ParseText = (
  language: Language,
  text: string,
) => {
  readonly errors: readonly { readonly message: string; readonly labels: readonly { readonly start: number }[] }[]
  program(): Program
}

async function importParser(): Promise<Parser> {
  const [oxc] = (await importNeeded({
    packages: parserPackages,
    subject: 'the check of usage',
    otherwise: 'or do without "usage"',
  })) as [Oxc]
  const parseText = (await directParse()) ?? usualParse(oxc)
  return {
    shapes: nodeShapes(oxc.visitorKeys),
    parse: (text, language) => parse(parseText, text, language),
  }
}

const options = { astType: 'ts', preserveParens: false } as const

function usualParse({ parseSync }: Oxc): ParseText {
  return (lang, text) => {
    const parsed = parseSync(`source.${lang}`, text, { ...options, lang })
    return { errors: parsed.errors, program: () => parsed.program }
  }
}

/**
 * The parser's own function under the public one, which also takes every import, export and comment out of the native part: a fifth of the
 * time of a first run. Null where a version of the parser has it no more, or in another form.
 */
async function directParse(): Promise<ParseText | null> {
  const bindings = await importPackage('oxc-parser/src-js/bindings.js').catch(() => null)
  if (!isRecord(bindings)) return null
  const { parseSync } = bindings as Partial<Pick<Oxc, 'parseSync'>>
  if (typeof parseSync !== 'function') return null
  const parseText: ParseText = (lang, text) => {
    const { errors, program } = parseSync(`source.${lang}`, text, { ...options, lang })
    return { errors, program: () => (JSON.parse(String(program)) as { readonly node: Program }).node }
  }
  return isRightTree(parseText) ? parseText : null
}

function isRightTree(parseText: ParseText): boolean {
  try {
    const { errors, program } = parseText('ts', 'f()')
    return errors.length === 0 && program().body[0]?.type === 'ExpressionStatement'
  } catch {
    return false // It is another form.
  }
}

/** The parser gives an empty program where it cannot go on; it recovers from other faults, and then only the tree counts. */
function parse(parseText: ParseText, text: string, language: Language): Parsed {
  const attempts = language === 'jsx' ? (['jsx', 'tsx'] as const) : [language]
  let fault: SyntaxFault | null = null
  for (const lang of attempts) {
    const { errors, program } = parseText(lang, text)
    const tree = program()
    if (tree.body.length > 0 || errors.length === 0) return { program: tree, fault: null }
    const [error] = errors
    fault ??= { message: error?.message ?? 'unknown', offset: error?.labels[0]?.start ?? 0 }
  }
  return { program: parseText('ts', '').program(), fault }
}
