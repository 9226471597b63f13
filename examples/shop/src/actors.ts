// Whom flags are asked for.
import { FeatureGate } from 'sluice'

/** A person who buys. */
export class Customer extends FeatureGate('Customer', { id: 'Customer;{id}' }) {}

/** Who has not signed in. */
export const guest = new Customer('guest')

/** A branch of the shop. */
export class Store extends FeatureGate('Store') {}
