// Pages of a list, as GitLab's API gives them: query parameters `page` and `per_page`, and headers that lead to the others.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRecord } from '../../text/json.js'
import { ShapeFault } from './shape-fault.js'

const usual = 20
const most = 100

/** The page that the request asks for; its headers are set. Throws ShapeFault for a page that is not a number. */
export function pageOf<T>(items: readonly T[], request: FastifyRequest, reply: FastifyReply): readonly T[] {
  const page = parameter(request, 'page', 1)
  const perPage = Math.min(most, parameter(request, 'per_page', usual))
  const pages = Math.max(1, Math.ceil(items.length / perPage))
  const next = page < pages ? page + 1 : null
  const previous = page > 1 && page <= pages + 1 ? page - 1 : null
  void reply.headers({
    'x-page': page,
    'x-per-page': perPage,
    'x-total': items.length,
    'x-total-pages': pages,
    'x-next-page': next ?? '',
    'x-prev-page': previous ?? '',
    link: links(request, perPage, { prev: previous, next, first: 1, last: pages }),
  })
  return items.slice((page - 1) * perPage, page * perPage)
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
