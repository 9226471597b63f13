// Numbers as a person reads them. By hand: the first number that a browser formats takes it longer than to draw the first rows of a list.

/** `18,432`. A whole number. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `25 %`, `33.333 %`: at most three decimals. */
export function percent(value: number): string {
  return `${Number(value.toFixed(3))} %`
}

/** `1 actor`, `3 actors`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** `a, b and c`. */
export function listed(parts: readonly string[], word = 'and'): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`
}
