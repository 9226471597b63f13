// The list of 5,000 flags in a browser: few rows in the document, and a place that is found again.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedPage, servePage, signIn } from '../served-page.js'
import { patience, type World } from '../world.js'

const most = 64

export function testLongList(world: () => World): void {
  describe('5,000 flags', () => {
    let served: ServedPage
    let page: Page
    let complaints: readonly string[]

    beforeAll(async () => {
      served = await servePage(4_997)
      ;({ page, complaints } = await world().first())
      await page.context().clearCookies()
      await signIn(page, served)
      await rows().first().waitFor()
    }, 180_000)
    afterAll(async () => {
      await page?.goto('about:blank')
      await served?.close()
    })

    const rows = () => page.locator('.flag-body [role=row]')
    const place = () =>
      page.evaluate<readonly unknown[]>('[location.search, Math.round(scrollY), document.activeElement.textContent]')

    it('have at most 64 rows in the document, wherever it is scrolled to, and say how many there are', async () => {
      for (const top of [0, 1_000, 77_777, 10_000_000]) {
        await page.evaluate(`window.scrollTo(0, ${top})`)
        await expect
          .poll(async () => (await rows().last().isVisible()) && (await rows().count()) > 5, patience)
          .toBe(true)
        expect(await rows().count()).toBeLessThanOrEqual(most)
      }
      await page.getByText('flag_4996').waitFor()
      expect(await page.getByRole('table', { name: 'Flags' }).getAttribute('aria-rowcount')).toBe('5001')
    })

    it('are shown as each key leaves them, also the rows that are not seen and come a moment later', async () => {
      await page.evaluate('window.scrollTo(0, 0)')
      const names = Array.from({ length: 4_997 }, (_, index) => `flag_${String(index).padStart(4, '0')}`)
      /** Each row's place among the flags that the filter leaves, and its name. */
      const shown = () =>
        page.evaluate<readonly (readonly [number, string])[]>(
          `[...document.querySelectorAll('.flag-body [role=row]')].map((row) => [Number(row.dataset.index), row.querySelector('a').textContent])`,
        )
      for (const text of ['flag_1', 'flag_12', 'flag_123', 'flag_49', 'flag_4', 'flag_']) {
        const kept = names.filter((name) => name.includes(text))
        await page.getByRole('combobox', { name: /^Filter/ }).fill(text)
        await expect
          .poll(shown, patience)
          .toEqual(expect.arrayContaining(kept.slice(0, 10).map((name, index) => [index, name])))
        // The rest has come when as many are there as without a hurry.
        await expect
          .poll(async () => (await shown()).length, patience)
          .toBeGreaterThanOrEqual(Math.min(kept.length, 25))
        await expect
          .poll(async () => (await shown()).filter(([index, name]) => kept[index] !== name), patience)
          .toEqual([])
      }
      await page.getByRole('combobox', { name: /^Filter/ }).fill('')
      await expect.poll(() => page.getByRole('table', { name: 'Flags' }).getAttribute('aria-rowcount')).toBe('5001')
    })

    it('stand in their order, and those that stay are not taken out and put in again while it is scrolled', async () => {
      await page.evaluate('window.scrollTo(0, 0)')
      await page.evaluate(`document.querySelector('.flag-body a').focus()`)
      /** Of each step: how many rows were put in, whether all stand in their order, and which link has the focus. */
      const steps = await page.evaluate<readonly (readonly [number, boolean, string])[]>(`(async () => {
        const frame = () => new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)))
        const body = document.querySelector('.flag-body')
        let put = 0
        const observer = new MutationObserver((records) => records.forEach(({ addedNodes }) => (put += addedNodes.length)))
        observer.observe(body, { childList: true })
        const steps = []
        for (const by of [176, 176, 176, 352, -176, -352, 176]) {
          put = 0
          scrollBy(0, by)
          await frame()
          const indexes = [...body.children].map((row) => Number(row.dataset.index))
          steps.push([put, indexes.every((index, place) => place === 0 || index > indexes[place - 1]), document.activeElement.textContent])
        }
        return steps
      })()`)
      for (const [put, isOrdered, focused] of steps) {
        expect(put).toBeLessThanOrEqual(12)
        expect([isOrdered, focused]).toEqual([true, 'ci_cache'])
      }
      expect(steps.some(([put]) => put > 0)).toBe(true)
    })

    it('are gone through by keys alone, and Back leads to the same filter, place and focus', async () => {
      await page.evaluate('document.activeElement.blur()')
      await page.keyboard.press('/')
      await page.keyboard.type('is:stored -dark')
      await page.getByText('No flag matches').waitFor()
      await page.getByRole('button', { name: 'Clear the filter' }).click()
      await page.keyboard.type('type:wip flag_')
      await expect.poll(() => page.url(), patience).toContain('q=type:wip')
      await page.keyboard.press('ArrowDown')
      for (let step = 0; step < 30; step += 1) await page.keyboard.press('ArrowDown')
      await expect.poll(async () => (await place())[2], patience).toBe('flag_0030')
      const before = await place()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'flag_0030', level: 1 }).waitFor()
      await expect.poll(() => page.evaluate('document.activeElement.tagName'), patience).toBe('H1')
      await page.goBack()
      await expect.poll(place, patience).toEqual(before)
      await page.goForward()
      await page.getByRole('heading', { name: 'flag_0030', level: 1 }).waitFor()
      await page.goBack()
      await expect.poll(place, patience).toEqual(before)
      expect(complaints).toEqual([])
    })

    it('are at most 120 kB on their way to the browser that knows gzip, and half of that by Brotli', async () => {
      // Names, owners and shares that differ: what is the same in all rows compresses to nothing.
      const features = Array.from({ length: 1_250 }, (_, index) => ({
        key: `flag_${String(index * 3).padStart(4, '0')}`,
        gates: { percentage_of_actors: [String(((index * 7_919) % 100_000) / 1_000)], actors: [`User:${index}`] },
      }))
      await served.feature.import({ format: 'sluice-export', version: 1, features })
      for (const [encoding, most] of [
        ['gzip', 120_000],
        ['br', 60_000],
      ] as const) {
        const headers = { 'private-token': served.token, 'accept-encoding': encoding }
        const answer = await fetch(`${served.url}/api/web/flags`, { headers })
        expect([answer.status, answer.headers.get('content-encoding')]).toEqual([200, encoding])
        const bytes = Number(answer.headers.get('content-length'))
        expect(bytes).toBeGreaterThan(5_000)
        expect(bytes).toBeLessThan(most)
        expect((await answer.json()).names).toHaveLength(5_000)
      }
    })
  })
}
