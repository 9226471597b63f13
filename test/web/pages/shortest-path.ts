// The shortest way of a person who opens the page by its link: a flag to 10 percent, why it is on for an actor, and the change taken back.
import type { Locator } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { patience, type World } from '../world.js'

/** Each is a click, a text that is typed, or a key. */
const mostActions = 14

export function testShortestPath(world: () => World): void {
  describe('the shortest way', () => {
    it(`from the one-time link to a flag at 10 percent that is explained for User:7 and taken back has at most ${mostActions} actions`, async () => {
      const { served } = world()
      const { page } = await world().first()
      await served.feature.remove('fun_fonts')
      onTestFinished(async () => {
        await served.feature.remove('fun_fonts')
      })
      const actions: string[] = []
      const click = async (target: Locator, name: string) => {
        actions.push(`click ${name}`)
        await target.click(patience)
      }
      const type = async (text: string) => {
        actions.push(`type ${text}`)
        await page.keyboard.type(text)
      }
      const press = async (key: string) => {
        actions.push(`press ${key}`)
        await page.keyboard.press(key)
      }
      const dialog = page.getByRole('dialog')
      const confirm = async () => {
        await dialog.getByRole('table').waitFor(patience)
        const read = dialog.getByRole('checkbox', { name: /^I have read/ })
        if ((await read.count()) > 0) await click(read, 'I have read')
        await click(dialog.locator('button[type=submit]'), 'the button that says what happens')
        await dialog.waitFor({ ...patience, state: 'detached' })
      }

      await page.context().clearCookies()
      await page.goto(await served.link())
      await click(page.getByRole('link', { name: 'fun_fonts' }), 'the flag')
      const shares = page.getByRole('group', { name: /Share of actors/ })
      await click(shares.getByRole('button', { name: /^10\b/ }).first(), '10 %')
      await click(page.getByRole('button', { name: /^Review and set 10 %/ }), 'Review')
      await confirm()
      await page.getByRole('main').getByText('On for 10 % of actors').waitFor(patience)
      const share = () => served.feature.get('fun_fonts').gates.find(({ key }) => key === 'percentage_of_actors')?.value
      expect(share()).toBe(10)
      await click(page.getByRole('textbox', { name: 'Actors', exact: true }), 'the field of the box Why')
      await type('User:7')
      await press('Enter')
      await page
        .getByText(/^(?:on|off) for User:7/)
        .first()
        .waitFor(patience)
      await click(page.getByRole('button', { name: 'Undo', exact: true }).first(), 'Undo')
      await confirm()
      await expect.poll(() => share() ?? 0, patience).toBe(0)
      expect(actions.length, actions.join('\n')).toBeLessThanOrEqual(mostActions)
    })
  })
}
