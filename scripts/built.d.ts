/** Builds dist/ where it is missing or older than a source. Ends the process where the build fails. */
export function ensureBuilt(): void
