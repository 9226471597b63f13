// The script element by which a server tells a page what it knows, under GitLab's name `window.gon`; and how tests read it back. Both stand
// here, because one has to understand what the other writes.
import { isRecord } from './json.js'

/** What a script adds to `gon`: each of these objects is merged into the one that the page has, and replaces none. */
export interface GonContent {
  readonly features: Readonly<Record<string, boolean>>
  readonly experiment: Readonly<Record<string, object>>
  /** Whether the page says in its console what it was not told. */
  readonly strict: boolean
}

/** A nonce of a Content-Security-Policy, as its specification has it. */
const nonceShape = /^[A-Za-z0-9+/_-]+={0,2}$/

export function isNonce(text: unknown): text is string {
  return typeof text === 'string' && nonceShape.test(text)
}

/** The element; no text in it can end it, whatever it says. The nonce has to be one (`isNonce`). */
export function gonScript({ features, experiment, strict }: GonContent, nonce: string | null): string {
  const parts = [
    'window.gon=window.gon||{}',
    ...(strict ? ['gon.strict=true'] : []),
    merged('features', features),
    ...(Object.keys(experiment).length === 0 ? [] : [merged('experiment', experiment)]),
  ]
  return `<script${nonce === null ? '' : ` nonce="${nonce}"`}>${parts.join(';')}</script>`
}

function merged(key: string, value: object): string {
  return `gon.${key}=Object.assign(gon.${key}||{},${scriptJson(value)})`
}

/** JSON that HTML and every version of JavaScript read as what it is: `</script>`, `<!--` and U+2028 are written as escapes. */
function scriptJson(value: object): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped)
}

/** What the scripts of a page tell of features, merged as a browser merges them; null where the page has none of these scripts. */
export function featuresInPage(html: string): Readonly<Record<string, boolean>> | null {
  const found = [...html.matchAll(/gon\.features=Object\.assign\(gon\.features\|\|\{\},(\{[^<>]*?\})\)[;<]/g)]
  if (found.length === 0) return null
  const all = found.map(([, json = '']): unknown => JSON.parse(json))
  return Object.fromEntries(
    all.flatMap((one) => (isRecord(one) ? Object.entries(one) : [])).map(([name, value]) => [name, value === true]),
  )
}
