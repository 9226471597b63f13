// Which addresses of a definition become links: those of the web. `javascript:` and `data:` would run, and stay text.

/** The address where it may be opened; null otherwise. */
export function webAddress(text: string | null | undefined): string | null {
  if (text === null || text === undefined || !URL.canParse(text)) return null
  const { protocol, href } = new URL(text)
  return protocol === 'https:' || protocol === 'http:' ? href : null
}

/** A place of this page to go on to: a path of its own, never another site. */
export function ownPath(text: unknown): string | null {
  if (typeof text !== 'string' || !/^\/(?![/\\])/.test(text) || /[\p{Cc}\\]/u.test(text)) return null
  const base = 'http://page.invalid'
  return URL.canParse(text, base) && new URL(text, base).origin === base ? text : null
}
