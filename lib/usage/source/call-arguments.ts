// What a check is given after the name: the actor, and the type in its options.
import type { Node } from 'oxc-parser'
import { bare, keyName } from './patterns.js'
import { own, take, type Term, termsOf, unknown, type Value } from './values.js'

export interface CallArguments {
  /** Null: no type is given. */
  readonly type: readonly Term[] | null
  /** Null: no actor is given. */
  readonly actor: Value | null
}

const unknownType: readonly Term[] = [[null]]
const optionKeys: ReadonlySet<string> = new Set(['type', 'defaultEnabledIfUndefined'])

export function readArguments(rest: readonly Node[], evaluate: (node: Node) => Value): CallArguments {
  const [first, second] = rest
  if (first === undefined) return { type: null, actor: null }
  if (first.type === 'SpreadElement' || second?.type === 'SpreadElement') return { type: unknownType, actor: unknown }
  const value = evaluate(first)
  if (second !== undefined) return { type: typeIn(evaluate(second)), actor: present(value) }
  if (isOptions(value)) return { type: typeIn(value), actor: null }
  const isLiteral = bare(first).type === 'ObjectExpression'
  if (value.is === 'object' && own(value.members, 'flipperId') === undefined && (isLiteral || value.open)) {
    return { type: isLiteral ? typeIn(value) : unknownType, actor: null }
  }
  // A variable that is called options holds options, also where its type is not known here.
  const name = nameOf(bare(first))
  if (value.is === 'unknown' && name !== null && /opt(?:ion)?s?$/i.test(name))
    return { type: unknownType, actor: unknown }
  return { type: null, actor: present(value) }
}

/** The same for an experiment: its options hold the actor, and its type is in its name. */
export function readExperiment([options]: readonly Node[], evaluate: (node: Node) => Value): CallArguments {
  const value = options === undefined || options.type === 'SpreadElement' ? unknown : evaluate(options)
  const actor = value.is === 'object' ? own(value.members, 'actor') : undefined
  return { type: [['experiment']], actor: actor === undefined ? null : present(actor) }
}

/** The `type` in the options; null where there is none. */
export function typeIn(options: Value): readonly Term[] | null {
  switch (options.is) {
    case 'object': {
      const type = own(options.members, 'type')
      if (type !== undefined) return termsOf(type)
      return options.open ? unknownType : null
    }
    case 'link':
      return termsOf(take(options, '.type'))
    case 'other':
      return null
    default:
      return unknownType
  }
}

/** Whether the value is an object with keys of options alone. */
export function isOptions(value: Value): boolean {
  return value.is === 'object' && !value.open && Object.keys(value.members).every((key) => optionKeys.has(key))
}

function present(value: Value): Value | null {
  return value.is === 'other' ? null : value
}

function nameOf(node: Node): string | null {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' ? keyName(node.property, node.computed) : null
}
