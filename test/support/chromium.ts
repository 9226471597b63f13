// The browser of tests of pages: Debian's Chromium, through playwright-core, which brings none of its own. A page in it notes all that a
// browser complains of.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { chromiumPath } from '../../scripts/find-binary.js'

const path = chromiumPath()
if (path === null && (process.env['CI'] ?? '') !== '') {
  throw new Error('there is no Chromium: run npm test, which installs it, or set CHROMIUM_PATH')
}

/** False where there is none, and tests of pages are skipped: `npm test` says how to get it. */
export const hasChromium = path !== null
/** For the name of a test that is skipped without it. */
export const inChromium = hasChromium
  ? 'in Chromium'
  : 'in Chromium (skipped: there is none, and npm test says how to get it)'

/**
 * What Chromium is told to leave out. The last such list counts, so it begins with what Playwright leaves out by itself; a test holds the
 * two together.
 */
export const featuresLeftOut: readonly string[] = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'TcpPortRandomizationWin',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  // Each window loads two pages of the browser's own for its address bar, which no test opens; a test's page takes less than they do.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
]

/** A process that a browser starts beside each page, so that the next one need not wait for it. In tests there is mostly no next one. */
const spareProcess = 'SpareRendererForSitePerProcess'

/** Starts a browser, for the caller to close. `spare`: whether it has a process ready for the next page, as people's browsers do. */
export function startChromium({ spare = false }: { readonly spare?: boolean } = {}): Promise<Browser> {
  const leftOut = spare ? featuresLeftOut : [...featuresLeftOut, spareProcess]
  // The pages are ours, and a container lets no user but root start Chromium's own sandbox.
  const args = ['--no-sandbox', `--disable-features=${leftOut.join(',')}`]
  return chromium.launch({ ...(path === null ? {} : { executablePath: path }), args })
}

export interface NotedPage {
  readonly page: Page
  /** Errors and warnings of the console, errors that were not caught, and violations of a policy, as the browser words them. */
  readonly complaints: string[]
}

/** A page in a context of its own, which the caller may close, and which ends with the browser. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<NotedPage> {
  const context = await browser.newContext({ viewport: { width: 520, height: 320 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { page, complaints }
}
