// What a declared name stands for: an import, a class, a function, a parameter, a variable with all that is assigned to it.
import type { ArrowFunctionExpression, Function as FunctionNode, Node } from 'oxc-parser'
import { isOwnPackage, packageExport, packageNamespace } from '../package-exports.js'
import type { Declaration } from './declarations.js'
import { annotationOf, bare, placeIn } from '../patterns.js'
import type { Tree } from './tree.js'
import { either, linkTo, take, takeAll, unknown, type Value } from '../values.js'

type NodeOf<Type extends Node['type']> = Extract<Node, { type: Type }>
type Callable = FunctionNode | ArrowFunctionExpression

/** What names need of the evaluation of values. */
interface Values {
  valueOf(expression: Node): Value
  typeOf(type: Node): Value
}

/** Methods of lists that give their callback one element after the other. */
const eachMethods = new Set(['map', 'forEach', 'filter', 'some', 'every', 'find', 'findIndex', 'flatMap'])

export class DeclaredNames {
  readonly #tree: Tree
  readonly #values: Values
  readonly #known = new Map<Node, Value>()

  constructor(tree: Tree, values: Values) {
    this.#tree = tree
    this.#values = values
  }

  /** What a name that is exported stands for: a value, a type, or both. */
  exportedValues(name: Node): readonly Value[] {
    if (name.type !== 'Identifier') return []
    const declarations = (['value', 'type'] as const).map((as) => this.#tree.declarationOf(name, as))
    return declarations.flatMap((one) => (one === null ? [] : [this.valueOf(one)]))
  }

  /** What the names in `const { a, b: c } = …` stand for. */
  patternValues(pattern: NodeOf<'ObjectPattern'>, init: Node | null): readonly { name: string; value: Value }[] {
    return pattern.properties.flatMap((property) => {
      const name = property.type === 'Property' ? property.value : null
      if (name?.type !== 'Identifier') return []
      const value = this.#inPattern(pattern, name, () => (init === null ? unknown : this.#values.valueOf(init)))
      return value === null ? [] : [{ name: name.name, value }]
    })
  }

  /** What a declared name stands for. */
  valueOf(declaration: Declaration): Value {
    const { kind, node, name } = declaration
    switch (kind) {
      case 'import':
        return importBinding(node)
      case 'class':
      case 'function':
      case 'enum':
        return this.#values.valueOf(node)
      case 'type':
        if (node.type !== 'TSTypeParameter') return this.#values.valueOf(node)
        return { is: 'type', value: node.constraint === null ? unknown : this.#values.typeOf(node.constraint) }
      case 'parameter':
        return this.#once(name, () => this.#parameter(node, name))
      case 'variable':
        return node.type === 'VariableDeclarator' ? this.#once(name, () => this.#variable(node, declaration)) : unknown
      case 'other':
        return unknown
    }
  }

  /** A name that depends on itself is unknown. */
  #once(name: Node, evaluate: () => Value): Value {
    const before = this.#known.get(name)
    if (before !== undefined) return before
    this.#known.set(name, unknown)
    const value = evaluate()
    this.#known.set(name, value)
    return value
  }

  #parameter(node: Node, name: Node): Value {
    if (!isCallable(node)) return unknown
    for (const [index, parameter] of node.params.entries()) {
      const value =
        parameter.type === 'RestElement' ? null : this.#inPattern(parameter, name, () => this.#given(node, index))
      if (value !== null) return value
    }
    return unknown
  }

  /** What a callback gets: `['a', 'b'].map((name) => …)`. */
  #given(node: Node, index: number): Value {
    const call = this.#tree.parentOf(node)
    if (index !== 0 || call?.type !== 'CallExpression' || call.arguments[0] !== node) return unknown
    const callee = bare(call.callee)
    if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return unknown
    return eachMethods.has(callee.property.name) ? take(this.#values.valueOf(callee.object), '[]') : unknown
  }

  /** What a name in a pattern gets; null if it does not stand there. */
  #inPattern(pattern: Node, name: Node, given: () => Value): Value | null {
    const place = placeIn(pattern, name)
    if (place === null) return null
    const annotation = annotationOf(pattern)
    const typed = annotation === null ? unknown : takeAll(this.#values.typeOf(annotation), place.steps)
    if (typed.is !== 'unknown') return typed
    const found = takeAll(given(), place.steps)
    if (place.fallbacks.length === 0) return found
    return either([found, ...place.fallbacks.map((fallback) => this.#values.valueOf(fallback))])
  }

  #variable(node: NodeOf<'VariableDeclarator'>, declaration: Declaration): Value {
    const { name } = declaration
    const statement = this.#tree.parentOf(node)
    const declared = () => {
      if (node.init !== null) return this.#values.valueOf(node.init)
      const loop = statement === null ? null : this.#tree.parentOf(statement)
      if (loop?.type === 'ForOfStatement' && loop.left === statement)
        return take(this.#values.valueOf(loop.right), '[]')
      return null
    }
    const isConstant = statement?.type === 'VariableDeclaration' && statement.kind === 'const'
    const first = declared()
    const written = isConstant ? [] : this.#written(declaration)
    if (first !== null && written.length === 0) return this.#inPattern(node.id, name, () => first) ?? unknown
    const values = [...(first === null ? [] : [first]), ...written]
    return node.id.type === 'Identifier' ? (this.#inPattern(node.id, name, () => either(values)) ?? unknown) : unknown
  }

  /** What is assigned to a variable after its declaration. */
  #written(declaration: Declaration): readonly Value[] {
    const writes = this.#tree.writesTo(declaration)
    return writes.map((value) => (value === null ? unknown : this.#values.valueOf(value)))
  }
}

function isCallable(node: Node): node is Callable {
  return 'params' in node && Array.isArray(node.params)
}

function importBinding(node: Node): Value {
  if (node.type === 'TSImportEqualsDeclaration') {
    const { moduleReference } = node
    if (moduleReference.type !== 'TSExternalModuleReference') return unknown
    return imported(String(moduleReference.expression.value), '*')
  }
  const { parent } = node
  if (parent?.type !== 'ImportDeclaration') return unknown
  const source = parent.source.value
  if (node.type === 'ImportDefaultSpecifier') return imported(source, 'default')
  if (node.type !== 'ImportSpecifier') return imported(source, '*')
  return imported(source, exportName(node.imported))
}

/** The name of an export, which may be written as a text. */
export function exportName(node: NodeOf<'ImportSpecifier'>['imported']): string {
  return node.type === 'Literal' ? node.value : node.name
}

/** What an export of another module is. */
export function imported(source: string, name: string): Value {
  if (!isOwnPackage(source)) return linkTo(source, name)
  return name === '*' ? packageNamespace() : (packageExport(name) ?? unknown)
}
