// What a person can see of a text that anybody may have written: characters that would hide, or turn the text around, are shown by number.

/** Controls, marks of direction, zero-width characters, fillers and halves of pairs. */
const hidden =
  /\u034f|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]|[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/gu
/** Parts of emoji stay where they join or colour one. */
const emojiPart = /\p{Extended_Pictographic}[\u200d\ufe0f\p{Emoji_Modifier}]*$/u

/** The text in one line, with every hidden character as `\u{200b}`. Show it in an element that isolates its direction (`bdi`). */
export function visible(text: string): string {
  // Of thousands of texts nearly all are plain, and the pattern above takes a browser milliseconds to make.
  if (/^[ -~]*$/.test(text)) return text
  return text.replace(hidden, (character, index: number) => {
    if ((character === '\u200d' || character === '\ufe0f') && emojiPart.test(text.slice(0, index))) return character
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

/** The first characters of a long text, never half of a pair. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** The text as the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
