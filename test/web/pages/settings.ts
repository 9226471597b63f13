// What a person chooses for this browser, and what the window is called.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { readTokens, type Theme } from '../contrast.js'
import { patience, visit, type World } from '../world.js'

export function testSettings(world: () => World): void {
  describe('what a person chooses', () => {
    const openMenu = async (page: Page) => {
      await page.getByRole('button', { name: 'sam' }).click()
      await page.getByText('You can look, change and force (admin).').waitFor(patience)
    }
    const colour = (page: Page) => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    const pageOf = (theme: Theme) => {
      const [red, green, blue] = (
        readTokens(theme)
          .get('page')
          ?.match(/[0-9a-f]{2}/g) ?? []
      ).map((part) => Number.parseInt(part, 16))
      return `rgb(${red}, ${green}, ${blue})`
    }

    it('is the theme, in every tab and after a reload, whatever the system has, until the system counts again', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      const other = await page.context().newPage()
      try {
        await page.goto(`${served.url}/flags`)
        await other.goto(`${served.url}/history`)
        await openMenu(page)
        for (const [choice, theme] of [
          ['Dark', 'dark'],
          ['Light', 'light'],
        ] as const) {
          await page.getByRole('radio', { name: choice }).check()
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme })
            expect(await colour(page)).toBe(pageOf(theme))
          }
          await expect.poll(() => colour(other), patience).toBe(pageOf(theme))
        }
        await page.reload()
        await expect.poll(() => colour(page), patience).toBe(pageOf('light'))
        await openMenu(page)
        await page.getByRole('radio', { name: 'As the system' }).check()
        expect(await colour(page)).toBe(pageOf('dark'))
      } finally {
        await other.close()
      }
      expect(complaints).toEqual([])
    })

    it('is that single keys do nothing, where a program of theirs presses them; those with Ctrl work all the same', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      await page.goto(`${served.url}/flags`)
      const focused = () => page.evaluate<string>('document.activeElement.id || document.activeElement.tagName')
      await page.getByRole('link', { name: 'dark_mode' }).waitFor(patience)
      await openMenu(page)
      const box = page.getByRole('checkbox', { name: /^Single keys/ })
      await box.uncheck()
      await page.keyboard.press('Escape')
      for (const key of ['/', 'j', '?', 'g', 'h', 'u']) await page.keyboard.press(key)
      expect(await focused()).not.toBe('filter')
      expect([new URL(page.url()).pathname, await page.getByRole('dialog').count()]).toEqual(['/flags', 0])
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').waitFor(patience)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ ...patience, state: 'detached' })
      await openMenu(page)
      await box.check()
      await page.keyboard.press('Escape')
      await page.evaluate('document.activeElement.blur()')
      await page.keyboard.press('/')
      expect(await focused()).toBe('filter')
      expect(complaints).toEqual([])
    })
  })

  it('the window is called by what it shows and where, so that it is found among others', async () => {
    const { served } = world()
    const { page } = await world().first()
    await page.goto(`${served.url}/flags`)
    await page.getByRole('link', { name: 'dark_mode' }).waitFor(patience)
    for (const [path, title] of [
      ['/flags', 'Flags · production · Sluice'],
      ['/flags/dark_mode', 'dark_mode · production · Sluice'],
      ['/flags/dark_mode/actors', 'dark_mode · production · Sluice'],
      ['/history', 'History · production · Sluice'],
      ['/explain', 'Explain · production · Sluice'],
      ['/nothing/here', 'Unknown address · production · Sluice'],
    ] as const) {
      await visit(page, served, path)
      await expect.poll(() => page.title(), patience).toBe(title)
    }
  })
}
