// A person at the page of a flag, as far as changes go: what they set, send and read.
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { leaveNothing, patience, soon } from './world.js'

export interface PersonOptions {
  readonly name: string
  readonly page: Page
  readonly complaints: string[]
  /** Of the server. */
  readonly url: string
  readonly token: string
}

export class Person {
  readonly name: string
  readonly page: Page
  /** What the browser has complained of. */
  readonly complaints: string[]
  readonly token: string
  readonly #url: string

  constructor({ name, page, complaints, url, token }: PersonOptions) {
    this.name = name
    this.page = page
    this.complaints = complaints
    this.token = token
    this.#url = url
  }

  /** Also while the review is open, over it. */
  get bar(): Locator {
    return this.page.getByRole('region', { name: 'Pending change', includeHidden: true })
  }

  get dialog(): Locator {
    return this.page.locator('dialog[open]')
  }

  get messages(): Locator {
    return this.page.getByRole('region', { name: 'Messages' })
  }

  /** Loads the page of a flag, and waits until it is live. */
  async open(flag: string): Promise<void> {
    await this.page.goto(`${this.#url}/flags/${flag}`)
    await this.page.getByRole('heading', { name: 'Who has it' }).waitFor(patience)
    await this.live()
  }

  async live(): Promise<void> {
    await this.page.getByRole('button', { name: /^Live/ }).waitFor(patience)
  }

  /** Forgets what is pending and what was said. The window has left the page then. */
  async clear(): Promise<void> {
    await leaveNothing(this.page, { url: this.#url })
    this.complaints.length = 0
  }

  /** Waits until the page of the flag shows this share. A change that is begun before is met by the last one, as another person's. */
  async sees(share: number): Promise<void> {
    await expect.poll(() => this.page.getByRole('slider').inputValue(), patience).toBe(String(share))
  }

  /** Puts a change of the share together, as a link does. */
  async set(flag: string, share: number, reason: string): Promise<void> {
    const path = `/flags/${flag}?set=${share}&reason=${encodeURIComponent(reason)}`
    await this.page.evaluate(
      `history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`,
    )
    await expect.poll(() => this.bar.textContent(patience), patience).toContain(`→ ${share} % of actors`)
  }

  /** Opens the review, and waits until the change can be confirmed. */
  async review(): Promise<void> {
    await expect
      .poll(async () => {
        if ((await this.dialog.count()) === 0) await this.#askForReview()
        const read = this.dialog.getByRole('checkbox', { name: /^I have read/ })
        if ((await read.count()) > 0) await read.check(soon).catch(() => undefined)
        return (await this.canConfirm()) ? null : await this.#whyNot()
      }, patience)
      .toBe(null)
  }

  /** Pressed again only where the review has not opened for long: a second time would confirm what is in it. */
  async #askForReview(): Promise<void> {
    await this.page.keyboard.press('Control+Enter')
    try {
      await this.dialog.waitFor({ timeout: 10_000 })
    } catch {
      // Nothing was pending yet.
    }
  }

  /** What the review says of why it cannot be confirmed. */
  async #whyNot(): Promise<string> {
    const said = await this.page.evaluate<readonly (string | null)[]>(
      `[document.querySelector('#review-missing'), document.querySelector('[aria-label="Pending change"]'), document.activeElement].map((one) => one?.textContent?.slice(0, 200) ?? null)`,
    )
    return JSON.stringify(said)
  }

  /** Whether the review's button works. */
  async canConfirm(): Promise<boolean> {
    const button = this.dialog.locator('button[type=submit]')
    if ((await button.count()) === 0) return false
    // It may close in between.
    return (await button.getAttribute('aria-disabled', soon).catch(() => null)) === 'false'
  }

  async confirm(): Promise<void> {
    await this.page.keyboard.press('Control+Enter')
  }

  /** Resolves when the change that was sent is made, or met by another one. */
  async outcome(): Promise<'made' | 'conflict'> {
    let outcome: 'made' | 'conflict' | null = null
    await expect
      .poll(async () => {
        const text = await this.page.evaluate<string | null>(
          `document.querySelector('[aria-label="Pending change"]')?.textContent ?? null`,
        )
        outcome = text === null ? 'made' : text.includes('While you were editing') ? 'conflict' : null
        return outcome
      }, patience)
      .not.toBe(null)
    return outcome ?? 'conflict'
  }

  async putOnTop(): Promise<void> {
    await this.bar.getByRole('button', { name: 'Put mine on top' }).click(patience)
  }

  async closeMessages(): Promise<void> {
    const close = this.messages.getByRole('button', { name: 'Close the message' })
    while ((await close.count()) > 0) await close.first().click()
  }
}
