/** The path of a program; null where it is not installed. */
export function findBinary(name: string): string | null
