// What an expression of one file is, as far as the file alone tells. Longer than files usually are: one method for each kind of
// expression, and they call each other.
import type { ArrowFunctionExpression, Class, Function as FunctionNode, Node } from 'oxc-parser'
import {
  type Assignments,
  assignmentsOf,
  type ClassMembers,
  classMembers,
  evaluated,
  gateKind,
  isClass,
} from './class-values.js'
import { DeclaredNames, imported } from './tree/declared-names.js'
import { gateFunction } from './package-exports.js'
import type { Declaration } from './tree/declarations.js'
import { bare, keyName } from './patterns.js'
import type { Tree } from './tree/tree.js'
import { valueOfType } from './type-values.js'
import { concat, either, type Members, other, take, type Term, termsOf, text, unknown, type Value } from './values.js'

type NodeOf<Type extends Node['type']> = Extract<Node, { type: Type }>
type Callable = FunctionNode | ArrowFunctionExpression

/** Deeper code is generated. */
const deepest = 200

/** Methods of lists that give the list, or a part of it. */
const sameMethods = new Set(['filter', 'slice', 'concat', 'sort', 'reverse', 'toSorted', 'toReversed', 'values'])

export class Evaluator {
  readonly names: DeclaredNames
  readonly #tree: Tree
  readonly #known = new Map<Node, Value>()
  readonly #classes = new Map<Node, ClassMembers>()
  #assignments: Assignments | null = null
  #depth = 0

  constructor(tree: Tree) {
    this.#tree = tree
    this.names = new DeclaredNames(tree, this)
  }

  /** What an expression is. */
  readonly valueOf = (expression: Node): Value => this.#once(bare(expression), (node) => this.#value(node))

  /** What a variable of a type holds. */
  readonly typeOf = (type: Node): Value => this.#once(type, (node) => valueOfType(node, this))

  declarationOf(identifier: Node): Declaration | null {
    return this.#tree.declarationOf(identifier, 'type')
  }

  /** Each node is evaluated once, and a value that depends on itself is unknown. */
  #once(node: Node, evaluate: (node: Node) => Value): Value {
    const before = this.#known.get(node)
    if (before !== undefined) return before
    if (this.#depth > deepest) return unknown
    this.#known.set(node, unknown)
    this.#depth += 1
    const value = evaluate(node)
    this.#depth -= 1
    this.#known.set(node, value)
    return value
  }

  #value(node: Node): Value {
    switch (node.type) {
      case 'Literal':
        return typeof node.value === 'string' ? text(node.value) : other
      case 'TemplateLiteral':
        return this.#template(node)
      case 'BinaryExpression':
        if (node.operator !== '+') return other
        return { is: 'text', terms: concat(this.#terms(node.left), this.#terms(node.right)) }
      case 'ConditionalExpression':
        return either([this.valueOf(node.consequent), this.valueOf(node.alternate)])
      case 'LogicalExpression':
        return either([this.valueOf(node.left), this.valueOf(node.right)])
      case 'SequenceExpression':
        return this.valueOf(node.expressions.at(-1) ?? node)
      case 'AssignmentExpression':
        return node.operator === '=' ? this.valueOf(node.right) : unknown
      case 'AwaitExpression':
        return this.valueOf(node.argument)
      case 'ArrayExpression':
        return {
          is: 'list',
          values: node.elements.flatMap((element) => (element === null ? [] : this.#element(element))),
        }
      case 'ObjectExpression':
        return this.#object(node)
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
      case 'FunctionDeclaration':
        return { is: 'function', returns: this.#returned(node) }
      case 'ClassDeclaration':
      case 'ClassExpression':
        return this.#class(node)
      case 'TSEnumDeclaration':
        return { is: 'object', members: this.#enumMembers(node), open: false }
      case 'TSInterfaceDeclaration':
        return { is: 'type', value: valueOfType(node, this) }
      case 'TSTypeAliasDeclaration':
        return { is: 'type', value: this.typeOf(node.typeAnnotation) }
      case 'ImportExpression':
        return node.source.type === 'Literal' ? imported(String(node.source.value), '*') : unknown
      case 'CallExpression':
        return this.#call(node)
      case 'NewExpression':
        return take(this.valueOf(node.callee), 'new')
      case 'MemberExpression':
        return this.#member(node)
      case 'Identifier':
        return this.#identifier(node)
      case 'UnaryExpression':
      case 'UpdateExpression':
        return other
      default:
        return unknown
    }
  }

  #terms(node: Node): readonly Term[] {
    return termsOf(this.valueOf(node))
  }

  #template({ quasis, expressions }: NodeOf<'TemplateLiteral'>): Value {
    const pieces = quasis.map((quasi, index) => {
      const hole = expressions[index]
      const before: readonly Term[] = [[quasi.value.cooked ?? '']]
      return hole === undefined ? before : concat(before, this.#terms(hole))
    })
    return { is: 'text', terms: pieces.reduce(concat, [['']]) }
  }

  #element(element: Node): readonly Value[] {
    return [element.type === 'SpreadElement' ? take(this.valueOf(element.argument), '[]') : this.valueOf(element)]
  }

  #object({ properties }: NodeOf<'ObjectExpression'>): Value {
    const members: Record<string, Value> = {}
    let open = false
    for (const property of properties) {
      if (property.type === 'SpreadElement') {
        const spread = this.valueOf(property.argument)
        if (spread.is === 'object') Object.assign(members, spread.members)
        open ||= spread.is !== 'object' || spread.open
        continue
      }
      const key = keyName(property.key, property.computed)
      if (key === null) open = true
      else if (property.kind === 'init') members[key] = this.valueOf(property.value)
      else if (property.kind === 'get') members[key] = take(this.valueOf(property.value), '()')
    }
    return { is: 'object', members, open }
  }

  #enumMembers({ body }: NodeOf<'TSEnumDeclaration'>): Members {
    const named = body.members.map(({ id, initializer }): [string | null, Value] => [
      keyName(id, false),
      initializer === null ? other : this.valueOf(initializer),
    ])
    return Object.fromEntries(named.flatMap(([name, value]) => (name === null ? [] : [[name, value]])))
  }

  /** What a function gives: where it says its type, or returns in one place only. */
  #returned(node: Callable): Value {
    const annotation = node.returnType?.typeAnnotation
    const typed = annotation === undefined ? unknown : this.typeOf(annotation)
    if (typed.is !== 'unknown') return typed
    const { body } = node
    if (body === null) return unknown
    if (body.type !== 'BlockStatement') return this.valueOf(body)
    const last = body.body.at(-1)
    return last?.type === 'ReturnStatement' && last.argument !== null ? this.valueOf(last.argument) : unknown
  }

  #class(node: Class): Value {
    const base = node.superClass === null ? other : this.valueOf(node.superClass)
    const members = this.#membersOf(node)
    const fields = evaluated(members.fields)
    const kind = gateKind(fields) ?? (base.is === 'class' ? base.kind : null)
    const inherited: Members = base.is === 'class' ? base.fields : {}
    const value: Value = {
      is: 'class',
      kind,
      members: { ...(base.is === 'class' ? base.members : {}), ...evaluated(members.statics) },
      fields: { ...inherited, ...fields },
    }
    return base.is === 'link' && kind === null ? either([value, base]) : value
  }

  #call(node: NodeOf<'CallExpression'>): Value {
    const callee = bare(node.callee)
    const [first] = node.arguments
    if (callee.type === 'Identifier' && first !== undefined && !this.#tree.isDeclared(callee)) {
      const literal = bare(first)
      if (callee.name === 'require' && literal.type === 'Literal') return imported(String(literal.value), '*')
      if (callee.name === 'String') return this.valueOf(first)
    }
    if (callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier') {
      const method = callee.property.name
      if (first !== undefined && callee.object.type === 'Identifier' && callee.object.name === 'Object') {
        return this.#ofObject(method, first)
      }
      const object = this.valueOf(callee.object)
      if (sameMethods.has(method) && (object.is === 'list' || object.is === 'link')) return object
    }
    const called = this.valueOf(callee)
    if (called.is === 'helper' && called.name === gateFunction && first !== undefined) {
      const [name] = this.#terms(first)[0] ?? []
      return { is: 'class', kind: typeof name === 'string' ? name : null, members: {}, fields: {} }
    }
    return take(called, '()')
  }

  #ofObject(method: string, argument: Node): Value {
    const value = this.valueOf(argument)
    if (method === 'freeze' || method === 'seal') return value
    if (method === 'keys') return take(value, 'keys')
    return method === 'values' ? { is: 'list', values: [take(value, '[]')] } : unknown
  }

  #member(node: NodeOf<'MemberExpression'>): Value {
    const key = keyName(node.property, node.computed)
    if (node.object.type === 'ThisExpression') return key === null ? unknown : this.#ofThis(node, key)
    return take(this.valueOf(node.object), key === null ? '[]' : `.${key}`)
  }

  /** `this.name` within a class. */
  #ofThis(node: Node, name: string): Value {
    const around = this.#tree.around(node, isClass)
    if (around === null || !isClass(around)) return unknown
    const { fields, statics } = this.#membersOf(around)
    const member = fields.get(name) ?? statics.get(name)
    if (member !== undefined) return member()
    if (around.superClass === null) return unknown
    return take(take(this.valueOf(around.superClass), 'new'), `.${name}`)
  }

  #membersOf(node: Class): ClassMembers {
    this.#assignments ??= assignmentsOf(this.#tree)
    const members = this.#classes.get(node) ?? classMembers(node, this, this.#assignments)
    this.#classes.set(node, members)
    return members
  }

  #identifier(node: NodeOf<'Identifier'>): Value {
    const declaration = this.#tree.declarationOf(node, 'value')
    if (declaration !== null) return this.names.valueOf(declaration)
    return node.name === 'undefined' ? other : unknown
  }

  declared(declaration: Declaration): Value {
    return this.names.valueOf(declaration)
  }
}
