// The page in the browser and the files that it loads, from memory. They are the same for everybody and hold nothing of any flag, so no
// sign-in is needed for them: a link from another site opens the page, which then asks for what the person may see. What it will ask for
// is named beside it, so that a browser asks at once and not only when the scripts have come and run.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { namesTag } from '../../../unleash/etag.js'
import { takesEncoding } from '../../accepted-encoding.js'
import { browserHeaders } from '../../security-headers.js'
import type { Door } from '../../sign-in/door.js'
import { pageSources } from '../../web/addresses.js'
import type { BuiltFile, BuiltPage } from '../../web/built-files.js'

/** Nothing runs but the page's own files, and nothing that a flag or a person wrote can become a script: Trusted Types see to it. */
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types vue',
].join('; ')

const pageHeaders = {
  'content-security-policy': policy,
  ...browserHeaders,
  'x-content-type-options': 'nosniff',
  // Asked for anew each time, so that a new version is seen; it is one small file.
  'cache-control': 'no-cache',
} as const

/** What every page asks for first, and what it asks for then where a person is signed in: the addresses stand in web/src/api/ too. */
const asked = ['/api/web/boot']
const askedSignedIn = [...asked, '/api/web/session', '/api/web/flags']

const addresses = ['/', '/sign-in', '/flags', '/flags/*', '/history', '/explain'] as const

/** Adds the addresses of the page, and `/assets/`. None of them is in the description of the API. */
export function pageRoutes(app: FastifyInstance, page: BuiltPage, door: Pick<Door, 'workedLately'>): void {
  const open = { schema: { hide: true }, config: { scope: 'public' } } as const
  for (const address of addresses) {
    app.get(address, open, (request, reply) =>
      sendPage(request, reply, { page, isSignedIn: door.workedLately(request) }),
    )
  }
  app.get<{ Params: { file: string } }>('/assets/:file', open, (request, reply) => {
    const file = page.assets.get(request.params.file)
    if (file === undefined) return reply.callNotFound()
    // Its name has a hash of its content in it.
    reply.headers({ 'cache-control': 'public, max-age=31536000, immutable' })
    return sendFile(request, reply, file)
  })
}

export interface PageSending {
  readonly page: BuiltPage
  /** Whether a signed-in person asks, who will ask for more. Of a sign-in that is not known here, each question would count as a guess. */
  readonly isSignedIn: boolean
}

/** Answers with the page, whatever the address is; the page reads it. */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  { page, isSignedIn }: PageSending,
): FastifyReply {
  const scripts = new Set(pageSources(request.url).flatMap((source) => page.scripts.get(source) ?? []))
  const link = [
    ...[...scripts].map((path) => `<${path}>; rel=modulepreload; crossorigin`),
    ...(isSignedIn ? askedSignedIn : asked).map((path) => `<${path}>; rel=preload; as=fetch; crossorigin`),
  ]
  reply.headers({ ...pageHeaders, link: link.join(', ') })
  return sendFile(request, reply, page.index, 'accept-encoding, cookie')
}

function sendFile(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { bodies, etag, type }: BuiltFile,
  vary = 'accept-encoding',
): FastifyReply {
  reply.headers({ etag, vary })
  // What leads nowhere is told each time.
  if (reply.statusCode === 200 && namesTag(headers['if-none-match'], etag)) return reply.code(304).send()
  const accepted = headers['accept-encoding']
  const encoding = (['br', 'gzip'] as const).find((name) => bodies[name] !== undefined && takesEncoding(accepted, name))
  if (encoding !== undefined) reply.header('content-encoding', encoding)
  return reply.type(type).send((encoding === undefined ? undefined : bodies[encoding]) ?? bodies.identity)
}
