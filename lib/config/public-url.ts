// The key `publicUrl`: where people find the server, as a browser sees it.

export const wantedPublicUrl = 'an address of the form https://flags.example.com, without path, query and password'

/** Whether a value is allowed under the key `publicUrl`. */
export function isPublicUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const url = new URL(value)
  const isBare =
    url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  return isBare && (url.protocol === 'https:' || url.protocol === 'http:')
}
