// Turns the schema's fault of a parameter into this package's words.
import type { FastifySchemaValidationError } from 'fastify'
import { suggestion } from '../text/suggest.js'
import { type ErrorParts, FeatureError } from '../errors.js'
import { setParametersSchema } from './set-parameters.js'

const longestShown = 60

/** Makes the errors of faulty requests; `own`: the parameters of the project's own classes. */
export function faultsWith(own: readonly string[]): (faults: FastifySchemaValidationError[]) => FeatureError {
  const known = [...Object.keys(setParametersSchema.properties), ...own]
  return (faults) => describeFault(faults, known)
}

/** The error for the first fault of a request. */
function describeFault(faults: FastifySchemaValidationError[], known: readonly string[]): FeatureError {
  const fault = faults.find(({ keyword }) => keyword === 'maximum') ?? faults[0]
  const malformed = { problem: 'the request is malformed', remedy: 'see /api/v4/openapi.json' }
  return new FeatureError('invalid_request', fault === undefined ? malformed : describe(fault, known))
}

function describe(
  { keyword, instancePath, params, message }: FastifySchemaValidationError,
  known: readonly string[],
): ErrorParts {
  const name = instancePath.slice(1)
  const parameter = `the parameter "${name}"`
  if (keyword === 'additionalProperties') return unknownParameter(String(params['additionalProperty']), known)
  if (keyword === 'required') {
    const missing = String(params['missingProperty'])
    return { problem: `the parameter "${missing}" is missing`, remedy: wanted(missing, known) }
  }
  if (name === '') return { problem: 'the body is not an object', remedy: 'send parameters by name' }
  if (keyword === 'maximum') {
    const problem = `${parameter} is a number over ${params['limit']} (2^53−1), which is rounded when JSON is read`
    return { problem, remedy: 'send it as text' }
  }
  if (keyword === 'pattern') return { problem: `${parameter} holds a NUL character`, remedy: 'leave it out' }
  if (keyword === 'type' || keyword === 'enum')
    return { problem: `${parameter} has a value that cannot be used`, remedy: wanted(name, known) }
  if (keyword === 'maxLength')
    return { problem: `${parameter} has more than ${params['limit']} characters`, remedy: 'shorten it' }
  return { problem: `${parameter} ${message ?? 'is wrong'}`, remedy: wanted(name, known) }
}

/** What to give for a parameter; for a target, how to give it. */
function wanted(name: string, known: readonly string[]): string {
  switch (name) {
    case 'value':
      return `give ${setParametersSchema.properties.value.description}`
    case 'key':
      return 'give percentage_of_actors or percentage_of_time'
    case 'force':
      return 'give true or false'
    case 'reason':
      return 'give a text'
    default:
      return known.includes(name) ? 'give an id or a path, or several separated by commas' : 'see /api/v4/openapi.json'
  }
}

function unknownParameter(name: string, known: readonly string[]): ErrorParts {
  const shown = name.slice(0, longestShown)
  const close = suggestion(shown, known)
  const remedy = close === null ? `the parameters are ${known.join(', ')}` : `did you mean "${close}"?`
  return { problem: `there is no parameter "${shown}"`, remedy }
}
