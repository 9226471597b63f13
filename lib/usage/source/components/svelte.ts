// Components of Svelte: both scripts and the expressions of the markup. Without its compiler they are searched as text.
import { errorText } from '../../../errors.js'
import { importPackage, installedVersion, isOlder, type Requirement } from '../../../packages.js'
import { isRecord } from '../../../text/json.js'
import { assembled, type ComponentCompiler, isWithin, type Region, scriptsOf } from './component-text.js'
import { LineIndex } from '../line-index.js'

interface Compiler {
  parse(text: string, options: { readonly modern: true; readonly filename: string }): unknown
}

/** Keys below which markup holds an expression. */
const expressionKeys: ReadonlySet<string> = new Set(['expression', 'test', 'key', 'declaration'])
const expressionType = /(?:Expression|Identifier|Literal)$/

/** The first with the modern tree. Version 4 has another one, and is used as if it were not installed. */
export const sveltePackages: readonly Requirement[] = [
  { name: 'svelte', oldest: '5.0.0', install: 'svelte@5', optional: true },
]

/** Null where the compiler is not installed, or too old. */
export async function loadSvelte(): Promise<ComponentCompiler | null> {
  const [{ name, oldest }] = sveltePackages as readonly [Requirement]
  const version = installedVersion(name)
  if (version === null || isOlder(version, oldest)) return null
  const compiler = (await importPackage(`${name}/compiler`)) as Compiler
  return (text, path) => {
    let root: unknown
    try {
      root = compiler.parse(text, { modern: true, filename: path })
    } catch (error) {
      const problem = `cannot be read as a component of Svelte (${errorText(error)})`
      return { problem, ...new LineIndex(text).at(offsetOf(error)) }
    }
    if (!isRecord(root)) return { problem: 'cannot be read as a component of Svelte', line: 1, column: 1 }
    const module = scriptRegion(root['module'])
    const scripts = [...module, ...scriptRegion(root['instance'])]
    const expressions: Region[] = []
    collect(root['fragment'], expressions)
    const isTypeScript = /<script\b[^>]*\blang=["']?ts\b/.test(text)
    return {
      script: assembled(text, scripts, expressions),
      scriptsOnly: scriptsOf(text, scripts),
      language: isTypeScript ? 'ts' : 'jsx',
      runsLater: (offset) => !isWithin(offset, module),
    }
  }
}

function offsetOf(error: unknown): number {
  const start = error instanceof Error && 'start' in error ? error.start : null
  return isRecord(start) && typeof start['character'] === 'number' ? start['character'] : 0
}

function scriptRegion(script: unknown): readonly Region[] {
  return isRecord(script) ? regionOf(script['content']) : []
}

function regionOf(node: unknown): readonly Region[] {
  if (!isRecord(node)) return []
  const { start, end } = node
  return typeof start === 'number' && typeof end === 'number' && end > start ? [{ start, end }] : []
}

function collect(node: unknown, found: Region[]): void {
  if (Array.isArray(node)) {
    for (const one of node) collect(one, found)
    return
  }
  if (!isRecord(node)) return
  for (const [key, value] of Object.entries(node)) {
    if (!isRecord(value) && !Array.isArray(value)) continue
    const isExpression = expressionKeys.has(key) && isRecord(value) && expressionType.test(String(value['type']))
    if (isExpression) found.push(...regionOf(value))
    else if (key === 'declaration' && isRecord(value)) collectDeclared(value, found)
    else collect(value, found)
  }
}

/** `{@const name = expression}`. */
function collectDeclared({ declarations }: Record<string, unknown>, found: Region[]): void {
  if (!Array.isArray(declarations)) return
  for (const one of declarations) if (isRecord(one)) found.push(...regionOf(one['init']))
}
