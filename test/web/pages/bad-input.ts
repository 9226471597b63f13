// What comes wrongly: hostile texts, answers that are not ours, a sign-in that ends, a person who may only look, and browsers that refuse.
import { describe, expect, it } from 'vitest'
import { openServed, signIn } from '../served-page.js'
import { patience, readReview, tryAgain, visit, type World } from '../world.js'

const hostile = '<img src=x onerror=alert(1)>\u202etxt.exe\u200b'
const shown = '<img src=x onerror=alert(1)>\\u{202e}txt.exe\\u{200b}'

export function testBadInput(world: () => World): void {
  describe('what comes wrongly', () => {
    it('is shown as the text that it is: reasons, actors, groups and addresses that anybody may have written', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      const long = `User:${'x'.repeat(900)}`
      await served.feature.enable('fun_fonts', [{ flipperId: `User:${hostile}` }, { flipperId: long }], {
        reason: hostile,
      })
      await page.goto(`${served.url}/flags/fun_fonts`)
      await page.getByText(shown).first().waitFor()
      expect(await page.locator('main img').count()).toBe(0)
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      for (const path of [
        `/flags/${encodeURIComponent(hostile)}`,
        '/flags/__proto__',
        '/flags/a%2Fb',
        `/flags?q=${'x'.repeat(8_000)}`,
        '/flags/%E0%A4',
      ]) {
        await page.goto(`${served.url}${path}`)
        const heading = page.getByRole('heading', { level: 1 }).first()
        await expect(heading.waitFor({ timeout: 15_000 }), path).resolves.toBe(undefined)
        expect(await page.locator('main img').count()).toBe(0)
      }
      // The browser itself notes each answer that is an error.
      expect(complaints.filter((text) => !/Failed to load resource/.test(text))).toEqual([])
      await served.feature.remove('fun_fonts')
    })

    it('is said where something that is not this server answers, or only half of an answer comes, and can be asked again', async () => {
      const { served } = world()
      const { page } = await world().first()
      const wrong = [
        { contentType: 'text/html', body: '<h1>Welcome to the hotel</h1>', said: 'text/html' },
        { contentType: 'application/json', body: '{"position":"1","rows":[', said: 'application/json' },
        { contentType: 'application/json', body: '{"position":7}', said: 'not understood' },
      ]
      const alert = page.getByRole('main').getByRole('alert')
      // The page may ask more often than a person does, and asks by itself too: what it hears is wrong until the end.
      let now: (typeof wrong)[number] | null = null
      await page.route('**/api/web/flags', (route) => (now === null ? route.continue() : route.fulfill(now)))
      for (const answer of wrong) {
        const isFirst = now === null
        now = answer
        if (isFirst) await page.goto(`${served.url}/flags`)
        else await tryAgain(alert, alert.getByText(answer.said))
        await alert.getByText(answer.said).waitFor(patience)
      }
      now = null
      await tryAgain(alert, page.getByRole('link', { name: 'dark_mode' }))
      await page.unroute('**/api/web/flags')
    })

    it('loses no change where the sign-in ends in the middle of a review, and makes none', async () => {
      const { served } = world()
      const { page } = await world().first()
      const share = () => served.feature.get('dark_mode').gates.find(({ key }) => key === 'percentage_of_actors')?.value
      const before = share()
      await page.goto(`${served.url}/flags/dark_mode?set=55&reason=flat`)
      await page.getByRole('button', { name: /^Review and set 55 %/ }).click()
      const review = page.getByRole('dialog', { name: /^Set dark_mode/ })
      await readReview(review)
      await page.context().clearCookies()
      await page.keyboard.press('Control+Enter')
      const again = page.getByRole('dialog', { name: 'Sign in again' })
      await again.getByText('The change that you have begun is kept.').waitFor()
      expect(share()).toBe(before)
      await again.getByLabel('Token', { exact: true }).fill(served.token)
      await page.keyboard.press('Enter')
      // The review is there again, with what was written in it.
      await review.waitFor(patience)
      expect([share(), await review.getByLabel('Reason').inputValue()]).toEqual([before, 'flat'])
      await expect.poll(() => review.textContent(), patience).toContain('55 %')
    })

    it('offers nothing to a person who may only look, who can still ask why', async () => {
      const { served } = world()
      const { page } = await world().first()
      await page.context().clearCookies()
      await signIn(page, { ...served, token: served.readToken }, '/flags')
      await visit(page, served, '/flags/dark_mode?set=50')
      await page.getByRole('heading', { name: 'Who has it' }).waitFor()
      for (const name of [/^Turn o/, /^Edit list/, /^Choose/, /^Delete/, /^Undo/, /^Set /]) {
        expect(await page.getByRole('button', { name }).count()).toBe(0)
      }
      expect(await page.getByRole('slider').count()).toBe(0)
      expect(await page.getByRole('region', { name: 'Pending change' }).count()).toBe(0)
      await page.getByRole('textbox', { name: 'Actors' }).fill('User:7')
      await page.keyboard.press('Enter')
      await page.getByText('on for User:7: by the list of actors').waitFor()
      await visit(page, served, '/flags/dark_mode/actors')
      await page.getByRole('cell', { name: 'User:7' }).waitFor()
      expect(await page.getByRole('button', { name: /^(?:Remove|Add)/ }).count()).toBe(0)
      await page.getByRole('button', { name: 'ada' }).click()
      await page.getByText('You can look (read).').waitFor()
    })

    it('says what does the same without JavaScript, and works in a browser that keeps nothing', async () => {
      const { browser, served } = world()
      const off = await openServed(browser, { javaScriptEnabled: false })
      await off.page.goto(`${served.url}/flags`)
      expect(await off.page.locator('noscript main').innerText()).toContain('This page needs JavaScript.')
      await off.page.context().close()
      const { page, complaints } = await openServed(browser)
      await page.addInitScript(`
        const refuse = { get() { throw new DOMException('blocked', 'SecurityError') } }
        Object.defineProperty(window, 'localStorage', refuse)
        Object.defineProperty(window, 'sessionStorage', refuse)
      `)
      await signIn(page, served)
      await visit(page, served, '/flags/dark_mode?set=50')
      const bar = page.getByRole('region', { name: 'Pending change' })
      await expect.poll(() => bar.textContent(), patience).toContain('→ 50 % of actors')
      expect(complaints).toEqual([])
      await page.context().close()
    })
  })
}
