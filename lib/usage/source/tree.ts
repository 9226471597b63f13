// A parsed script: its nodes with their parents, and the declaration that each name stands for. The declarations are looked up only if
// a file asks for one, because that takes as long as the parse.
import type { Node, Program } from 'oxc-parser'
import type { Declaration, Parser, Variable } from './parser.js'

/** The node types that say something about flags. */
const wanted: ReadonlySet<string> = new Set([
  'CallExpression',
  'Property',
  'PropertyDefinition',
  'MemberExpression',
  'VariableDeclarator',
  'JSXAttribute',
  'AssignmentExpression',
])

export class Tree {
  readonly program: Program
  /** The nodes of the wanted types, in the order of the text. */
  readonly nodes: readonly Node[]
  readonly #parents = new Map<Node, Node>()
  readonly #parser: Parser
  #variables: ReadonlyMap<Node, Variable> | null = null

  constructor(program: Program, parser: Parser) {
    this.program = program
    this.#parser = parser
    this.nodes = this.#walk()
  }

  parentOf(node: Node): Node | null {
    return this.#parents.get(node) ?? null
  }

  /** The variable that an identifier stands for; null for a global one. */
  variableOf(identifier: Node): Variable | null {
    this.#variables ??= this.#resolve()
    return this.#variables.get(identifier) ?? null
  }

  /** What declares an identifier that stands for a value, or for a type; null where there is no such declaration, or several. */
  declarationOf(identifier: Node, as: 'value' | 'type'): Declaration | null {
    const all = this.variableOf(identifier)?.defs ?? []
    if (all.length < 2) return all[0] ?? null
    // One name may be a constant and a type at once.
    const [first, ...more] = all.filter(({ type }) => (type === 'Type') === (as === 'type'))
    return more.length === 0 ? (first ?? null) : null
  }

  /** The nearest node around it of which `test` holds. */
  around(node: Node, test: (around: Node) => boolean): Node | null {
    for (let one = this.parentOf(node); one !== null; one = this.parentOf(one)) if (test(one)) return one
    return null
  }

  #walk(): readonly Node[] {
    const { keys } = this.#parser
    const found: Node[] = []
    // A stack of its own: generated code nests deeper than calls may.
    const stack: Node[] = [this.program]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (wanted.has(node.type)) found.push(node)
      const children: Node[] = []
      for (const key of keys[node.type] ?? []) {
        const value: unknown = Reflect.get(node, key)
        if (Array.isArray(value)) children.push(...value.filter(isNode))
        else if (isNode(value)) children.push(value)
      }
      for (let index = children.length - 1; index >= 0; index--) {
        const child = children[index]
        if (child === undefined) continue
        this.#parents.set(child, node)
        stack.push(child)
      }
    }
    return found
  }

  #resolve(): ReadonlyMap<Node, Variable> {
    const variables = new Map<Node, Variable>()
    for (const { references } of this.#parser.analyze(this.program).scopes) {
      for (const { identifier, resolved } of references) if (resolved !== null) variables.set(identifier, resolved)
    }
    return variables
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
