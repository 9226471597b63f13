// What a script exports, as ES module or as CommonJS, as far as it can lead to a name of a flag, to flags or to an actor.
import type { Node, Program } from 'oxc-parser'
import { exportName, imported } from './tree/declared-names.js'
import type { Evaluator } from './evaluator.js'
import { keyName } from './patterns.js'
import type { Tree } from './tree/tree.js'
import { isTelling, type Members, own, type Value } from './values.js'

export interface Exports {
  readonly exports: Members
  readonly stars: readonly string[]
}

export function exportsOf(tree: Tree, evaluator: Evaluator): Exports {
  const exports: Record<string, Value> = {}
  const stars: string[] = []
  const add = (name: string, value: Value) => {
    // A constant and a type may have one name; the constant comes with more.
    if (isTelling(value) && own(exports, name) === undefined) exports[name] = value
  }
  for (const statement of tree.program.body) addStatement(statement, evaluator, add, stars)
  addCommonJs(tree, evaluator, add)
  return { exports, stars }
}

type Add = (name: string, value: Value) => void

function addStatement(statement: Program['body'][number], evaluator: Evaluator, add: Add, stars: string[]): void {
  switch (statement.type) {
    case 'ExportAllDeclaration':
      if (statement.exported === null) stars.push(statement.source.value)
      else add(exportName(statement.exported), imported(statement.source.value, '*'))
      return
    case 'ExportDefaultDeclaration':
      add('default', evaluator.valueOf(statement.declaration))
      return
    case 'TSExportAssignment':
      addWhole(evaluator.valueOf(statement.expression), add)
      return
    case 'ExportNamedDeclaration':
      break
    default:
      return
  }
  const { declaration, specifiers, source } = statement
  for (const { local, exported } of specifiers) {
    const name = exportName(exported)
    if (source !== null) add(name, imported(source.value, exportName(local)))
    else for (const value of evaluator.names.exportedValues(local)) add(name, value)
  }
  if (declaration !== null) addDeclaration(declaration, evaluator, add)
}

function addDeclaration(declaration: Node, evaluator: Evaluator, add: Add): void {
  switch (declaration.type) {
    case 'VariableDeclaration':
      for (const { id, init } of declaration.declarations) {
        if (id.type === 'Identifier') {
          const typed =
            id.typeAnnotation === null || id.typeAnnotation === undefined
              ? null
              : evaluator.typeOf(id.typeAnnotation.typeAnnotation)
          if (typed !== null && isTelling(typed)) add(id.name, typed)
          else if (init !== null) add(id.name, evaluator.valueOf(init))
        } else if (id.type === 'ObjectPattern') {
          for (const { name, value } of evaluator.names.patternValues(id, init)) add(name, value)
        }
      }
      return
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSEnumDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      if (declaration.id !== null) add(declaration.id.name, evaluator.valueOf(declaration))
      return
    default:
      return
  }
}

/** `module.exports = …`, `exports.name = …`. */
function addCommonJs(tree: Tree, evaluator: Evaluator, add: Add): void {
  for (const node of tree.nodes) {
    if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') continue
    const { object, property, computed } = node.left
    const key = keyName(property, computed)
    if (key === null) continue
    if (key === 'exports' && object.type === 'Identifier' && object.name === 'module')
      addWhole(evaluator.valueOf(node.right), add)
    else if (isExports(object)) add(key, evaluator.valueOf(node.right))
  }
}

function isExports(node: Node): boolean {
  if (node.type === 'Identifier') return node.name === 'exports'
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') return false
  return node.object.name === 'module' && keyName(node.property, node.computed) === 'exports'
}

function addWhole(value: Value, add: Add): void {
  add('default', value)
  if (value.is === 'object') for (const [name, member] of Object.entries(value.members)) add(name, member)
}
