// The types of answers as the page has them are those of the OpenAPI document that the server sends.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInstance } from '../../lib/instance/create.js'
import { silentLogger } from '../../lib/log.js'
import { buildApp } from '../../lib/server/app.js'
import { openApiTypes } from '../../scripts/openapi-types.js'
import { makeFolder } from '../support/project.js'

describe('the types that web/ has of the server', () => {
  let app: Awaited<ReturnType<typeof buildApp>>
  let stop: () => Promise<void>

  beforeAll(async () => {
    const options = {
      root: makeFolder({}),
      env: 'production',
      databaseUrl: 'memory',
      diskFile: false,
      logger: silentLogger,
    } as const
    const instance = createInstance(options, { author: 'code:test', source: 'http', watch: false })
    await instance.feature.start()
    app = await buildApp({ instance, logger: silentLogger })
    stop = () => instance.feature.stop()
  })
  afterAll(async () => {
    await app?.close()
    await stop?.()
  })

  it('are those of its OpenAPI document (where it is meant to change: npx vitest run test/web/openapi.test.ts --update)', async () => {
    const document = (await app.inject('/api/v4/openapi.json')).json<{ paths: object }>()
    await expect(openApiTypes(document)).toMatchFileSnapshot('../../web/src/api/operations.generated.ts')
  })

  it.each([
    [{ type: 'string', enum: ["it's", 'b'] }, "'it\\'s' | 'b'"],
    [{ type: ['integer', 'null'] }, 'number | null'],
    [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, 'readonly (string | null)[]'],
    [{ anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] }, '(readonly string[]) | null'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'Readonly<Record<string, number>>'],
    [{}, 'unknown'],
  ])('are, of %j, %s', (schema, type) => {
    const answer = { content: { 'application/json': { schema } } }
    const paths = { '/api/web/x': { get: { operationId: 'x', responses: { 200: answer } } } }
    expect(openApiTypes({ paths })).toContain(`readonly answer: ${type}\n`)
  })

  it('are refused of a schema that is not known', () => {
    const answer = { content: { 'application/json': { schema: { type: 'date' } } } }
    const paths = { '/api/web/x': { get: { operationId: 'x', responses: { 200: answer } } } }
    expect(() => openApiTypes({ paths })).toThrow('does not know the type "date"')
  })
})
