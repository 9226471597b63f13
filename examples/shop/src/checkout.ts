// What a customer pays, and how.
import { Feature } from 'sluice'
import type { Customer, Store } from './actors.js'

export interface Checkout {
  readonly steps: readonly string[]
  readonly express: boolean
}

/** The steps to pay: one page for customers who have the new checkout, four pages for all others. */
export function checkoutFor(customer: Customer, store: Store): Checkout {
  const steps = Feature.enabled('one_page_checkout', customer, { type: 'beta' })
    ? ['checkout']
    : ['address', 'delivery', 'payment', 'summary']
  return { steps, express: Feature.enabled('express_delivery', store) }
}
