// What a walk does at each type of node, looked up once for each node: the parser makes the names of the types anew for each file, and
// comparing them one after the other took a third of a walk.

export interface NodeShape {
  /** Which children to walk into. */
  readonly keys: readonly string[]
  /** Whether it says something about flags. */
  readonly wanted: boolean
  /** Whether it declares names, or assigns to one. */
  readonly declares: boolean
}

const wanted: ReadonlySet<string> = new Set([
  'CallExpression',
  'Property',
  'PropertyDefinition',
  'MemberExpression',
  'VariableDeclarator',
  'JSXAttribute',
  'AssignmentExpression',
])

const declaring: ReadonlySet<string> = new Set([
  'ImportSpecifier',
  'ImportDefaultSpecifier',
  'ImportNamespaceSpecifier',
  'TSImportEqualsDeclaration',
  'VariableDeclaration',
  'FunctionDeclaration',
  'TSDeclareFunction',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'TSEnumDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSTypeParameter',
  'TSModuleDeclaration',
  'CatchClause',
  'AssignmentExpression',
  'UpdateExpression',
])

/** By type, from the keys of children that the parser tells. */
export function nodeShapes(keys: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, NodeShape> {
  return new Map(
    Object.entries(keys).map(([type, children]) => [
      type,
      { keys: children, wanted: wanted.has(type), declares: declaring.has(type) },
    ]),
  )
}
