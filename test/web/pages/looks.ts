// How pages look, in each theme and at each width: axe-core finds no fault with any of its rules, and no page can be scrolled sideways.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { faultsOfPage, type ServedPage, signIn } from '../served-page.js'
import { patience, visit, type World } from '../world.js'

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390, 320].map((width) => ({ colorScheme, width })),
)

/** Each fault, with the look in which it is one. */
export async function faultsInAllLooks(page: Page): Promise<readonly string[]> {
  const faults: string[] = []
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 860 })
    faults.push(...(await faultsOfPage(page)).map((fault) => `${colorScheme}, ${width} px: ${fault}`))
  }
  return faults
}

interface State {
  readonly name: string
  /** Leads to it, in the window of a person who is signed in. */
  readonly open: (page: Page, served: ServedPage) => Promise<void>
}

const states: readonly State[] = [
  {
    name: 'signing in',
    async open(page, { url }) {
      await page.context().clearCookies()
      await page.goto(`${url}/sign-in`)
      await page.getByLabel('Token', { exact: true }).waitFor()
    },
  },
  {
    name: 'the list of flags',
    async open(page, served) {
      await signIn(page, served)
      await page.getByRole('link', { name: 'dark_mode' }).waitFor()
    },
  },
  {
    name: 'a flag with a pending change',
    async open(page, served) {
      await visit(page, served, '/flags/dark_mode?set=50')
      const review = page.getByRole('button', { name: /^Review and set 50 %/ })
      await expect.poll(() => review.getAttribute('aria-disabled'), patience).toBe('false')
    },
  },
  {
    name: 'the review of a change',
    async open(page) {
      await page.getByRole('button', { name: /^Review and set 50 %/ }).click()
      await page.getByRole('dialog').getByRole('table').waitFor()
    },
  },
]

export function testLooks(world: () => World): void {
  describe('in light and dark, at 1280, 390 and 320 px', () => {
    it('has no fault that axe-core finds, in any state', async () => {
      const { page, complaints } = await world().first()
      const faults: string[] = []
      for (const { name, open } of states) {
        await page.setViewportSize({ width: 1280, height: 860 })
        await open(page, world().served)
        faults.push(...(await faultsInAllLooks(page)).map((fault) => `${name}, ${fault}`))
      }
      expect(faults).toEqual([])
      expect(complaints).toEqual([])
    })
  })
}
