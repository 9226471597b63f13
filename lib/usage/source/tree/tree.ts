// A parsed script: its nodes with their parents, and the declaration that each name stands for.
import type { Node, Program } from 'oxc-parser'
import { type Declaration, declare, isScope } from './declarations.js'
import type { Parser } from '../parser.js'

export class Tree {
  readonly program: Program
  /** The nodes that say something about flags, in the order of the text. */
  readonly nodes: readonly Node[]
  readonly #declarations = new Map<string, Declaration[]>()
  /** What is assigned to a name after its declaration: the target, and the value where it is one. */
  readonly #writes = new Map<string, { readonly target: Node; readonly value: Node | null }[]>()

  constructor(program: Program, { shapes }: Parser) {
    this.program = program
    const found: Node[] = []
    const scopeOf = (node: Node, kind: 'block' | 'function') =>
      this.around(node, (one) => isScope(one, kind)) ?? program
    const add = (kind: Declaration['kind'], name: Node, node: Node, scope: Node) => {
      if (name.type === 'Identifier') push(this.#declarations, name.name, { kind, name, node, scope })
    }
    const visit = (node: Node) => {
      const shape = shapes.get(node.type)
      if (shape === undefined) return
      if (shape.wanted) found.push(node)
      if (shape.declares) {
        declare(node, add, scopeOf)
        this.#noteWrite(node)
      }
      const record = node as unknown as Readonly<Record<string, unknown>>
      for (const key of shape.keys) {
        const value = record[key]
        if (typeof value !== 'object' || value === null) continue
        if (Array.isArray(value)) {
          for (const child of value) if (isNode(child)) enter(child, node)
        } else if (isNode(value)) enter(value, node)
      }
    }
    const enter = (child: Node, parent: Node) => {
      child.parent = parent as never
      visit(child)
    }
    visit(program)
    this.nodes = found
  }

  parentOf(node: Node): Node | null {
    return node.parent ?? null
  }

  /** The nearest node around it of which `test` holds. */
  around(node: Node, test: (around: Node) => boolean): Node | null {
    for (let one = node.parent ?? null; one !== null; one = one.parent ?? null) if (test(one)) return one
    return null
  }

  /** Whether an identifier stands for something that is declared in this file. */
  isDeclared(identifier: Node): boolean {
    return this.#seenFrom(identifier).length > 0
  }

  /** What declares an identifier that stands for a value, or for a type; null where there is no such declaration, or several. */
  declarationOf(identifier: Node, as: 'value' | 'type'): Declaration | null {
    const all = this.#seenFrom(identifier)
    if (all.length < 2) return all[0] ?? null
    // One name may be a constant and a type at once.
    const [first, ...more] = all.filter(({ kind }) => (kind === 'type') === (as === 'type'))
    return more.length === 0 ? (first ?? null) : null
  }

  /** What is assigned to a declared name; null for what is no plain assignment. */
  writesTo(declaration: Declaration): readonly (Node | null)[] {
    const { name } = declaration
    const writes = name.type === 'Identifier' ? (this.#writes.get(name.name) ?? []) : []
    return writes.filter(({ target }) => this.#seenFrom(target).includes(declaration)).map(({ value }) => value)
  }

  /** The declarations of the innermost scope around the identifier that has some of this name. */
  #seenFrom(identifier: Node): readonly Declaration[] {
    const all = identifier.type === 'Identifier' ? this.#declarations.get(identifier.name) : undefined
    if (all === undefined) return []
    if (all.some(({ name }) => name === identifier))
      return all.filter(({ scope }) => scope === scopeOfName(all, identifier))
    for (let one: Node | null = identifier; one !== null; one = one.parent ?? null) {
      const here = all.filter(({ scope }) => scope === one)
      if (here.length > 0) return here
    }
    return []
  }

  #noteWrite(node: Node): void {
    if (node.type === 'AssignmentExpression') {
      const { left, operator, right } = node
      const isPlain = operator === '=' || operator === '??=' || operator === '||='
      if (left.type === 'Identifier') push(this.#writes, left.name, { target: left, value: isPlain ? right : null })
    } else if (node.type === 'UpdateExpression' && node.argument.type === 'Identifier') {
      push(this.#writes, node.argument.name, { target: node.argument, value: null })
    }
  }
}

function scopeOfName(all: readonly Declaration[], identifier: Node): Node | undefined {
  return all.find(({ name }) => name === identifier)?.scope
}

function push<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
