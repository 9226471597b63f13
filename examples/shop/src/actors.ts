// Whom flags are asked for.
import { FeatureGate } from 'sluice'

/** A person who buys. */
export class Customer extends FeatureGate('Customer', { id: 'Customer;{id}' }) {}

/** A branch of the shop. */
export class Store extends FeatureGate('Store') {}
