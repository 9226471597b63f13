// The shortest way of a person who is new here: a flag to 10 percent, why it is on for an actor, and the change taken back.
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patience, type World } from '../world.js'

/** Each is a click, a text that is typed, or a key. */
const mostActions = 14

export function testShortestPath(world: () => World): void {
  describe('the shortest way', () => {
    beforeAll(async () => {
      await world().served.feature.remove('fun_fonts')
    })
    afterAll(async () => {
      await world().served.feature.remove('fun_fonts')
    })

    it(`from signing in to a flag at 10 percent that is explained for an actor and taken back has at most ${mostActions} actions`, async () => {
      const { served } = world()
      const { page } = await world().first()
      let actions = 0
      const click = async (target: Locator) => {
        actions += 1
        await target.click(patience)
      }
      const type = async (target: Locator, text: string) => {
        actions += 1
        await target.fill(text, patience)
      }
      const press = async (key: string) => {
        actions += 1
        await page.keyboard.press(key)
      }
      const dialog = page.getByRole('dialog')
      const confirm = async () => {
        await dialog.getByRole('table').waitFor(patience)
        const read = dialog.getByRole('checkbox', { name: /^I have read/ })
        if ((await read.count()) > 0) await click(read)
        await click(dialog.locator('button[type=submit]'))
        await dialog.waitFor({ ...patience, state: 'detached' })
      }

      await page.context().clearCookies()
      await page.goto(served.url)
      await type(page.getByLabel('Token', { exact: true }), served.token)
      await press('Enter')
      await click(page.getByRole('link', { name: 'fun_fonts' }))
      await click(
        page.getByRole('group', { name: /Share of actors/ }).getByRole('button', { name: '10 %', exact: true }),
      )
      await click(page.getByRole('button', { name: /^Review and set 10 %/ }))
      await confirm()
      await page.getByText('On for 10 % of actors').waitFor(patience)
      await type(page.getByRole('textbox', { name: 'Actors' }), 'User:7')
      await press('Enter')
      await page
        .getByText(/^(?:on|off) for User:7/)
        .first()
        .waitFor(patience)
      await click(page.getByRole('button', { name: 'Undo', exact: true }).first())
      await confirm()
      await expect.poll(() => served.feature.get('fun_fonts').state, patience).toBe('off')
      expect(actions).toBeLessThanOrEqual(mostActions)
    })
  })
}
