// Text that steers terminals, and what must be left of it.
import { expect } from 'vitest'

/** Moves and erases, sets the title and the clipboard, as C0 and as C1; turns the reading direction; hides; forges a line. */
export const hostile = [
  ...[
    '\u001b[2J',
    '\u001b[1A',
    '\u001b[35m',
    '\u001b]0;title\u0007',
    '\u001b]52;c;cm0gLXJm\u0007',
    '\u001b]8;;http://evil\u001b\\',
  ],
  ...['\u009b2J', '\u009d0;title\u009c', '\u0090q\u009c', '\u0085', '\u007f', '\b\b\b', '\r'],
  ...[
    '\u202egnp\u202c',
    '\u2066a\u2069',
    '\u061c',
    '\u200e',
    '\u200f',
    '\u200b',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u3164',
  ],
  ...['\u2028', '\u2029', '\u{e0041}', '\u{e000}'],
  '\nFORGED: line\n\tFORGED',
].join('x')

/** Those of ours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const colour = /\u001b\[(?:1|22|2|31|32|33|39)m/g
const steering =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ue000]|[\u{e0000}-\u{e0fff}]|\p{Cs}/u

/** Nothing in the text steers a terminal. Colours of ours pass on one. */
export function expectHarmless(text: string, terminal: boolean): void {
  expect(JSON.stringify(steering.exec(terminal ? text.replace(colour, '') : text))).toBe('null')
}

/** And no line of it was forged. */
export function expectClean(text: string, terminal: boolean): void {
  expectHarmless(text, terminal)
  expect(text).not.toMatch(/^\s?FORGED/m)
}
