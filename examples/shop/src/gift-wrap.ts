// An experiment: whether customers buy more gifts when the shop offers to wrap them.
import type { FastifyInstance } from 'fastify'
import { type ExperimentResult, type Exposure, Feature } from 'sluice'
import { Customer, guest } from './actors.js'

/** What counts exposures; a shop would send them to its analytics. */
export const exposures: Exposure[] = []

/** The variant of a customer; guests take no part. */
export function giftWrapFor(
  customer: Customer,
  query: unknown,
): Promise<ExperimentResult<'control' | 'paper' | 'cloth'>> {
  const { glex_force } = query as { readonly glex_force?: string }
  return Feature.experiment('gift_wrap', {
    actor: customer,
    variants: { control: 50, paper: 25, cloth: 25 },
    exclude: ({ flipperId }) => flipperId === guest.flipperId,
    // The people of the shop see paper, whomever the rollout lets in.
    segments: ({ flipperId }) => flipperId.startsWith('Customer;staff-') && 'paper',
    override: glex_force,
    onExposure: (exposure) => exposures.push(exposure),
  })
}

export function addGiftWrap(app: FastifyInstance): void {
  app.get('/customers/:customer/basket', async (request) => {
    const { customer } = request.params as { readonly customer: string }
    const { variant } = await giftWrapFor(new Customer(customer), request.query)
    return { offers: variant === 'control' ? [] : [`wrapped in ${variant}`] }
  })
}
