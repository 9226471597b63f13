// The way of one change through everything, in a browser: sign in, one flag, 25 → 50 %, look at the effect, make it, take it back.
import { describe, expect, it } from 'vitest'
import { type ServedPage, signIn } from '../served-page.js'
import { alter } from './played.js'
import { leaveNothing, patience, readReview, visit, type World } from '../world.js'

export function testThread(world: () => World): void {
  describe('one change', () => {
    it('signs a person in, raises a share with the effect shown first, and takes it back', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      await page.context().clearCookies()
      await signIn(page, served)
      await page.getByRole('link', { name: 'dark_mode' }).click()
      const slider = page.getByRole('slider', { name: 'Share of actors' })
      await slider.focus()
      for (const key of ['PageUp', 'PageUp', ...Array.from({ length: 5 }, () => 'ArrowRight')])
        await page.keyboard.press(key)
      expect(await slider.inputValue()).toBe('50')
      const bar = page.getByRole('region', { name: 'Pending change' })
      await expect.poll(() => bar.textContent(), patience).toContain('25 → 50 % of actors')
      await expect
        .poll(() => bar.textContent(), patience)
        .toMatch(/gain it, 0 lose it of 200 known actors of the class User/)
      // Nothing is made by moving a slider.
      expect(share(served)).toBe(25)
      await bar.getByRole('button', { name: /^Review and set 50 %/ }).click()
      const dialog = page.getByRole('dialog', { name: /^Set dark_mode to 50 % of actors in production/ })
      await dialog.waitFor()
      await expect.poll(() => page.evaluate('document.activeElement.tagName'), patience).toBe('H2')
      await dialog.getByLabel('Reason').fill('error rate flat')
      await readReview(dialog)
      await dialog.getByRole('button', { name: /^Set 50 %/ }).click()
      const messages = page.getByRole('region', { name: 'Messages' })
      await messages.getByRole('button', { name: 'Undo' }).waitFor()
      expect(share(served)).toBe(50)

      await messages.getByRole('button', { name: 'Undo' }).click()
      const undo = page.getByRole('dialog', { name: /^Undo the change of dark_mode/ })
      await readReview(undo)
      await undo.getByRole('button', { name: /^Undo/ }).click()
      await expect.poll(() => share(served), patience).toBe(25)
      // The newest message of the flag alone, which the next person does not see.
      await expect.poll(() => messages.getByRole('status').allTextContents(), patience).toHaveLength(1)
      await page.getByRole('button', { name: 'sam' }).click()
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.waitForURL(`${served.url}/sign-in`)
      expect(await messages.getByRole('status').count()).toBe(0)
      // A link that is opened where the page stands at this address already: the browser loads nothing for it.
      await page.evaluate(`location.href = ${JSON.stringify(await served.link())}`)
      await page.waitForURL(`${served.url}/flags`)
      expect(complaints).toEqual([])
    })

    it('shows in a second browser by itself what another person changes, in the list and on the page of the flag', async () => {
      const { served } = world()
      const [{ page: list }, { page: flag }] = await Promise.all([world().first(), world().second()])
      await list.goto(`${served.url}/flags`)
      await flag.goto(`${served.url}/flags/fun_fonts`)
      const row = list.getByRole('row', { name: /fun_fonts/ })
      await row.getByText('not stored: off by default').waitFor()
      await Promise.all([list, flag].map((one) => one.getByRole('button', { name: /^Live/ }).waitFor()))
      await served.feature.enablePercentageOfActors('fun_fonts', 40, { reason: 'from elsewhere' })
      await row.getByText('40 % of actors').waitFor()
      await flag.getByText('from elsewhere').waitFor()
      await expect.poll(() => flag.getByRole('slider').inputValue(), patience).toBe('40')
    })

    it('is made by the button of the bar where few are concerned outside production, and reviewed where there is a warning', async () => {
      const { served } = world()
      const { page } = await world().first()
      let warnings = [{ code: 'trap', message: 'this may be meant in another way', safer: [] }]
      await page.route('**/api/v4/features/dark_mode/changes', async (route) => {
        const sent: { readonly dry_run?: boolean } = route.request().postDataJSON()
        if (sent.dry_run !== true) return await route.continue()
        const response = await route.fetch()
        await route.fulfill({ response, json: { ...(await response.json()), level: 0, warnings } })
      })
      const bar = page.getByRole('region', { name: 'Pending change' })
      await page.goto(`${served.url}/flags/dark_mode?set=26`)
      const review = bar.getByRole('button', { name: /^Review and set 26 %/ })
      await expect.poll(() => review.getAttribute('aria-disabled'), patience).toBe('false')
      await review.click(patience)
      await page.getByRole('dialog').getByText('this may be meant in another way').waitFor(patience)
      await page.keyboard.press('Escape')
      await bar.getByRole('button', { name: 'Discard' }).click(patience)
      expect(share(served)).toBe(25)

      warnings = []
      await visit(page, served, '/flags/dark_mode?set=27')
      const set = bar.getByRole('button', { name: /^Set 27 %/ })
      await expect.poll(() => set.getAttribute('aria-disabled'), patience).toBe('false')
      await set.click(patience)
      await expect.poll(() => share(served), patience).toBe(27)
      expect(await page.getByRole('dialog').count()).toBe(0)
      await served.feature.enablePercentageOfActors('dark_mode', 25)
    })

    it('is begun by one question each who is signed in and what there is, asked while the scripts come', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      for (const path of ['/flags', '/flags/dark_mode', '/history', '/explain']) {
        await leaveNothing(page, served)
        await page.goto(`${served.url}${path}`)
        await page.getByRole('button', { name: /^Live/ }).waitFor(patience)
        const asked = await page.evaluate<readonly string[]>(`performance.getEntriesByType('resource')
          .map(({ name, initiatorType }) => initiatorType + ' ' + new URL(name).pathname)
          .filter((one) => /^(?:fetch|link) .api.web.(?:boot|session|flags)$|.assets.shared-/.test(one))`)
        // The script of the stream comes after the first rows. The list may be asked for once more as the stream begins: it may have changed.
        const stream = asked.findIndex((one) => one.includes('/assets/shared-'))
        expect(asked.slice(0, stream).toSorted()).toEqual([
          'link /api/web/boot',
          'link /api/web/flags',
          'link /api/web/session',
        ])
        expect(asked.slice(stream)).not.toContain('fetch /api/web/session')
      }
      expect(complaints).toEqual([])
    })

    it('shows the environment by the colour of its band and of the icon in the tab', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      const shown = { band: '', environment: 'eu-1' }
      await alter(page, '**/api/web/boot', (answer) => Object.assign(answer, shown))
      for (const [band, colour] of [
        ['production', 'c9252d'],
        ['staging', 'b36b00'],
        ['other', '5b3fc4'],
      ] as const) {
        shown.band = band
        await leaveNothing(page, served)
        await page.goto(`${served.url}/flags`)
        const icon = page.locator(`#favicon[href*="fill%3D'%23${colour}'"]`)
        await icon.waitFor({ ...patience, state: 'attached' })
        expect(await page.locator('html').getAttribute('class')).toBe(`band-${band}`)
      }
      await page.unrouteAll({ behavior: 'wait' })
      expect(complaints).toEqual([])
    })

    it('counts the actors of the class that a person chooses, in every sentence, and knows it when the flag is opened again', async () => {
      const { served } = world()
      const { page } = await world().first()
      await page.goto(`${served.url}/flags/dark_mode?set=80`)
      const bar = page.getByRole('region', { name: 'Pending change' })
      await expect.poll(() => bar.textContent(), patience).toContain('of 200 known actors of the class User')
      const choice = page.getByLabel('Count actors of the class')
      await choice.selectOption('Project')
      await page.getByText('1 of 1 known actor of the class Project (those on stored lists) has it.').waitFor()
      await expect.poll(() => bar.textContent(), patience).toContain('1 known actor of the class Project')
      await bar.getByRole('button', { name: 'Discard' }).click()
      await page.reload()
      await expect.poll(() => choice.inputValue(), patience).toBe('Project')
    })

    it('puts together what a link names, and makes nothing of it', async () => {
      const { served } = world()
      const { page } = await world().first()
      await page.goto(`${served.url}/flags/dark_mode?set=80&reason=from%20a%20stranger`)
      const bar = page.getByRole('region', { name: 'Pending change' })
      await expect.poll(() => bar.textContent(), patience).toContain('25 → 80 % of actors')
      expect(await bar.getByLabel('Reason').inputValue()).toBe('from a stranger')
      expect(page.url()).toBe(`${served.url}/flags/dark_mode`)
      expect(share(served)).toBe(25)

      // At the bottom of the window, also of one that is higher than the page; what is typed there scrolls nothing.
      const reason = bar.getByLabel('Reason')
      await reason.press('End')
      await page.keyboard.type(', so')
      expect(await page.evaluate('scrollY')).toBe(0)
      await page.setViewportSize({ width: 1280, height: 2_500 })
      const bottom = async () => await bar.boundingBox().then((box) => (box === null ? 0 : box.y + box.height))
      await expect.poll(bottom, patience).toBe(2_488)
      // Enter goes on to the review, over which the bar is not seen; and back.
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog', { name: /^Set dark_mode to 80 %/ })
      await expect.poll(() => dialog.getByLabel('Reason').inputValue(), patience).toBe('from a stranger, so')
      expect(await bar.count()).toBe(0)
      await page.keyboard.press('Escape')
      await bar.waitFor(patience)
      expect(await page.evaluate('document.activeElement.id')).toBe('bar-reason')
    })

    it('says of a wrong token that it is wrong, and leads to the address that was opened once a person has signed in', async () => {
      const { served } = world()
      const { page } = await world().first()
      await page.context().clearCookies()
      await page.goto(`${served.url}/flags/dark_mode`)
      const token = page.getByLabel('Token', { exact: true })
      await token.fill('wrong')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').filter({ hasText: 'wrong, has run out, or was revoked' }).waitFor()
      expect(await page.evaluate('document.activeElement.name')).toBe('token')
      await token.fill(served.token)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${served.url}/flags/dark_mode`)
    })
  })
}

function share({ feature }: ServedPage): unknown {
  return feature.get('dark_mode').gates.find(({ key }) => key === 'percentage_of_actors')?.value
}
