// What the tests of pages share: a browser, a server with three flags, the window of a person who is signed in, and one of a second person.
import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { startChromium } from '../support/chromium.js'
import { type OpenedPage, openServed, type ServedPage, servePage, signIn } from './served-page.js'

export interface World {
  readonly browser: Browser
  readonly served: ServedPage
  /** A signed-in person's window, 1280 px wide and light, on no page yet; without complaints and without a pending change. */
  first(): Promise<OpenedPage>
  /** The window of another person, in a browser of their own. */
  second(): Promise<OpenedPage>
  close(): Promise<void>
}

/** A guard against hanging: the machine may be busy. */
export const patience = { timeout: 30_000 }
/** For one try of several: what is looked at may go or be drawn anew. */
export const soon = { timeout: 1_000 }

export async function openWorld(): Promise<World> {
  const [served, browser] = await Promise.all([servePage(), startChromium()])
  const options = { reducedMotion: 'reduce' } as const
  const one = await openServed(browser, options)
  await signIn(one.page, served)
  const signedIn = await one.page.context().storageState()
  let other: Promise<OpenedPage> | undefined

  return {
    browser,
    served,
    async first() {
      await cleared(one, served, signedIn.cookies)
      return one
    },
    async second() {
      other ??= openServed(browser, { ...options, storageState: signedIn })
      const opened = await other
      await cleared(opened, served, signedIn.cookies)
      return opened
    },
    async close() {
      await browser.close()
      await served.close()
    },
  }
}

type Cookies = Awaited<ReturnType<ReturnType<Page['context']>['cookies']>>

/** As a new window would be. */
async function cleared({ page, complaints }: OpenedPage, served: ServedPage, cookies: Cookies): Promise<void> {
  await leaveNothing(page, served)
  // A test that failed leaves its own answers behind.
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.context().clearCookies()
  await page.context().addCookies(cookies)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 860 })
  complaints.length = 0
}

/**
 * Leaves the page, for a document of the same server that has no script. From `about:blank` the browser would go to the next page in a new
 * process, as our header Cross-Origin-Opener-Policy asks: that takes longer than most tests do in it.
 */
export async function leave(page: Page, { url }: Pick<ServedPage, 'url'>): Promise<void> {
  await page.goto(`${url}${outside}`)
}

const outside = '/-/liveness'

/** The same, and nothing that the page has kept is there for the next one. It keeps what is pending until it has gone, so that comes first. */
export async function leaveNothing(page: Page, served: Pick<ServedPage, 'url'>): Promise<void> {
  await leave(page, served)
  await page.evaluate('sessionStorage.clear(); localStorage.clear()')
}

/** Goes to an address within the page, as Back does: without loading it anew. */
export async function visit(page: Page, { url }: ServedPage, path: string): Promise<void> {
  if (!page.url().startsWith(url) || page.url() === `${url}${outside}`) {
    await page.goto(`${url}${path}`)
    return
  }
  await page.evaluate(
    `history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`,
  )
}

/** Asks again until `shown` is there. The page asks by itself too, where its stream begins anew: then the button goes before it is pressed. */
export async function tryAgain(alert: Locator, shown: Locator): Promise<void> {
  const button = alert.getByRole('button', { name: 'Try again' })
  await button.or(shown).first().waitFor(patience)
  const press = async () => {
    if ((await shown.count()) > 0) return true
    await button.click(soon).catch(() => undefined)
    return (await shown.count()) > 0
  }
  await expect.poll(press, patience).toBe(true)
}

/** Presses a button until there is none; it may go by itself, and needs no press then. */
export async function pressAway(button: Locator): Promise<void> {
  const isGone = async () => {
    if ((await button.count()) === 0) return true
    await button
      .first()
      .click(soon)
      .catch(() => undefined)
    return (await button.count()) === 0
  }
  await expect.poll(isGone, patience).toBe(true)
}

/** Reads an open review, and ticks what it asks to be ticked, until it can be confirmed: what it shows may come late, or anew. */
export async function readReview(dialog: Locator): Promise<void> {
  const read = dialog.getByRole('checkbox', { name: /^I have read/ })
  const confirm = dialog.locator('button[type=submit]')
  const canConfirm = async () => {
    if ((await confirm.count()) === 0) return false
    if ((await confirm.getAttribute('aria-disabled', soon).catch(() => null)) === 'false') return true
    if ((await read.count()) > 0) await read.check(soon).catch(() => undefined)
    return false
  }
  await expect.poll(canConfirm, patience).toBe(true)
}
