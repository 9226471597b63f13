// Where a script names flags: calls of methods of FeatureFlags and of functions of this package, and what the configuration names. Longer
// than files usually are: each kind of node is here once.
import type { CallExpression, Node } from 'oxc-parser'
import type { FoundUse } from '../facts.js'
import type { SourceSettings } from '../settings.js'
import { readArguments, readExperiment } from './call-arguments.js'
import type { Evaluator } from './evaluator.js'
import type { LineIndex } from './line-index.js'
import { checkMethods, experimentMethod, helpers, plainWrites, readMethods, writeMethods } from './package-exports.js'
import { bare, keyName } from './patterns.js'
import type { Tree } from './tree/tree.js'
import { linkTo, type Term, termsOf, text, type Value } from './values.js'

export interface Script {
  readonly tree: Tree
  readonly evaluator: Evaluator
  readonly lines: LineIndex
  readonly settings: SourceSettings
  /** Whether code at this place, outside of functions, runs once for each component, and not when the file is loaded. */
  readonly runsLater: (offset: number) => boolean
}

/** Names in a page's own object of flags: `gon.features.darkMode`. */
const pageObjects: ReadonlySet<string> = new Set(['glFeatures', 'gon.features'])

export function usesOf(script: Script): readonly FoundUse[] {
  const starts = script.tree.nodes.some((node) => isStart(script, node))
  return script.tree.nodes.flatMap((node) => {
    const found = useOf(script, node)
    // A program that starts flags itself may ask them after that.
    return starts ? found.map((use) => ({ ...use, eager: false })) : found
  })
}

function useOf(script: Script, node: Node): readonly FoundUse[] {
  switch (node.type) {
    case 'CallExpression':
      return callUse(script, node)
    case 'Property':
      if (script.tree.parentOf(node)?.type !== 'ObjectExpression') return []
      return propertyUse(script, keyName(node.key, node.computed), node.value)
    case 'PropertyDefinition':
      return node.value === null ? [] : propertyUse(script, keyName(node.key, node.computed), node.value)
    case 'JSXAttribute': {
      const value = node.value?.type === 'JSXExpressionContainer' ? node.value.expression : node.value
      return value === null || value === undefined ? [] : propertyUse(script, keyName(node.name, false), value)
    }
    case 'AssignmentExpression': {
      if (node.left.type !== 'MemberExpression') return []
      return propertyUse(script, keyName(node.left.property, node.left.computed), node.right)
    }
    case 'MemberExpression':
      return memberUse(script, node)
    case 'VariableDeclarator':
      return tornInPattern(script, node)
    default:
      return []
  }
}

function callUse(script: Script, node: CallExpression): readonly FoundUse[] {
  const { evaluator, tree } = script
  const [first, ...rest] = node.arguments
  if (first === undefined || first.type === 'SpreadElement') return []
  const callee = bare(node.callee)
  const given = (method = '') => ({
    terms: termsOf(evaluator.valueOf(first)),
    ...(method === experimentMethod ? readExperiment : readArguments)(
      plainWrites.has(method) ? [] : rest,
      evaluator.valueOf,
    ),
  })
  if (callee.type === 'MemberExpression') {
    const method = keyName(callee.property, callee.computed)
    const kind = method === null ? null : kindOfMethod(method)
    if (method !== null && kind !== null && !isConfigured(script, callee)) {
      const sure = sureness(evaluator.valueOf(callee.object))
      if (sure === null || (sure === false && !isMaybeUse(kind, method, first))) return []
      const { terms, ...others } = given(method)
      if (!saysAName(terms) && (sure !== true || isInConfigured(script, node))) return []
      const asks = kind === 'check' || kind === 'experiment'
      return [use(script, kind, first, { terms, ...others, sure, eager: asks && !isLater(script, node) })]
    }
  }
  const called = callee.type === 'Identifier' && tree.isDeclared(callee) ? evaluator.valueOf(callee) : null
  if (called?.is === 'method') {
    const kind = kindOfMethod(called.name)
    return kind === null ? [] : [use(script, kind, first, { ...given(called.name), sure: true })]
  }
  const linked = called === null ? null : linkedMethod(called)
  if (linked !== null) return [use(script, linked.kind, first, { ...given(linked.method), sure: linked.object })]
  const helper = helpers.get(helperName(callee, called))
  if (helper !== undefined) {
    if (helper.kind === 'forced-push') return [use(script, helper.kind, first, { terms: given().terms, sure: true })]
    if (helper.takes === 'name') return [use(script, helper.kind, first, { ...given(), sure: true })]
    return keysOf(first).map(([name, key]) => use(script, helper.kind, key, { terms: [[name]], sure: true }))
  }
  if (!isConfigured(script, callee) && !(called !== null && isConfiguredLink(script, called))) return []
  const { terms, type } = given()
  // The function itself may know the type.
  return [use(script, 'call', first, { terms, type: type ?? [[null]], sure: true })]
}

/** A method that was taken off an instance of another file. */
function linkedMethod(
  called: Value,
): { readonly kind: FoundUse['kind']; readonly method: string; readonly object: Value } | null {
  if (called.is !== 'link') return null
  const { from, name, then } = called.link
  const last = then.at(-1)
  const method = last?.startsWith('.') ? last.slice(1) : ''
  const kind = kindOfMethod(method)
  return kind === null ? null : { kind, method, object: linkTo(from, name, then.slice(0, -1)) }
}

function kindOfMethod(method: string): 'check' | 'experiment' | 'write' | 'read' | null {
  if (method === experimentMethod) return 'experiment'
  if (checkMethods.has(method)) return 'check'
  if (writeMethods.has(method)) return 'write'
  return readMethods.has(method) ? 'read' : null
}

/** A value that is none of ours gives null. */
function sureness(value: Value): FoundUse['sure'] | null {
  switch (value.is) {
    case 'flags':
      return true
    case 'link':
      return value
    case 'unknown':
      return false
    case 'either': {
      const parts = value.values.map(sureness)
      if (parts.includes(true)) return true
      const linked = value.values.filter(({ is }) => is === 'link')
      if (linked.length > 0) return linked.length === 1 ? (linked[0] ?? false) : { is: 'either', values: linked }
      return parts.includes(false) ? false : null
    }
    default:
      return null
  }
}

/** `map.get('a')`, `list.remove('a')` and `backups.restore('a')` are too common to be a sign of flags. */
function isMaybeUse(kind: string, method: string, name: Node): boolean {
  return kind !== 'read' && !plainWrites.has(method) && canBeText(bare(name))
}

function canBeText({ type }: Node): boolean {
  return type !== 'ObjectExpression' && type !== 'ArrowFunctionExpression' && type !== 'FunctionExpression'
}

/** Whether anything of a name is known, here or in another file. */
function saysAName(terms: readonly Term[]): boolean {
  return terms.some((parts) => parts.some((part) => part !== null))
}

/** Within a function that the configuration names, the name is a parameter: what counts are the calls of the function. */
function isInConfigured({ tree, settings }: Script, node: Node): boolean {
  const around = tree.around(node, isFunction)
  if (around === null) return false
  const holder = tree.parentOf(around)
  const named = 'id' in around && around.id !== null ? around.id : holder !== null && 'id' in holder ? holder.id : null
  const key = named ?? (holder !== null && 'key' in holder ? holder.key : null)
  const name = key?.type === 'Identifier' || key?.type === 'PrivateIdentifier' ? key.name : null
  return name !== null && settings.calls.some((call) => call.split('.').at(-1) === name)
}

function helperName(callee: Node, called: Value | null): string {
  if (called?.is === 'helper') return called.name
  if (callee.type === 'Identifier') return callee.name
  return callee.type === 'MemberExpression' ? (keyName(callee.property, callee.computed) ?? '') : ''
}

function keysOf(node: Node): readonly (readonly [string, Node])[] {
  const object = bare(node)
  if (object.type !== 'ObjectExpression') return []
  return object.properties.flatMap((property) => {
    const key = property.type === 'Property' ? keyName(property.key, property.computed) : null
    return key === null ? [] : [[key, property] as const]
  })
}

/** `features.on` in the configuration is `this.features.on(…)` too. */
function isConfigured({ settings }: Script, callee: Node): boolean {
  if (settings.calls.length === 0) return false
  const path = pathOf(callee)
  return settings.calls.some((call) => path === call || path.endsWith(`.${call}`))
}

/** A function of that name, imported under another one. */
function isConfiguredLink({ settings }: Script, value: Value): boolean {
  return value.is === 'link' && value.link.then.length === 0 && settings.calls.includes(value.link.name)
}

function pathOf(node: Node): string {
  const inner = bare(node)
  if (inner.type === 'Identifier') return inner.name
  if (inner.type === 'ThisExpression') return 'this'
  if (inner.type !== 'MemberExpression') return '?'
  return `${pathOf(inner.object)}.${keyName(inner.property, inner.computed) ?? '?'}`
}

function propertyUse(script: Script, key: string | null, value: Node): readonly FoundUse[] {
  if (key === null || !script.settings.properties.includes(key)) return []
  const terms = termsOf(script.evaluator.valueOf(value)).filter(([first]) => first !== null)
  return terms.length === 0 ? [] : [use(script, 'property', value, { terms })]
}

function memberUse(script: Script, node: Extract<Node, { type: 'MemberExpression' }>): readonly FoundUse[] {
  const key = keyName(node.property, node.computed)
  if (key === null) return []
  const isPage = canBePageObject(node.object) && isPageObject(pathOf(node.object))
  // Nearly all members are none of these, and are passed over before anything is worked out.
  if (!isPage && kindOfMethod(key) === null) return []
  const parent = outside(script.tree, node)
  const isCalled = parent?.type === 'CallExpression' && bare(parent.callee) === node
  if (!isCalled && isPage) return [use(script, 'frontend', node.property, { terms: [[key]] })]
  if (isCalled || kindOfMethod(key) === null || !isTakenOff(parent, node)) return []
  return script.evaluator.valueOf(node.object).is === 'flags' ? [torn(script, key, node.property)] : []
}

/** By its last name alone. */
function canBePageObject(node: Node): boolean {
  const inner = bare(node)
  const name = inner.type === 'MemberExpression' ? keyName(inner.property, inner.computed) : null
  const last = inner.type === 'Identifier' ? inner.name : name
  return last === 'glFeatures' || last === 'features'
}

function isPageObject(path: string): boolean {
  return pageObjects.has(path.replace(/^(?:(?:this|window|globalThis|self|\?)\.)+/, ''))
}

/** The node around an expression, past what TypeScript writes around it. */
function outside(tree: Tree, node: Node): Node | null {
  let [inner, around] = [node, tree.parentOf(node)]
  while (around !== null && bare(around) === node && around !== inner) [inner, around] = [around, tree.parentOf(around)]
  return around
}

/** Whether a method goes on without its object: `list.filter(Feature.enabled)`. */
function isTakenOff(parent: Node | null, node: Node): boolean {
  switch (parent?.type) {
    case 'VariableDeclarator':
    case 'ArrayExpression':
    case 'ReturnStatement':
    case 'ConditionalExpression':
    case 'LogicalExpression':
    case 'ArrowFunctionExpression':
    case 'Property':
    case 'PropertyDefinition':
      return true
    case 'CallExpression':
      return parent.arguments.some((argument) => bare(argument) === node)
    case 'AssignmentExpression':
      return bare(parent.right) === node
    default:
      return false
  }
}

/** `const { enabled } = Feature`, and `const { darkMode } = gon.features`. */
function tornInPattern(script: Script, node: Extract<Node, { type: 'VariableDeclarator' }>): readonly FoundUse[] {
  const { id, init } = node
  if (id.type !== 'ObjectPattern' || init === null) return []
  const keys = id.properties.flatMap((property) => {
    const key = property.type === 'Property' ? keyName(property.key, property.computed) : null
    return key === null ? [] : [[key, property] as const]
  })
  if (isPageObject(pathOf(init))) return keys.map(([key, at]) => use(script, 'frontend', at, { terms: [[key]] }))
  const value = script.evaluator.valueOf(init)
  const sure = sureness(value)
  if (sure === null || sure === false) return []
  return keys.filter(([key]) => kindOfMethod(key) !== null).map(([key, at]) => ({ ...torn(script, key, at), sure }))
}

function torn(script: Script, method: string, at: Node): FoundUse {
  return use(script, 'torn', at, { terms: termsOf(text(method)), sure: true })
}

function isStart({ evaluator }: Script, node: Node): boolean {
  if (node.type !== 'CallExpression') return false
  const callee = bare(node.callee)
  if (callee.type !== 'MemberExpression' || keyName(callee.property, callee.computed) !== 'start') return false
  const object = evaluator.valueOf(callee.object)
  return object.is === 'flags' || object.is === 'link'
}

/** Whether a call runs after the file was loaded: in a function, in a field of an object, in a component. */
function isLater({ tree, runsLater }: Script, node: Node): boolean {
  if (runsLater(node.start)) return true
  return (
    null !==
    tree.around(node, (around) => isFunction(around) || (around.type === 'PropertyDefinition' && !around.static))
  )
}

function isFunction({ type }: Node): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression'
}

function use(
  { lines }: Script,
  kind: FoundUse['kind'],
  at: Node,
  {
    terms,
    sure = false,
    type = null,
    actor = null,
    eager = false,
  }: Partial<FoundUse> & { readonly terms: readonly Term[] },
): FoundUse {
  return { kind, ...lines.at(at.start), terms, sure, type, actor, eager }
}
