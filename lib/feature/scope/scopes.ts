// Which scope is in force where. In this order: the scope of the asynchronous context (that of the test under way); otherwise the open
// scopes of this process, if they agree: so a server that was started before the tests has the flags of the one that runs; otherwise
// the one of the context although its test is over; otherwise none.
//
// The second exception to "no module-level state": a test's stubs must reach every instance, and code that knows no test.
import { AsyncLocalStorage } from 'node:async_hooks'
import { type ErrorParts, FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import { asyncContext } from '../request-scope.js'
import { Scope, type ScopeOptions } from './scope.js'

let storage: AsyncLocalStorage<Scope> | null = null
const open = new Set<Scope>()
/** The open scope where there is just one: by the order above it is in force everywhere, and AsyncLocalStorage need not be asked. */
let only: Scope | null = null

/** Whether there ever was a scope in this process. */
export function hasScopes(): boolean {
  return storage !== null
}

/** Opens a scope; inside the scope of the context where no parent is given. */
export function openScope(options: Omit<ScopeOptions, 'parent'> & { readonly parent?: Scope | null }): Scope {
  const scope = new Scope({ ...options, parent: options.parent === undefined ? ownScope() : options.parent })
  // The process has scopes from now on, also where no code runs inside of one.
  asyncContext.used = true
  storage ??= new AsyncLocalStorage()
  open.add(scope)
  noteOnly()
  if (scope.parent !== null) scope.parent.openInside += 1
  return scope
}

/** Safe to call twice. Code that goes on in the scope keeps its flags. */
export function closeScope(scope: Scope): void {
  if (!open.delete(scope)) return
  scope.isOpen = false
  noteOnly()
  if (scope.parent !== null) scope.parent.openInside -= 1
}

function noteOnly(): void {
  const [first = null] = open
  only = open.size === 1 ? first : null
}

/** Runs `fn`, and what it starts, inside the scope. */
export function inScope<Result>(scope: Scope, fn: () => Result): Result {
  storage ??= new AsyncLocalStorage()
  return storage.run(scope, fn)
}

/** The scope of the asynchronous context, as long as it is open. */
export function ownScope(): Scope | null {
  if (storage === null) return null
  const own = storage.getStore()
  return own?.isOpen === true ? own : null
}

/** The same for a check, which may take the only open scope for its own: half of its time would go into looking at the context. */
export function scopeOfCheck(): Scope | null {
  return only ?? ownScope()
}

/** That of a test that is over, in work that it has left behind. */
export function leftScope(): Scope | null {
  const own = storage?.getStore()
  return own === undefined || own.isOpen ? null : own
}

/** The open scopes in which no other one is open, in the order of their opening. */
export function innermostScopes(): readonly Scope[] {
  return [...open].filter(({ openInside }) => openInside === 0)
}

/**
 * The scope in force for a question; null for none. `isSame` says whether two scopes give the same answer. Throws FeatureError
 * (`tests_disagree`), which names both tests, where the question comes from outside of every test and two of them give different ones.
 */
export function scopeInForce(what: string, isSame: (one: Scope, other: Scope) => boolean): Scope | null {
  if (storage === null) return null
  return scopeOfCheck() ?? sharedScope(what, isSame) ?? leftScope()
}

function sharedScope(what: string, isSame: (one: Scope, other: Scope) => boolean): Scope | null {
  if (open.size === 0) return null
  const [first = null, ...others] = innermostScopes()
  if (first === null) return null
  const other = others.find((scope) => !isSame(first, scope))
  if (other === undefined) return first
  const error = new FeatureError('tests_disagree', disagreement(what, first, other))
  for (const { faults } of [first, other]) faults?.add(error)
  throw error
}

function disagreement(what: string, one: Scope, other: Scope): ErrorParts {
  return {
    problem: `${what} was asked for by code that belongs to no test, while ${nameOf(one)} and ${nameOf(other)} were running, which want different answers`,
    remedy: 'let these tests run one after the other, or let each have a server of its own',
  }
}

/** The scope's test, for a sentence. */
export function nameOf({ test }: Scope): string {
  return test === null ? 'a call of withFeatureFlags' : `the test ${quoted(test.name)}`
}
