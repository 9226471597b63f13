// The language of the filter: words that are in the name, and `key:value`. `-` before a part negates it, values of one key are
// alternatives, and all that is left has to hold. Quotes hold spaces together: `owner:"group::pipeline authoring"`.

export const keys = ['type', 'owner', 'state', 'by', 'is'] as const
export type Key = (typeof keys)[number]

/** What `is:` knows. */
export const marks = ['overdue', 'stored', 'undefined', 'broken'] as const

export interface Part {
  /** Null for a word, which is looked for in the name and the owner. */
  readonly key: Key | null
  readonly value: string
  readonly isNegated: boolean
}

/** A text is cut here, so that no address grows without end. */
export const longestQuery = 1_000

const partPattern = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|([^\s"]+))/giu

export function parseQuery(text: string): readonly Part[] {
  return [...text.slice(0, longestQuery).matchAll(partPattern)].flatMap(([whole, minus = '', key, quoted, bare]) => {
    const value = quoted ?? bare ?? ''
    const known = keys.find((name) => name === key?.toLowerCase())
    // `http://x` is a word, and so is a lone minus.
    if (known === undefined) return word(whole, minus)
    // `owner:` alone is not finished yet, and hides nothing.
    return value === '' ? [] : [{ key: known, value: value.toLowerCase(), isNegated: minus !== '' }]
  })
}

function word(whole: string, minus: string): readonly Part[] {
  if (keys.some((key) => whole.toLowerCase().replace(/^-/, '') === `${key}:`)) return []
  const text = (minus === '' ? whole : whole.slice(1)).replaceAll('"', '').toLowerCase()
  return text === '' || text === '-' ? [] : [{ key: null, value: text, isNegated: minus !== '' }]
}

/** A part as it is written. */
export function partText({ key, value, isNegated }: Part): string {
  const quoted = /[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value
  return `${isNegated ? '-' : ''}${key === null ? '' : `${key}:`}${quoted}`
}

/** The whole with one part more; with the same part, the same. */
export function withPart(text: string, part: Part): string {
  const added = partText(part)
  const present = parseQuery(text).some((known) => partText(known) === added)
  return present ? text : [text.trim(), added].filter((piece) => piece !== '').join(' ')
}

/** The whole without one part. */
export function withoutPart(text: string, part: Part): string {
  const gone = partText(part)
  return parseQuery(text)
    .map(partText)
    .filter((known) => known !== gone)
    .join(' ')
}
