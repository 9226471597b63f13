// Which names a node declares, and how far each can be seen. A name means the declaration of the innermost scope around it that has one:
// so no search of the whole file for scopes and references is needed, which took a third of the time of a first run.
import type { Node } from 'oxc-parser'

export interface Declaration {
  readonly kind: 'import' | 'variable' | 'parameter' | 'function' | 'class' | 'enum' | 'type' | 'other'
  /** The identifier that is declared. */
  readonly name: Node
  /** What declares it: a specifier, a declarator, the function of a parameter … */
  readonly node: Node
  /** Where it can be seen. */
  readonly scope: Node
}

type Add = (kind: Declaration['kind'], name: Node, node: Node, scope: Node) => void
type ScopeOf = (node: Node, kind: 'block' | 'function') => Node

/** Tells the names that a node declares. `scopeOf` gives the nearest scope around a node. */
export function declare(node: Node, add: Add, scopeOf: ScopeOf): void {
  switch (node.type) {
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      add('import', node.local, node, scopeOf(node, 'block'))
      return
    case 'TSImportEqualsDeclaration':
      add('import', node.id, node, scopeOf(node, 'block'))
      return
    case 'VariableDeclaration': {
      const scope = scopeOf(node, node.kind === 'var' ? 'function' : 'block')
      for (const declarator of node.declarations) {
        for (const name of namesIn(declarator.id)) add('variable', name, declarator, scope)
      }
      return
    }
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if ('id' in node && node.id !== null) {
        // The name of an expression can be seen in it alone.
        add('function', node.id, node, node.type === 'FunctionExpression' ? node : scopeOf(node, 'block'))
      }
      for (const parameter of node.params) for (const name of namesIn(parameter)) add('parameter', name, node, node)
      return
    case 'ClassDeclaration':
    case 'ClassExpression':
      if (node.id !== null) add('class', node.id, node, node.type === 'ClassExpression' ? node : scopeOf(node, 'block'))
      return
    case 'TSEnumDeclaration':
      add('enum', node.id, node, scopeOf(node, 'block'))
      return
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      add('type', node.id, node, scopeOf(node, 'block'))
      return
    case 'TSTypeParameter':
      add('type', node.name, node, node.parent?.parent ?? node)
      return
    case 'TSModuleDeclaration':
      if (node.id.type === 'Identifier') add('other', node.id, node, scopeOf(node, 'block'))
      return
    case 'CatchClause':
      if (node.param !== null) for (const name of namesIn(node.param)) add('other', name, node, node)
      return
    default:
  }
}

/** Nodes in which names of their own can be seen; a function is one for its parameters too. */
export function isScope(node: Node, kind: 'block' | 'function'): boolean {
  switch (node.type) {
    case 'Program':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'StaticBlock':
    case 'TSModuleBlock':
      return true
    case 'BlockStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'SwitchStatement':
      return kind === 'block'
    default:
      return false
  }
}

function namesIn(pattern: Node): readonly Node[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern]
    case 'AssignmentPattern':
      return namesIn(pattern.left)
    case 'RestElement':
      return namesIn(pattern.argument)
    case 'TSParameterProperty':
      return namesIn(pattern.parameter)
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => namesIn(one.type === 'Property' ? one.value : one))
    case 'ArrayPattern':
      return pattern.elements.flatMap((one) => (one === null ? [] : namesIn(one)))
    default:
      return []
  }
}
