// The functions by which a runner gets tests and hooks (`test`, `test.only`, `test.each([…])`, `beforeEach`), such that what they register
// is wrapped.

export type TestFunction = (this: unknown, ...given: unknown[]) => unknown

/** A call that registers a function. */
export interface Registration {
  /** The names on the way: `concurrent`, `only`. */
  readonly path: readonly string[]
  /** What the test is called; empty for a hook. */
  readonly name: string
}

export type Wrap = (fn: TestFunction, registration: Registration) => TestFunction

/** The same function with the same properties; of what it is called with, functions are wrapped. */
export function wrapRegistering<Registering extends object>(
  registering: Registering,
  wrap: Wrap,
  path: readonly string[] = [],
): Registering {
  return new Proxy(registering, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      return isFunction(value) && typeof key === 'string' ? wrapRegistering(value, wrap, [...path, key]) : value
    },
    apply(target, self, given: unknown[]) {
      if (!isFunction(target)) return undefined
      // What is given to `each` are rows of a table; the function that it returns registers.
      if (path.at(-1) === 'each') {
        const made = Reflect.apply(target, self, given)
        return isFunction(made) ? wrapRegistering(made, wrap, path.slice(0, -1)) : made
      }
      const [first] = given
      const registration = { path, name: typeof first === 'string' ? first : '' }
      const wrapped = given.map((one) => (isFunction(one) ? sameLength(wrap(one, registration), one) : one))
      return Reflect.apply(target, self, wrapped)
    },
  })
}

/** Runners read from the number of parameters whether a function wants a callback. */
function sameLength(wrapped: TestFunction, fn: TestFunction): TestFunction {
  return Object.defineProperties(wrapped, { length: { value: fn.length }, name: { value: fn.name } })
}

function isFunction(value: unknown): value is TestFunction {
  return typeof value === 'function'
}
