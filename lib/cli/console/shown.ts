// Values and errors as a console shows them. Node's inspect escapes control characters in strings. It escapes neither bidi and
// invisible characters, nor any character in messages of errors, names of classes and keys.
import { inspect } from 'node:util'
import { FeatureError } from '../../errors.js'
import { oneLine, printableLines } from '../../text/printable.js'

/** An answer, on as many lines as inspect makes. */
export function shownValue(value: unknown, colours: boolean): string {
  const plain = withIndentedMessages(value, inspect(value, { depth: 4, colors: false }))
  // Colour codes in the value look like inspect's own: in that case no colours are shown.
  if (!colours || plain.includes('\u001b')) return printableLines(plain)
  const coloured = withIndentedMessages(value, inspect(value, { depth: 4, colors: true }))
  return coloured
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join('')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const colour = /(\u001b\[\d{1,2}m)/

/** An error on one line. An error of this package says everything in its message; of any other the class matters too. */
export function shownError(error: unknown): string {
  if (error instanceof FeatureError) return printableLines(error.message)
  return oneLine(error instanceof Error ? `${error.name}: ${error.message}` : inspect(error))
}

/** Indents messages, so that none of their lines looks like a line of the console. */
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
