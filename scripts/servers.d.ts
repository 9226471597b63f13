/** Installs what is missing where the system's package manager may be used; otherwise says what to install, and ends. */
export function ensureServers(): void
