// Numbers as a person reads them.
const counts = new Intl.NumberFormat('en')
const shares = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })

/** `18,432`. */
export function count(value: number): string {
  return counts.format(value)
}

/** `25 %`, `33.333 %`. */
export function percent(value: number): string {
  return `${shares.format(value)} %`
}

/** `1 actor`, `3 actors`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** `a, b and c`. */
export function listed(parts: readonly string[], word = 'and'): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`
}
