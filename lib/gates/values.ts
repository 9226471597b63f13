// Reads the text that gates are stored as, just as Flipper does in Ruby (lib/flipper/typecast.rb).

/** Only `true` and `1` mean on; `TRUE`, `t`, `on` and `yes` mean off. */
export function readBoolean(text: string): boolean {
  return text === 'true' || text === '1'
}

/**
 * The leading number of the text: Ruby's `to_f` when it holds a dot, else `to_i`. White space before it and single
 * underscores between digits are passed over; what is no number is 0.
 */
export function readPercentage(text: string): number {
  const pattern = text.includes('.') ? decimalPattern : integerPattern
  const number = pattern.exec(text)
  return number === null ? 0 : Number(`${number[1]}${number[2]}`.replaceAll('_', ''))
}

// `0d` is Ruby's prefix for the base ten, which its integers may carry.
const integerPattern = /^[ \t\n\v\f\r]*([+-]?)(?:0[dD](?=\d))?(\d+(?:_\d+)*)/
const decimalPattern =
  /^[ \t\n\v\f\r]*([+-]?)((?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?)/
