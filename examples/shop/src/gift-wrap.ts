// An experiment: whether customers buy more gifts when the basket offers to wrap them.
import type { FastifyInstance } from 'fastify'
import { type Exposure, Feature } from 'sluice'
import { Customer } from './actors.js'

/** What counts exposures; a shop would send them to its analytics. */
export const exposures: Exposure[] = []

export function addGiftWrap(app: FastifyInstance): void {
  app.get('/customers/:customer/basket', async (request) => {
    const { customer } = request.params as { readonly customer: string }
    const { glex_force } = request.query as { readonly glex_force?: string }
    const { variant } = await Feature.experiment('gift_wrap', {
      actor: new Customer(customer),
      variants: { control: 50, paper: 25, cloth: 25 },
      exclude: customer === 'guest',
      override: glex_force,
      onExposure: (exposure) => exposures.push(exposure),
    })
    return { offers: variant === 'control' ? [] : [`wrapped in ${variant}`] }
  })
}
