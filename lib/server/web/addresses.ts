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

const list = ['src/pages/flag-list.vue']
/** What changes need; a page that offers some waits for it. */
const changing = 'src/state/changing.ts'

/** The sources below web/ that the page loads at this address besides its own, as web/src/router.ts names them. */
export function pageSources(target: string): readonly string[] {
  const [path = ''] = target.split(/[?#]/, 1)
  const [first = '', name = '', part, ...more] = path.split('/').slice(1)
  const isAlone = name === ''
  if ((first === '' || first === 'flags') && isAlone) return list
  if (first === 'sign-in' && isAlone) return ['src/pages/sign-in.vue']
  if (first === 'history' && isAlone) return ['src/pages/flag-changes.vue', changing]
  if (first === 'explain' && isAlone) return ['src/pages/explain-page.vue']
  if (first === 'flags' && part === undefined) return ['src/pages/flag-detail.vue', changing]
  if (first === 'flags' && part === 'actors' && more.length === 0) return ['src/pages/flag-actors.vue', changing]
  return ['src/pages/unknown-address.vue']
}
