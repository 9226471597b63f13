// Components of Vue: both scripts and the expressions of the template.
import { importNeeded, type Requirement } from '../../../packages.js'
import { assembled, type ComponentCompiler, isWithin, type Region, scriptsOf } from './component-text.js'
import { LineIndex } from '../line-index.js'

/** What is read of the compiler's result; the numbers of node types are those of Vue 3. */
interface Location {
  readonly start: { readonly offset: number }
  readonly end: { readonly offset: number }
}
interface Block {
  readonly loc: Location
  readonly lang?: string
}
interface TemplateNode {
  readonly type: number
  readonly loc: Location
  readonly content?: unknown
  readonly props?: readonly TemplateNode[]
  readonly children?: readonly TemplateNode[]
  readonly name?: string
  readonly exp?: TemplateNode
  readonly isStatic?: boolean
  readonly forParseResult?: { readonly source: TemplateNode }
}
interface Compiler {
  parse(
    text: string,
    options: { readonly filename: string; readonly ignoreEmpty: boolean },
  ): {
    readonly errors: readonly { readonly message: string; readonly loc?: Location }[]
    readonly descriptor: {
      readonly script: Block | null
      readonly scriptSetup: Block | null
      readonly template: { readonly ast?: TemplateNode; readonly lang?: string } | null
    }
  }
}

const simpleExpression = 4
const interpolation = 5
const directive = 7

/** From 3.4 on the compiler keeps the tree of the template. */
export const vuePackages: readonly Requirement[] = [
  { name: '@vue/compiler-sfc', oldest: '3.4.0', install: '@vue/compiler-sfc@3' },
]

/** Throws ConfigurationError where the compiler is missing. */
export async function loadVue(): Promise<ComponentCompiler> {
  const [module] = await importNeeded({
    packages: vuePackages,
    subject: 'a .vue file in the check of usage',
    otherwise: 'or leave .vue files out with usage.exclude',
  })
  const compiler = module as Compiler
  return (text, path) => {
    const { descriptor, errors } = compiler.parse(text, { filename: path, ignoreEmpty: true })
    const [error] = errors
    if (error !== undefined) {
      const problem = `cannot be read as a component of Vue (${error.message})`
      return { problem, ...new LineIndex(text).at(error.loc?.start.offset ?? 0) }
    }
    const { script, scriptSetup, template } = descriptor
    const blocks = [script, scriptSetup].flatMap((block) => (block === null ? [] : [block]))
    const scripts = blocks.map(regionOf)
    const expressions: Region[] = []
    if (template?.ast !== undefined) collect(template.ast, expressions)
    const module = script === null ? [] : [regionOf(script)]
    const languages = blocks.map(({ lang }) => lang)
    return {
      script: assembled(text, scripts, expressions),
      scriptsOnly: scriptsOf(text, scripts),
      language: languages.includes('tsx') ? 'tsx' : languages.includes('ts') ? 'ts' : 'jsx',
      runsLater: (offset) => !isWithin(offset, module),
    }
  }
}

function regionOf({ loc }: { readonly loc: Location }): Region {
  return { start: loc.start.offset, end: loc.end.offset }
}

function collect(node: TemplateNode, found: Region[]): void {
  if (node.type === interpolation) addExpression(node.content, found)
  for (const property of node.props ?? []) {
    // What a slot gives is a pattern, and no expression.
    if (property.type !== directive || property.name === 'slot') continue
    addExpression(property.forParseResult?.source ?? property.exp, found)
  }
  for (const child of node.children ?? []) collect(child, found)
}

function addExpression(node: unknown, found: Region[]): void {
  if (!isTemplateNode(node) || node.type !== simpleExpression || node.isStatic === true) return
  const region = regionOf(node)
  if (region.end > region.start) found.push(region)
}

function isTemplateNode(node: unknown): node is TemplateNode {
  return typeof node === 'object' && node !== null && 'type' in node && 'loc' in node
}
