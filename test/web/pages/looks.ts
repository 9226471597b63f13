// How pages look, in each theme and at each width: axe-core finds no fault with any of its rules, and no page can be scrolled sideways.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { faultsOfPage, type ServedPage, signIn } from '../served-page.js'
import { addOlder } from './history.js'
import { patience, visit, type World } from '../world.js'

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390, 320].map((width) => ({ colorScheme, width })),
)

const isWhole = process.env['SLUICE_WEB_LOOKS'] === 'all'

/** Where pictures of all states in all looks are written to, for a person to look at. */
const pictures = process.env['SLUICE_WEB_PICTURES']

/** Each fault, with the look in which it is one. */
async function faultsIn(looked: typeof looks, page: Page, name: string): Promise<readonly string[]> {
  const faults: string[] = []
  for (const { colorScheme, width } of looked) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 860 })
    if (pictures !== undefined) {
      await page.screenshot({
        path: join(pictures, `${name.replaceAll(' ', '-')}-${colorScheme}-${width}.png`),
        animations: 'disabled',
      })
    }
    faults.push(...(await faultsOfPage(page)).map((fault) => `${name}, ${colorScheme}, ${width} px: ${fault}`))
  }
  return faults
}

interface State {
  readonly name: string
  /** Pages are looked at in each look, other states in one: in all of them by `npm run test:web`. */
  readonly isPage: boolean
  /** Leads to it, in the window of a person who is signed in. */
  readonly open: (page: Page, served: ServedPage) => Promise<void>
}

const states: readonly State[] = [
  {
    name: 'signing in',
    isPage: true,
    async open(page, { url }) {
      await page.context().clearCookies()
      await page.goto(`${url}/sign-in`)
      await page.getByLabel('Token', { exact: true }).waitFor()
    },
  },
  {
    name: 'the list of flags',
    isPage: true,
    async open(page, served) {
      await signIn(page, served)
      await page.getByRole('link', { name: 'dark_mode' }).waitFor()
    },
  },
  {
    name: 'two explanations side by side',
    isPage: true,
    async open(page, served) {
      await visit(page, served, '/explain?flag=dark_mode&actor=User:11&than=User:9')
      await page.getByText('off for User:9: opted out').waitFor()
    },
  },
  {
    name: 'what all flags answer',
    isPage: false,
    async open(page, served) {
      await visit(page, served, '/explain?actor=User:7&only=all&than=User:9')
      await page.getByRole('rowheader').first().waitFor()
    },
  },
  {
    name: 'a flag with an explanation',
    isPage: true,
    async open(page, served) {
      await visit(page, served, '/flags/dark_mode?actor=User:7')
      await page.getByText('on for User:7: on the list').waitFor()
    },
  },
  {
    name: 'the actors of a flag',
    isPage: true,
    async open(page, served) {
      await visit(page, served, '/flags/dark_mode/actors')
      await page.getByRole('button', { name: 'Remove User:7' }).waitFor()
      await page.getByLabel('Ids or paths, one a line').fill('User:1 x User:7 User:9')
      await page.getByText('4 ids: 2 new').waitFor()
    },
  },
  {
    name: 'the history',
    isPage: true,
    async open(page, served) {
      await addOlder(page)
      await visit(page, served, '/history?flag=dark_mode')
      await page.getByRole('button', { name: 'Load older' }).click()
      await page.getByText('written past the history').waitFor()
      await page
        .getByRole('button', { name: /^Compare with now/ })
        .first()
        .click()
      await page.getByText(/The flag is now as this change left it|after this change/).waitFor()
    },
  },
  {
    name: 'a flag with a pending change',
    isPage: false,
    async open(page, served) {
      await visit(page, served, '/flags/dark_mode?set=50')
      const review = page.getByRole('button', { name: /^Review and set 50 %/ })
      await expect.poll(() => review.getAttribute('aria-disabled'), patience).toBe('false')
    },
  },
  {
    name: 'the review of a change',
    isPage: false,
    async open(page) {
      await page.getByRole('button', { name: /^Review and set 50 %/ }).click()
      await page.getByRole('dialog').getByRole('table').waitFor()
    },
  },
]

export function testLooks(world: () => World): void {
  describe('in light and dark, at 1280, 390 and 320 px', () => {
    it('has no fault that axe-core finds, on any page and in any state', async () => {
      const { page, complaints } = await world().first()
      const faults: string[] = []
      for (const [index, { isPage, name, open }] of states.entries()) {
        await page.setViewportSize({ width: 1280, height: 860 })
        await open(page, world().served)
        faults.push(
          ...(await faultsIn(
            isPage || isWhole ? looks : looks.filter((_, place) => place === index % looks.length),
            page,
            name,
          )),
        )
      }
      expect(faults).toEqual([])
      expect(complaints).toEqual([])
    })
  })
}
