// What a variable of a written type holds: flags for `FeatureFlags`, texts for `'a' | 'b'`, an actor for the name of a class.
import type { Node } from 'oxc-parser'
import { keyName } from './patterns.js'
import type { Declaration } from './tree/declarations.js'
import { concat, either, type Members, other, type Step, take, termsOf, text, unknown, type Value } from './values.js'

/** What types need of the evaluation of values. */
export interface TypeContext {
  typeOf(type: Node): Value
  valueOf(expression: Node): Value
  /** What a declared name stands for in a type. */
  declared(declaration: Declaration): Value
  declarationOf(identifier: Node): Declaration | null
}

/** Types of the language that hold what their first parameter is. */
const transparent: ReadonlySet<string> = new Set([
  'Pick',
  'Omit',
  'Readonly',
  'Required',
  'Partial',
  'NonNullable',
  'Promise',
  'Awaited',
  'Exclude',
  'Extract',
])
const lists: ReadonlySet<string> = new Set(['Array', 'ReadonlyArray', 'Set', 'ReadonlySet'])

export function valueOfType(type: Node, context: TypeContext): Value {
  const { typeOf } = context
  switch (type.type) {
    case 'TSTypeReference':
      return reference(type.typeName, type.typeArguments?.params ?? [], context)
    case 'TSTypeQuery':
      return query(type.exprName, context)
    case 'TSUnionType':
      return either(type.types.map((one) => typeOf(one)).filter(({ is }) => is !== 'other'))
    case 'TSIntersectionType':
      return either(type.types.map((one) => typeOf(one)))
    case 'TSLiteralType':
      return type.literal.type === 'Literal' || type.literal.type === 'TemplateLiteral'
        ? context.valueOf(type.literal)
        : other
    case 'TSTemplateLiteralType':
      return templateType(type, context)
    case 'TSTypeLiteral':
      return { is: 'object', members: signatures(type.members, context), open: false }
    case 'TSInterfaceDeclaration': {
      const own = { is: 'object', members: signatures(type.body.body, context), open: false } as const
      return either([own, ...type.extends.map(({ expression }) => reference(expression, [], context))])
    }
    case 'TSArrayType':
      return { is: 'list', values: [typeOf(type.elementType)] }
    case 'TSTupleType':
      return { is: 'list', values: type.elementTypes.map((one) => typeOf(one)) }
    case 'TSNamedTupleMember':
      return typeOf(type.elementType)
    case 'TSParenthesizedType':
    case 'TSOptionalType':
      return typeOf(type.typeAnnotation)
    case 'TSTypeOperator': {
      const inner = typeOf(type.typeAnnotation)
      return type.operator === 'keyof' ? take(take(inner, 'keys'), '[]') : inner
    }
    case 'TSIndexedAccessType':
      return take(typeOf(type.objectType), indexStep(type.indexType))
    case 'TSFunctionType':
      return { is: 'function', returns: typeOf(type.returnType.typeAnnotation) }
    case 'TSNumberKeyword':
    case 'TSBooleanKeyword':
    case 'TSNullKeyword':
    case 'TSUndefinedKeyword':
    case 'TSVoidKeyword':
    case 'TSBigIntKeyword':
    case 'TSSymbolKeyword':
      return other
    default:
      return unknown
  }
}

function reference(name: Node, parameters: readonly Node[], context: TypeContext): Value {
  if (name.type === 'TSQualifiedName') {
    return take(take(query(name.left, context), `.${name.right.name}`), 'type')
  }
  if (name.type !== 'Identifier') return unknown
  const declaration = context.declarationOf(name)
  if (declaration !== null) return take(context.declared(declaration), 'type')
  const [first] = parameters
  if (first === undefined) return unknown
  if (transparent.has(name.name)) return context.typeOf(first)
  return lists.has(name.name) ? { is: 'list', values: [context.typeOf(first)] } : unknown
}

/** `typeof x.y`: what the expression of that name is. */
function query(name: Node, context: TypeContext): Value {
  if (name.type === 'TSQualifiedName') return take(query(name.left, context), `.${name.right.name}`)
  return name.type === 'Identifier' ? context.valueOf(name) : unknown
}

function indexStep(index: Node): Step {
  const literal = index.type === 'TSLiteralType' && index.literal.type === 'Literal' ? index.literal.value : null
  return typeof literal === 'string' ? `.${literal}` : '[]'
}

function templateType(type: Extract<Node, { type: 'TSTemplateLiteralType' }>, { typeOf }: TypeContext): Value {
  const terms = type.quasis.map((quasi, index) => {
    const hole = type.types[index]
    const before = termsOf(text(quasi.value.cooked ?? ''))
    return hole === undefined ? before : concat(before, termsOf(typeOf(hole)))
  })
  return { is: 'text', terms: terms.reduce(concat, [['']]) }
}

function signatures(members: readonly Node[], { typeOf }: TypeContext): Members {
  const found: Record<string, Value> = {}
  for (const member of members) {
    if (member.type !== 'TSPropertySignature' && member.type !== 'TSMethodSignature') continue
    const key = keyName(member.key, member.computed)
    if (key === null) continue
    if (member.type === 'TSPropertySignature') {
      found[key] = member.typeAnnotation === null ? unknown : typeOf(member.typeAnnotation.typeAnnotation)
    } else {
      const returned = member.returnType?.typeAnnotation
      found[key] = { is: 'function', returns: returned === undefined ? unknown : typeOf(returned) }
    }
  }
  return found
}
