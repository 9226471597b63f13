/** For every answer: no answer is a page, and a browser must not cache it, frame it or guess its type. */
export const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const

/** Beside them for what a browser asks for; programs get what they always got, to the byte. */
export const browserHeaders = {
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const

/** Where the browser came over HTTPS: it never comes over plain HTTP again. */
export const httpsOnly = { 'strict-transport-security': 'max-age=31536000' } as const
