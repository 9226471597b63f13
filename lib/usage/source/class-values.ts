// The members of a class: what `this.features` and `Flags.DARK_MODE` are, and which kind of actor its objects are. A member is
// evaluated when it is asked for, because methods of a class ask for its other members.
import type { Class, Node } from 'oxc-parser'
import { annotationOf, keyName, placeIn } from './patterns.js'
import type { Tree } from './tree/tree.js'
import { either, type Members, take, termsOf, unknown, type Value } from './values.js'

/** What members need of the evaluation of values. */
interface Values {
  valueOf(expression: Node): Value
  typeOf(type: Node): Value
}

type Later = () => Value

export interface ClassMembers {
  /** Of the class itself. */
  readonly statics: ReadonlyMap<string, Later>
  /** Of its objects: fields, getters, methods, properties that the constructor declares, and `this.x = …`. */
  readonly fields: ReadonlyMap<string, Later>
}

/** Assignments to members of `this`, by the class in which they stand. */
export type Assignments = ReadonlyMap<Node, readonly (readonly [string, Node])[]>

export function isClass(node: Node): node is Class {
  return node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
}

export function assignmentsOf(tree: Tree): Assignments {
  const found = new Map<Node, (readonly [string, Node])[]>()
  for (const node of tree.nodes) {
    if (node.type !== 'AssignmentExpression' || node.operator !== '=' || node.left.type !== 'MemberExpression') continue
    if (node.left.object.type !== 'ThisExpression') continue
    const key = keyName(node.left.property, node.left.computed)
    const around = tree.around(node, isClass)
    if (key === null || around === null) continue
    found.set(around, [...(found.get(around) ?? []), [key, node.right]])
  }
  return found
}

export function classMembers(node: Class, values: Values, assignments: Assignments): ClassMembers {
  const statics = new Map<string, Later>()
  const fields = new Map<string, Later>()
  for (const member of node.body.body) {
    if (member.type === 'StaticBlock' || member.type === 'TSIndexSignature') continue
    if ('kind' in member && member.kind === 'constructor') {
      for (const parameter of member.value.params) addParameter(fields, parameter, values)
      continue
    }
    const key = keyName(member.key, member.computed)
    if (key !== null) (member.static ? statics : fields).set(key, () => memberValue(member, values))
  }
  for (const [key, right] of assignments.get(node) ?? []) {
    const before = fields.get(key)
    const assigned = () => values.valueOf(right)
    fields.set(key, before === undefined ? assigned : () => declaredOr(before(), assigned))
  }
  return { statics, fields }
}

export function evaluated(members: ReadonlyMap<string, Later>): Members {
  return Object.fromEntries([...members].map(([key, later]) => [key, later()]))
}

/** What a member is declared as counts before what is assigned to it. */
function declaredOr(declared: Value, assigned: Later): Value {
  if (declared.is === 'flags' || declared.is === 'actor') return declared
  return declared.is === 'unknown' ? assigned() : either([declared, assigned()])
}

type Member = Exclude<Class['body']['body'][number], { type: 'StaticBlock' | 'TSIndexSignature' }>

function memberValue(member: Member, values: Values): Value {
  if ('kind' in member) {
    const method = values.valueOf(member.value)
    return member.kind === 'get' ? take(method, '()') : method
  }
  const annotation = member.typeAnnotation?.typeAnnotation
  const declared = annotation === undefined ? unknown : values.typeOf(annotation)
  return declared.is === 'unknown' && member.value !== null ? values.valueOf(member.value) : declared
}

/** `constructor(private readonly features: FeatureFlags)`. */
function addParameter(fields: Map<string, Later>, parameter: Node, values: Values): void {
  if (parameter.type !== 'TSParameterProperty') return
  const inner = parameter.parameter
  const name = inner.type === 'AssignmentPattern' ? inner.left : inner
  if (name.type !== 'Identifier') return
  const annotation = annotationOf(parameter)
  const [fallback] = placeIn(parameter, name)?.fallbacks ?? []
  fields.set(name.name, () => {
    const declared = annotation === null ? unknown : values.typeOf(annotation)
    return declared.is === 'unknown' && fallback !== undefined ? values.valueOf(fallback) : declared
  })
}

/** `User:` at the beginning of an id: a class name, in which `::` joins words. */
const idBegins = /^([A-Za-z_]\w*(?:::[A-Za-z_]\w*)*):(?!:)/

/** The kind of actor whose `flipperId` begins with a literal one; null if it has none. */
export function gateKind(members: Members): string | null {
  const id = Object.hasOwn(members, 'flipperId') ? members['flipperId'] : undefined
  if (id === undefined) return null
  const [begins] = termsOf(id)[0] ?? []
  return typeof begins === 'string' ? (idBegins.exec(begins)?.[1] ?? null) : null
}
