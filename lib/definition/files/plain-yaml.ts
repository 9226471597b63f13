// Reads a definition that is written as nearly all are: one `field: value` a line, with plain words or a text in quotes. A YAML parser takes
// twenty times as long, and an application has hundreds of definitions. Whatever is not surely the same in YAML is left to the parser.
import type { YamlField } from './yaml-field.js'

/** No person writes a longer text as a definition. */
const mostLines = 100
const mostCharacters = 8_000

const isPrintable = /^[\n -~]*$/
const fieldLine = /^([a-z][a-z0-9_]*):(?: (.+))?$/
/** It starts with a letter, so that it is no number, and has no `: ` and no `#`, which would end it. */
const plainWords = /^[A-Za-z](?:[\w./?=&%+~,()-]|:(?=[\w/:])| (?=[\w(]))*$/
const inQuotes = /^(?:'([^']*)'|"([^"\\]*)")$/
const specialWord = /^(?:true|false|null)$/i

/** The fields, as the parser would give them; null: the parser has to read it. */
export function readPlainFields(text: string): ReadonlyMap<string, YamlField> | null {
  if (text.length > mostCharacters || !isPrintable.test(text)) return null
  const lines = text.split('\n')
  if (lines.length > mostLines) return null
  const fields = new Map<string, YamlField>()
  for (const [index, line] of lines.entries()) {
    if (line === '' || line.startsWith('#') || (index === 0 && line === '---')) continue
    const [, name, given = ''] = fieldLine.exec(line) ?? []
    if (name === undefined || fields.has(name)) return null
    const read = plainValue(given)
    if (read === null) return null
    fields.set(name, { ...read, line: index + 1 })
  }
  return fields.size === 0 ? null : fields
}

function plainValue(given: string): Pick<YamlField, 'text' | 'value'> | null {
  if (given === '') return { text: '', value: null }
  if (given === 'true' || given === 'false') return { text: given, value: given === 'true' }
  if (plainWords.test(given)) return specialWord.test(given) ? null : { text: given, value: given }
  const [whole, single, double] = inQuotes.exec(given) ?? []
  const content = single ?? double
  return whole === undefined || content === undefined ? null : { text: content, value: content }
}
