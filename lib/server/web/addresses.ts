// Which addresses are those of pages in the browser. What programs ask for never is one: there, no answer may be mistaken for data.

/** The first parts of the addresses that the page knows; each may have more below it. web/src/router.ts has the same. */
const pages: ReadonlySet<string> = new Set(['', 'sign-in', 'flags', 'history', 'explain'])

/** What is never answered with the page. */
const programs = /^\/(?:api|-|assets)(?:[/?]|$)/

/** Whether the page has something to show at a request's target, however the rest of it is written. */
export function isPageAddress(target: string): boolean {
  if (programs.test(target)) return false
  const [, first = ''] = /^\/([^/?]*)/.exec(target) ?? []
  return pages.has(first)
}

/**
 * Whether an address that leads nowhere was asked for by a person: then the page says so and helps to find what was meant. Programs
 * get the error that they can read.
 */
export function isAskedByBrowser(target: string, accept: string | undefined): boolean {
  return !programs.test(target) && /(?:^|,)\s*text\/html\s*(?:[,;]|$)/i.test(accept ?? '')
}
