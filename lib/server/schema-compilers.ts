// What checks requests and writes answers, compiled from the schemas of routes: each schema once in a process. Many routes have the same
// one, as that of errors, and to compile them takes most of the time until a server can answer.
import Fastify, { type FastifyInstance, type FastifySchemaCompiler, type FastifySerializerCompiler } from 'fastify'

interface Compilers {
  readonly validator: FastifySchemaCompiler<unknown>
  readonly serializer: FastifySerializerCompiler<unknown>
}

let shared: Promise<Compilers> | null = null

/** To be called before the app has routes. */
export async function useSharedCompilers(app: FastifyInstance): Promise<void> {
  shared ??= makeCompilers()
  const { validator, serializer } = await shared
  app.setValidatorCompiler(validator)
  app.setSerializerCompiler(serializer)
}

/** Fastify's own, which it shows once an app that has schemas is ready. */
async function makeCompilers(): Promise<Compilers> {
  const maker = Fastify({
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allowUnionTypes: true } },
  })
  const anything = { type: 'object' }
  maker.post('/', { schema: { body: anything, response: { 200: anything } } }, async () => ({}))
  await maker.ready()
  const { validatorCompiler, serializerCompiler } = maker
  await maker.close()
  if (!validatorCompiler || !serializerCompiler) throw new Error('Fastify shows no compilers of schemas')
  return { validator: onceForEach(validatorCompiler), serializer: onceForEach(serializerCompiler) }
}

/** What is compiled depends on the schema alone. */
function onceForEach<R extends { readonly schema: unknown }, T>(compile: (route: R) => T): (route: R) => T {
  const known = new Map<string, T>()
  return (route) => {
    const text = JSON.stringify(route.schema)
    const compiled = known.get(text) ?? compile(route)
    known.set(text, compiled)
    return compiled
  }
}
