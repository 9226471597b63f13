// Says in our words what the schema found wrong with a parameter.
import type { FastifySchemaValidationError } from 'fastify'
import { suggestion } from '../text/suggest.js'
import { FeatureError } from '../errors.js'
import { setParametersSchema } from './set-parameters.js'

const known = Object.keys(setParametersSchema.properties)
const longestShown = 60

/** The error for the first fault of a request. */
export function describeFault(faults: FastifySchemaValidationError[]): FeatureError {
  const fault = faults.find(({ keyword }) => keyword === 'maximum') ?? faults[0]
  return new FeatureError('invalid_request', fault === undefined ? 'the request is malformed' : describe(fault))
}

function describe({ keyword, instancePath, params, message }: FastifySchemaValidationError): string {
  const name = instancePath.slice(1)
  if (keyword === 'additionalProperties') return unknownParameter(String(params['additionalProperty']))
  if (keyword === 'required') return `the parameter "${params['missingProperty']}" is missing`
  if (name === '') return 'the body is no object: send parameters by name'
  if (keyword === 'maximum')
    return `the parameter "${name}" is a number over ${params['limit']} (2^53−1), which is rounded when JSON is read; send it as text`
  if (keyword === 'pattern') return `the parameter "${name}" holds a NUL character; leave it out`
  if (keyword === 'type' || keyword === 'enum')
    return `the parameter "${name}" is none that can be used; ${wanted(name)}`
  return `the parameter "${name}" ${message ?? 'is wrong'}`
}

/** What the schema says of a parameter, so that the message and the documentation are one text. */
function wanted(name: string): string {
  const parameter = Object.entries(setParametersSchema.properties).find(([key]) => key === name)?.[1]
  return `give: ${parameter?.description ?? 'what /api/v4/openapi.json says'}`
}

function unknownParameter(name: string): string {
  const shown = name.slice(0, longestShown)
  const close = suggestion(shown, known)
  const remedy = close === null ? `the parameters are ${known.join(', ')}` : `did you mean "${close}"?`
  return `there is no parameter "${shown}"; ${remedy}`
}
