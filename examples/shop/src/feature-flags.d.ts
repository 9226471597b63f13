// Written by `bin/feature-flag types` from the definitions of the flags; do not edit.
// biome-ignore-all format: written by a program
// biome-ignore-all lint: written by a program
/* eslint-disable */
import type { DeclaredFlag } from 'sluice'

declare module 'sluice' {
  interface FlagNames {
    /** Stores offer delivery within two hours. development, group::delivery, off by default. */
    express_delivery: DeclaredFlag<'development', 'Store'>
    /** Baskets offer to wrap gifts. experiment, group::checkout, off by default. */
    gift_wrap: DeclaredFlag<'experiment', 'Customer;{id}'>
    /** Customers who come back collect points. beta, group::growth, off by default. */
    loyalty_points: DeclaredFlag<'beta', 'Customer;{id}'>
    /** Customers pay on one page. beta, group::checkout, off by default. */
    one_page_checkout: DeclaredFlag<'beta', 'Customer;{id}'>
    /** The shop takes no orders while its database is moved. ops, group::operations, off by default. */
    read_only_mode: DeclaredFlag<'ops'>
  }
  interface FrontendFlagNames {
    expressDelivery: 'express_delivery'
    giftWrap: 'gift_wrap'
    loyaltyPoints: 'loyalty_points'
    onePageCheckout: 'one_page_checkout'
    readOnlyMode: 'read_only_mode'
  }
}
