/** Installs what is missing where the system's package manager may be used; otherwise says what to install, and ends. */
export function ensureServers(): void

/** Installs Unleash's SDK for Ruby where Debian's package manager may be used. Without it the tests that need it are skipped. */
export function offerRubySdk(): void

/**
 * Installs Chromium where Debian's package manager may be used; CHROMIUM_PATH names another one. Without it the tests of pages are
 * skipped, which is said; in CI they never are.
 */
export function offerChromium(): void
/** Installs nginx where Debian's package manager may be used; without it one test of the page is skipped. */
export function offerNginx(): void
