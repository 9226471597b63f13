// Whom an evaluation is about, as a request says it.
import type { Context } from '../../project-flags/strategies/strategy.js'
import { type Parameters, recordOf, textIn } from './parameters.js'

const fields = ['userId', 'sessionId', 'remoteAddress', 'appName'] as const

/** The parameter `context`; without it there is no user. Throws ShapeFault for a value that is no text. */
export function contextIn({ context: given }: Parameters): Context {
  if (given === undefined || given === null) return {}
  const context = recordOf(given, 'context')
  const { properties = {} } = context
  const named = properties === null ? {} : recordOf(properties, 'context[properties]')
  return {
    ...textsIn(context, fields, 'context'),
    properties: textsIn(named, Object.keys(named), 'context[properties]'),
  }
}

function textsIn(given: Parameters, names: readonly string[], of: string): Readonly<Record<string, string>> {
  const texts = names.map((name) => [name, textIn(given, name, `${of}[${name}]`)] as const)
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])))
}
