// Ends synchronous code of the application that does not end by itself: nothing else can, while it has the only thread.
import { type Context, createContext, Script } from 'node:vm'

const call = new Script('run()')
/** Made with its first use: most processes never ask for it. */
let context: Context | null = null

/**
 * Runs it, and ends it after so many milliseconds: null then, otherwise what it has returned. Code that is ended runs no `catch` and no
 * `finally`: the caller sets right what these would have. Throws what it throws.
 */
export function runWithin<T>(limitMs: number, run: () => T): { readonly value: T } | null {
  context ??= createContext({})
  let value: { readonly value: T } | null = null
  context['run'] = () => {
    value = { value: run() }
  }
  try {
    call.runInContext(context, { timeout: limitMs })
  } catch (error) {
    if (!isTimeout(error)) throw error
  } finally {
    context['run'] = undefined
  }
  return value
}

function isTimeout(error: unknown): boolean {
  // It is an error of the context, and so no instance of this one's Error.
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
