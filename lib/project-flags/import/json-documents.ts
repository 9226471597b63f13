// JSON texts one after the other, as tools write them that fetch a list page by page: `[…][…]`, or an object a line.

/** The documents of a text. Throws SyntaxError for a text that is not JSON. */
export function jsonDocuments(text: string): readonly unknown[] {
  const documents: unknown[] = []
  for (const part of documentTexts(text)) documents.push(JSON.parse(part))
  return documents
}

/** Cuts after each bracket that closes the outermost one. A text without brackets is one document, which JSON.parse judges. */
function* documentTexts(text: string): Generator<string> {
  let start = 0
  let depth = 0
  let inText = false
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index]
    if (inText) {
      if (sign === '\\') index += 1
      else if (sign === '"') inText = false
    } else if (sign === '"') inText = true
    else if (sign === '[' || sign === '{') depth += 1
    else if (sign === ']' || sign === '}') {
      depth -= 1
      if (depth > 0) continue
      yield text.slice(start, index + 1)
      start = index + 1
      depth = 0
    }
  }
  const rest = text.slice(start)
  if (rest.trim() !== '' || start === 0) yield rest
}
