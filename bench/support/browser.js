// The browser of the tests, with a process ready for the next page as people's browsers have it, and without what it does beside a page: two
// more pages for its own address bar would be measured too.
import { createJiti } from 'jiti'

// The tests' code is TypeScript, which Node 20 does not read.
const jiti = createJiti(import.meta.url)

/** Starts a browser, for the caller to close. */
export async function startBrowser() {
  /** @type {typeof import('../../test/support/chromium.js')} */
  const { startChromium } = await jiti.import('../../test/support/chromium.ts')
  return startChromium({ spare: true })
}
