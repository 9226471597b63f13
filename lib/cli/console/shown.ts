// Values and errors as a console shows them. Node's inspect escapes what strings hold of control characters, but neither
// bidi and invisible characters nor anything in messages of errors, names of classes and keys.
import { inspect } from 'node:util'
import { FeatureError } from '../../errors.js'
import { oneLine, printableLines } from '../../text/printable.js'

/** An answer, in as many lines as inspect makes of it. */
export function shownValue(value: unknown, colours: boolean): string {
  const plain = withIndentedMessages(value, inspect(value, { depth: 4, colors: false }))
  // Codes that the value holds could not be told from the colours: then there are none.
  if (!colours || plain.includes('\u001b')) return printableLines(plain)
  const coloured = withIndentedMessages(value, inspect(value, { depth: 4, colors: true }))
  return coloured
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join('')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const colour = /(\u001b\[\d{1,2}m)/

/** An error in one line. One of ours says all in its message; of any other the kind matters too. */
export function shownError(error: unknown): string {
  if (error instanceof FeatureError) return printableLines(error.message)
  return oneLine(error instanceof Error ? `${error.name}: ${error.message}` : inspect(error))
}

/** No line of a message begins where lines of the console do. */
function withIndentedMessages(value: unknown, text: string): string {
  let shown = text
  let error = value
  for (let depth = 0; depth < 4 && error instanceof Error; depth += 1) {
    const { message } = error
    if (typeof message === 'string' && message.includes('\n')) {
      shown = shown.replaceAll(message, () => message.replaceAll('\n', '\n    '))
    }
    error = error.cause
  }
  return shown
}
