// The description of the API, generated from the schemas of the routes.
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'

/** Listens for routes: call it before any is added. */
export async function collectOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sluice',
        version: '1',
        description: "Feature flags over HTTP: GitLab's admin API, health and metrics.",
      },
      components: {
        securitySchemes: {
          privateToken: { type: 'apiKey', in: 'header', name: 'PRIVATE-TOKEN' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ privateToken: [] }, { bearer: [] }],
    },
  })
}

/** Adds `/api/v4/openapi.json`; it is public, as the source is. */
export function openApiRoutes(app: FastifyInstance): void {
  const schema = {
    operationId: 'openapi',
    summary: 'This description',
    response: { 200: { description: 'OpenAPI 3.1', type: 'object', additionalProperties: true } },
  }
  let document: Buffer | null = null
  app.get('/api/v4/openapi.json', { config: { scope: 'public' }, schema }, async (_request, reply) => {
    // No route is added once the app answers. One buffer serves all answers, including those that wait for their readers.
    document ??= Buffer.from(JSON.stringify(app.swagger()))
    return reply.type('application/json').send(document)
  })
}
