// What one request has pushed so far, for the page that answers it. It begins with the first push or with an adapter, and ends with its
// request: nothing has to be cleared.
import type { Requests } from '../feature/request-scope.js'
import type { PushedExperiment } from './page-flags.js'

interface PushedFlag {
  readonly name: string
  readonly value: boolean
}

export class Page {
  /** Under their names in the page. */
  readonly flags = new Map<string, PushedFlag>()
  readonly experiments = new Map<string, PushedExperiment>()
  /** Whether the headers of the answer are sent; an adapter knows. */
  isSent: () => boolean = () => false
}

/** By the request, which `withRequest` begins. */
const pages = new WeakMap<object, Page>()

/** The page of the request under way; null outside of one. */
export function pageOf(requests: Pick<Requests, 'underWay'>): Page | null {
  const request = requests.underWay()
  if (request === null) return null
  const known = pages.get(request)
  if (known !== undefined) return known
  const page = new Page()
  pages.set(request, page)
  return page
}
