// What a state of a page is, and the ways that lead to several of them.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { ServedPage } from '../../served-page.js'
import { patience, readReview, visit } from '../../world.js'

export interface State {
  readonly name: string
  /** Pages are looked at in each look, other states in one: in all of them by `npm run test:web`. */
  readonly isPage?: boolean
  /** The part that is recorded as a screen reader has it; of a page it is `main` where nothing is said. */
  readonly heard?: string
  /** Begins by loading the page, and leaves something behind: the state after it loads the page too. */
  readonly isAlone?: boolean
  /** The browser complains of an answer that is an error, or that does not come. */
  readonly isFailing?: boolean
  /** In the window of a person who is signed in: on no page where it is alone, otherwise on any. */
  readonly open: (page: Page, served: ServedPage) => Promise<void>
}

export const main = 'main'
export const dialog = 'dialog[open]'
export const notice = '.notice-line'
export const bar = '.bar'

export async function openFlag(page: Page, served: ServedPage, query = '', flag = 'dark_mode'): Promise<void> {
  await visit(page, served, `/flags/${flag}${query}`)
  await page.getByRole('heading', { name: 'Who has it' }).waitFor(patience)
}

export async function openList(page: Page, served: ServedPage): Promise<void> {
  await visit(page, served, '/flags')
  await page.getByRole('link', { name: 'dark_mode' }).waitFor(patience)
  await page.getByRole('button', { name: /^Live/ }).waitFor(patience)
}

/** A change with its preview, as a link names it. */
export async function openPending(page: Page, served: ServedPage): Promise<void> {
  await openFlag(page, served, '?set=50')
  const review = page.getByRole('button', { name: /^Review and set 50 %/ })
  await expect.poll(() => review.getAttribute('aria-disabled'), patience).toBe('false')
}

/** The same, with its review open. */
export async function openReview(page: Page, served: ServedPage): Promise<void> {
  await openPending(page, served)
  await page.getByRole('button', { name: /^Review and set 50 %/ }).click(patience)
  await page.getByRole('dialog').getByRole('table').waitFor(patience)
}

/** The same, confirmed; previews are the server's, and the answer to the change is played. */
export async function send(page: Page, served: ServedPage, answer: object): Promise<void> {
  await page.route('**/api/v4/features/dark_mode/changes', async (route) => {
    const sent: { readonly dry_run?: boolean } = route.request().postDataJSON()
    await (sent.dry_run === true ? route.continue() : route.fulfill(answer))
  })
  await openReview(page, served)
  await readReview(page.getByRole('dialog'))
  await page.keyboard.press('Control+Enter')
}
