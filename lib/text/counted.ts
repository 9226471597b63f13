// A number of things in words.

/** Such as `1 actor` and `2 actors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
