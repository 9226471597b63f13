// Writes TypeScript types of our OpenAPI document: for each operation that pages use what it is sent and what it answers. A package that does
// this for any document would bring a TypeScript of its own. test/web/openapi.test.ts holds the written file (web/src/api/operations.generated.ts) to the
// document, and writes it anew with --update.

/** The routes that pages use and programs do, too; all below /api/web are theirs. */
const shared = ['changeFeature', 'restoreFeature', 'undoFeatureChange', 'explainFeature', 'listFeatureHistory']

/** The text of a module with one interface, `Operations`, keyed by operationId. Throws for a schema that it does not know. */
export function openApiTypes({ paths }) {
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .filter(({ path, operation }) => path.startsWith('/api/web/') || shared.includes(operation.operationId))
    .sort((one, other) => (one.operation.operationId < other.operation.operationId ? -1 : 1))
  return [
    '// What the routes of the server take and answer. Written by scripts/openapi-types.js from the OpenAPI document: do not edit it.',
    '',
    'export interface Operations {',
    ...operations.flatMap(operationLines),
    '}',
    '',
    '/** What an operation answers when all goes well. */',
    'export type Answer<Id extends keyof Operations> = Operations[Id] extends { readonly answer: infer A } ? A : never',
    '/** The body that an operation takes. */',
    'export type Sent<Id extends keyof Operations> = Operations[Id] extends { readonly body: infer B } ? B : never',
    '',
  ].join('\n')
}

function operationLines({ path, method, operation }) {
  const { operationId, parameters = [], requestBody, responses } = operation
  const query = parameters.filter((parameter) => parameter.in === 'query')
  const parts = [
    `    readonly path: ${quoted(`${method.toUpperCase()} ${path}`)}`,
    ...(query.length === 0
      ? []
      : [
          `    readonly query: ${objectOf(
            query.map(({ name, required = false, schema }) => [name, schema, required]),
            2,
          )}`,
        ]),
    ...bodyLine('body', jsonOf(requestBody)),
    ...bodyLine('answer', jsonOf(Object.entries(responses).find(([status]) => /^2/.test(status))?.[1])),
  ]
  return [`  readonly ${nameOf(operationId)}: {`, ...parts, '  }']
}

function bodyLine(name, schema) {
  return schema === undefined ? [] : [`    readonly ${name}: ${typeOf(schema, 2)}`]
}

function jsonOf(body) {
  return body?.content?.['application/json']?.schema
}

function typeOf(schema, depth) {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) return united(alternatives.map((one) => typeOf(one, depth)))
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum !== undefined) return united(schema.enum.map(literal))
  if (schema.type === undefined) return 'unknown'
  return united([schema.type].flat().map((type) => typeNamed(type, schema, depth)))
}

function typeNamed(type, schema, depth) {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'number':
    case 'integer':
      return 'number'
    case 'array': {
      const items = typeOf(schema.items ?? {}, depth)
      return /^[\w$]+$/.test(items) ? `readonly ${items}[]` : `readonly (${items})[]`
    }
    case 'object':
      return objectType(schema, depth)
    default:
      throw new Error(`scripts/openapi-types.js does not know the type "${type}" of ${JSON.stringify(schema)}`)
  }
}

function objectType({ properties, required = [], additionalProperties }, depth) {
  if (properties !== undefined) {
    return objectOf(
      Object.entries(properties).map(([name, one]) => [name, one, required.includes(name)]),
      depth,
    )
  }
  const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties, depth) : 'unknown'
  return `Readonly<Record<string, ${values}>>`
}

function objectOf(entries, depth) {
  if (entries.length === 0) return 'Readonly<Record<string, never>>'
  const indent = '  '.repeat(depth + 1)
  const lines = entries.map(
    ([name, schema, isRequired]) =>
      `${indent}readonly ${nameOf(name)}${isRequired ? '' : '?'}: ${typeOf(schema, depth + 1)}`,
  )
  return `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`
}

function united(types) {
  const each = [...new Set(types)]
  return each.map((type) => (each.length > 1 && type.startsWith('readonly ') ? `(${type})` : type)).join(' | ')
}

function literal(value) {
  return typeof value === 'string' ? quoted(value) : String(value)
}

function quoted(text) {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

function nameOf(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}
