// Pages of a list, as GitLab's API gives them: query parameters `page` and `per_page`, and headers that lead to the others.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRecord } from '../../text/json.js'
import { ShapeFault } from './shape-fault.js'

const usual = 20
const most = 100

/** The page that the request asks for; its headers are set. Throws ShapeFault for a page that is not a number. */
export function pageOf<T>(items: readonly T[], request: FastifyRequest, reply: FastifyReply): readonly T[] {
  const { offset, limit } = placeOf(request)
  tellPages(items.length, request, reply)
  return items.slice(offset, offset + limit)
}

/** Where the page of the request lies. Throws ShapeFault. */
export function placeOf(request: FastifyRequest): { readonly offset: number; readonly limit: number } {
  const limit = Math.min(most, parameter(request, 'per_page', usual))
  return { offset: (parameter(request, 'page', 1) - 1) * limit, limit }
}

/** Sets the headers of a page of `total` items. Throws ShapeFault. */
export function tellPages(total: number, request: FastifyRequest, reply: FastifyReply): void {
  const page = parameter(request, 'page', 1)
  const perPage = placeOf(request).limit
  const pages = Math.max(1, Math.ceil(total / perPage))
  const next = page < pages ? page + 1 : null
  const previous = page > 1 && page <= pages + 1 ? page - 1 : null
  void reply.headers({
    'x-page': page,
    'x-per-page': perPage,
    'x-total': total,
    'x-total-pages': pages,
    'x-next-page': next ?? '',
    'x-prev-page': previous ?? '',
    link: links(request, perPage, { prev: previous, next, first: 1, last: pages }),
  })
}

function parameter({ query }: FastifyRequest, name: string, otherwise: number): number {
  const given = isRecord(query) ? query[name] : undefined
  if (given === undefined || given === '') return otherwise
  const number = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : 0
  if (number >= 1) return number
  throw new ShapeFault(`${name} is invalid`)
}

function links(request: FastifyRequest, perPage: number, pages: Readonly<Record<string, number | null>>): string {
  const url = new URL(request.url, `${request.protocol}://${request.host}`)
  url.searchParams.set('per_page', String(perPage))
  return Object.entries(pages)
    .filter(([, page]) => page !== null)
    .map(([name, page]) => {
      url.searchParams.set('page', String(page))
      return `<${url.href}>; rel="${name}"`
    })
    .join(', ')
}
