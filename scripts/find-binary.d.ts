/** The path of a program; null where it is not installed. */
export function findBinary(name: string): string | null

/** The browser of tests: the one that CHROMIUM_PATH names, otherwise one that is installed; null for none. */
export function chromiumPath(): string | null
