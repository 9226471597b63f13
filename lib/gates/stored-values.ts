// Reads the stored texts of gates exactly as Flipper does in Ruby (lib/flipper/typecast.rb).

/** Only `true` and `1` mean on; `TRUE`, `t`, `on` and `yes` mean off. */
export function readBoolean(text: string): boolean {
  return text === 'true' || text === '1'
}

/**
 * The leading number of the text: Ruby's `to_f` if it holds a dot, otherwise `to_i`. Skips white space before it and single
 * underscores between digits; a text that is not a number is 0.
 */
export function readPercentage(text: string): number {
  if (text.length <= 3 && isDigits(text)) return Number(text)
  const pattern = text.includes('.') ? decimalPattern : integerPattern
  const number = pattern.exec(text)
  return number === null ? 0 : Number(`${number[1]}${number[2]}`.replaceAll('_', ''))
}

// `0d` is Ruby's prefix for base ten; its integers may have it.
const integerPattern = /^[ \t\n\v\f\r]*([+-]?)(?:0[dD](?=\d))?(\d+(?:_\d+)*)/
const decimalPattern =
  /^[ \t\n\v\f\r]*([+-]?)((?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?)/

/** Nearly all stored percentages have this form; patterns are for the rest. */
function isDigits(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x30 || unit > 0x39) return false
  }
  return true
}
