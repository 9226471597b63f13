// How pages look and sound, in every state. In each theme and at each width axe-core finds no fault with any of its rules, and no page can
// be scrolled sideways. What a screen reader has of a state is compared with recorded/states.txt.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultsOfPage, type ServedPage, servePage } from '../served-page.js'
import type { World } from '../world.js'
import { openPlayed } from './played.js'
import { type State, states } from './states.js'

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390, 320].map((width) => ({ colorScheme, width })),
)

const isWhole = process.env['SLUICE_WEB_LOOKS'] === 'all'

/** Where pictures of all states in all looks are written to, for a person to look at. */
const pictures = process.env['SLUICE_WEB_PICTURES']

async function take(page: Page, { colorScheme, width }: (typeof looks)[number]): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.setViewportSize({ width, height: 860 })
}

/** Each fault, with the look in which it is one. */
async function faultsIn(looked: typeof looks, page: Page, name: string): Promise<readonly string[]> {
  for (const look of pictures === undefined ? [] : looks) {
    await take(page, look)
    const file = `${name.replaceAll(' ', '-')}-${look.colorScheme}-${look.width}.png`
    await page.screenshot({ path: join(pictures ?? '', file), animations: 'disabled' })
  }
  const faults: string[] = []
  for (const look of looked) {
    const { colorScheme, width } = look
    await take(page, look)
    faults.push(...(await faultsOfPage(page)).map((fault) => `${name}, ${colorScheme}, ${width} px: ${fault}`))
  }
  return faults
}

/** What a screen reader has of the state: roles, names, values and texts; times and places that differ each time are left out. */
async function heardIn(page: Page, { isPage, heard, name }: State): Promise<string> {
  if (isPage !== true && heard === undefined) return ''
  const text = await page
    .locator(heard ?? 'body')
    .first()
    .ariaSnapshot()
  const lasting = text
    .replace(/\b\d+ (?:s|min|h|d) ago\b|\bjust now\b/g, 'AGO')
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d\d:\d\d:\d\d\b/g, 'TIME')
    .replace(/\b\w+day, \d+ \w+ \d{4}\b/g, 'DAY')
  return `# ${name}\n${lasting}\n`
}

/** As a new window would be. */
async function cleared(page: Page): Promise<void> {
  await page.context().setOffline(false)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  // Without asking whether what is pending may go.
  await page.evaluate('sessionStorage.clear(); localStorage.clear()')
  await page.goto('about:blank')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 860 })
}

export function testLooks(world: () => World): void {
  describe('in every state', () => {
    let served: ServedPage
    let page: Page
    let complaints: readonly string[]

    // Of its own, so that what other tests have changed is not heard.
    beforeAll(async () => {
      served = await servePage()
      ;({ page, complaints } = await openPlayed(world(), served))
    }, 120_000)
    afterAll(async () => {
      await page?.context().close()
      await served?.close()
    })

    it('a page has no fault that axe-core finds, and sounds as it is recorded (where it is meant to change: --update)', async () => {
      const signedIn = await page.context().cookies()
      const faults: string[] = []
      const heard: string[] = []
      for (const [index, state] of states.entries()) {
        await page.context().addCookies(signedIn)
        await state.open(page, served)
        heard.push(await heardIn(page, state))
        const looked =
          state.isPage === true || isWhole ? looks : looks.filter((_, place) => place === index % looks.length)
        faults.push(...(await faultsIn(looked, page, state.name)))
        await cleared(page)
      }
      expect(faults).toEqual([])
      // The browser itself notes each answer that is an error, and those that never came.
      expect(complaints.filter((text) => !/Failed to load resource|ERR_/.test(text))).toEqual([])
      await expect(heard.filter((text) => text !== '').join('\n')).toMatchFileSnapshot('../recorded/states.txt')
      // In all looks and with pictures it takes minutes.
    }, 900_000)
  })
}
