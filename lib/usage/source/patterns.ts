// Where a name stands in a pattern: `x` in `{ a: { x } }` is `.a` and then `.x`.
import type { Node } from 'oxc-parser'
import type { Step } from './values.js'

export interface Place {
  readonly steps: readonly Step[]
  /** What stands in where there is nothing: `{ x = 3 }`. */
  readonly fallbacks: readonly Node[]
}

/** The place of an identifier in a pattern; null if it is not in it, or what it gets cannot be said. */
export function placeIn(pattern: Node, identifier: Node): Place | null {
  switch (pattern.type) {
    case 'Identifier':
      return pattern === identifier ? { steps: [], fallbacks: [] } : null
    case 'AssignmentPattern': {
      const place = placeIn(pattern.left, identifier)
      if (place === null) return null
      return place.steps.length === 0 ? { ...place, fallbacks: [...place.fallbacks, pattern.right] } : place
    }
    case 'TSParameterProperty':
      return placeIn(pattern.parameter, identifier)
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type !== 'Property') continue
        const key = keyName(property.key, property.computed)
        const place = key === null ? null : placeIn(property.value, identifier)
        if (place !== null) return { ...place, steps: [`.${key}`, ...place.steps] }
      }
      return null
    case 'ArrayPattern':
      for (const [index, element] of pattern.elements.entries()) {
        const place = element === null || element.type === 'RestElement' ? null : placeIn(element, identifier)
        if (place !== null) return { ...place, steps: [`.${index}`, ...place.steps] }
      }
      return null
    default:
      return null
  }
}

/** The type that is written at a pattern; null without one. */
export function annotationOf(pattern: Node): Node | null {
  switch (pattern.type) {
    case 'AssignmentPattern':
      return annotationOf(pattern.left)
    case 'TSParameterProperty':
      return annotationOf(pattern.parameter)
    case 'Identifier':
    case 'ObjectPattern':
    case 'ArrayPattern':
      return pattern.typeAnnotation?.typeAnnotation ?? null
    default:
      return null
  }
}

/** The name of a property; null for one that is computed. */
export function keyName(key: Node, computed: boolean): string | null {
  if (key.type === 'Literal') return String(key.value)
  if (computed) return null
  return key.type === 'Identifier' || key.type === 'PrivateIdentifier' || key.type === 'JSXIdentifier' ? key.name : null
}

/** An expression without what TypeScript writes around it. */
export function bare(node: Node): Node {
  let inner = node
  while (
    inner.type === 'TSAsExpression' ||
    inner.type === 'TSSatisfiesExpression' ||
    inner.type === 'TSNonNullExpression' ||
    inner.type === 'TSTypeAssertion' ||
    inner.type === 'TSInstantiationExpression' ||
    inner.type === 'ChainExpression' ||
    inner.type === 'ParenthesizedExpression'
  ) {
    inner = inner.expression
  }
  return inner
}
