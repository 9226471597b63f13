// The HTTP application of the shop. It neither starts flags nor listens: src/main.ts does, and tests do it in their own way.
import fastify, { type FastifyInstance } from 'fastify'
import { Feature } from 'sluice'
import { fastifyFrontend } from 'sluice/frontend'
import { Customer, guest, Store } from './actors.js'
import { checkoutFor } from './checkout.js'
import { loyaltyRoutes } from './edition.js'
import { addGiftWrap } from './gift-wrap.js'
import { addPage } from './page.js'

export async function buildApp(): Promise<FastifyInstance> {
  const app = fastify()
  // All checks of one request see the same state of the flags, and its page gets those that it pushes.
  await app.register(fastifyFrontend)
  app.addHook('onRequest', async (_request, reply) => {
    if (Feature.enabled('read_only_mode', { type: 'ops' })) reply.header('x-read-only', 'true')
  })
  app.get('/stores/:store/checkout', (request) => {
    const { store } = request.params as { readonly store: string }
    return checkoutFor(customerOf(request.headers['x-customer-id']), new Store(store))
  })
  addPage(app, customerOf)
  addGiftWrap(app)
  for (const add of await loyaltyRoutes()) add(app)
  return app
}

function customerOf(header: string | readonly string[] | undefined): Customer {
  return typeof header === 'string' ? new Customer(header) : guest
}
