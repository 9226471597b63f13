// The list in the address: what is filtered and sorted, in a fixed order, with what is usual left out.
import { type Order, orders } from './filter.js'
import { longestQuery } from './query.js'

export interface ListView {
  readonly query: string
  readonly order: Order
}

/** What the address says; what it says wrongly is as usual. */
export function readView(query: Readonly<Record<string, unknown>>): ListView {
  const { q, sort } = query
  const order = orders.find((known) => known === first(sort)) ?? 'name'
  return { query: (first(q) ?? '').slice(0, longestQuery), order }
}

/** The query of the address. */
export function writeView({ query, order }: ListView): Record<string, string> {
  const q = query.trim().slice(0, longestQuery)
  return { ...(q === '' ? {} : { q }), ...(order === 'name' ? {} : { sort: order }) }
}

/** A parameter that stands there twice counts once. */
function first(value: unknown): string | undefined {
  const one: unknown = Array.isArray(value) ? value[0] : value
  return typeof one === 'string' ? one : undefined
}
