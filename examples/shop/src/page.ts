// The page of a store. The server draws all of it; src/browser/page.ts makes parts of it livelier, with the flags that are pushed here.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { Feature } from 'sluice'
import { gonScript, pushExperiment, pushForceFrontendFeatureFlag, pushFrontendFeatureFlag } from 'sluice/frontend'
import type { Customer } from './actors.js'
import { Store } from './actors.js'
import { type Checkout, checkoutFor } from './checkout.js'
import { giftWrapFor } from './gift-wrap.js'

export type CustomerOf = (header: string | readonly string[] | undefined) => Customer

export function addPage(app: FastifyInstance, customerOf: CustomerOf): void {
  app.get('/stores/:store', async (request, reply) => {
    const { store: name } = request.params as { readonly store: string }
    const [customer, store] = [customerOf(request.headers['x-customer-id']), new Store(name)]
    pushFrontendFeatureFlag('one_page_checkout', customer, { type: 'beta' })
    pushFrontendFeatureFlag('express_delivery', store)
    // Drawn below too, so the answer is at hand.
    const isReadOnly = Feature.enabled('read_only_mode', { type: 'ops' })
    pushForceFrontendFeatureFlag('read_only_mode', isReadOnly)
    const giftWrap = await giftWrapFor(customer, request.query)
    pushExperiment(giftWrap)
    const nonce = randomBytes(16).toString('base64')
    reply.header('content-security-policy', policy(nonce))
    reply.header('cache-control', 'private, no-store')
    return reply
      .type('text/html')
      .send(pageOf({ store: name, isReadOnly, checkout: checkoutFor(customer, store), wrap: giftWrap.variant, nonce }))
  })
  app.get('/assets/page.js', async (_request, reply) => {
    reply.type('text/javascript')
    return readFile(new URL('../browser/page.js', import.meta.url))
  })
}

/** Nothing but what has the nonce of this answer, and no text becomes code. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'report-uri /csp-reports',
  ].join('; ')
}

interface Content {
  readonly store: string
  readonly isReadOnly: boolean
  readonly checkout: Checkout
  readonly wrap: string
  readonly nonce: string
}

function pageOf({ store, isReadOnly, checkout: { steps, express }, wrap, nonce }: Content): string {
  const name = escapeHtml(store)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${name}</title>
<style nonce="${nonce}">
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 28rem }
button { font: inherit; padding: .4rem 1rem; border: 1px solid #1f4fd8; border-radius: .4rem; background: #1f4fd8; color: #fff }
</style>
${gonScript({ nonce })}
<script type="module" nonce="${nonce}" src="/assets/page.js"></script>
</head>
<body>
<h1>${name}</h1>
<p id="notice"${isReadOnly ? '' : ' hidden'}>The shop takes no orders at the moment.</p>
<p>Delivery: <span id="delivery">${express ? 'within two hours' : 'tomorrow'}</span></p>
<p id="gifts"${wrap === 'control' ? ' hidden' : ''}>Gifts are wrapped in ${wrap}.</p>
<ol>${steps.map((step) => `<li>${step}</li>`).join('')}</ol>
<div id="checkout"><a href="/stores/${encodeURIComponent(store)}/checkout">Pay</a></div>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
