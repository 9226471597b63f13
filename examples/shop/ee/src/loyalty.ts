// Points for customers who come back: a part of the Enterprise Edition, behind a flag that is defined under ee/ too.
import type { FastifyInstance } from 'fastify'
import { Feature } from 'sluice'
import { Customer } from '../../src/actors.js'

export function addLoyalty(app: FastifyInstance): void {
  app.get('/customers/:id/points', (request, reply) => {
    const { id } = request.params as { readonly id: string }
    if (!Feature.enabled('loyalty_points', new Customer(id), { type: 'beta' })) return reply.callNotFound()
    return { points: 120 }
  })
}
