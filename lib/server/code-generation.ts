import { ConfigurationError } from '../errors.js'

/**
 * Throws ConfigurationError in a process that may not make code from text: Fastify makes the checks of its schemas that
 * way, and would end with a stack trace that names neither the cause nor the remedy.
 */
export function requireCodeGeneration(): void {
  try {
    // Only a try gives the answer: Node's options, NODE_OPTIONS or code may forbid it.
    new Function('')
  } catch (error) {
    throw new ConfigurationError({
      problem: 'the HTTP server (Fastify) makes code from its schemas, which this process must not',
      remedy:
        'start serve without --disallow-code-generation-from-strings (applications that only use flags can keep that option)',
      cause: error,
    })
  }
}
