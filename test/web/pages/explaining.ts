// Why a flag is on or off, in a browser: one flag with its numbers, all flags, compared, in the past; by keys alone.
import { describe, expect, it } from 'vitest'
import { visit, type World } from '../world.js'

export function testExplaining(world: () => World): void {
  describe('what explains', () => {
    it('says gate by gate why a flag is on for an actor, on a page of its own with an address, by keys alone', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      await page.goto(`${served.url}/flags`)
      await page.getByRole('link', { name: 'dark_mode' }).waitFor()
      for (const key of ['g', 'e']) await page.keyboard.press(key)
      await page.getByRole('heading', { level: 1, name: 'Why is it on or off?' }).waitFor()
      await page.keyboard.press('Tab')
      await page.keyboard.type('dark_mode')
      await page.keyboard.press('Tab')
      await page.keyboard.type('User:7')
      await page.keyboard.press('Enter')
      await page.getByText('on for User:7: by the list of actors').waitFor()
      expect(new URL(page.url()).search).toBe('?flag=dark_mode&actor=User:7')
      const steps = page.getByRole('listitem').filter({ hasText: 'this decides' })
      expect(await steps.allTextContents()).toEqual([expect.stringContaining('Actors is open')])
      expect(await page.getByText(/Share of actors.*"User:7" stands at [\d.]+ %; the first/).count()).toBe(1)
      expect(await page.getByText(/crc32 of dark_modeUser:7 is \d+; mod 100000 that is \d+/).count()).toBe(1)
      expect(complaints).toEqual([])
    })

    it('puts two actors side by side, several actors and another time into one question, and says what the server refuses', async () => {
      const { served } = world()
      const { page } = await world().first()
      await page.goto(`${served.url}/explain?flag=dark_mode&actor=User:7&than=User:9`)
      await page.getByText('The answers differ: on for User:7, off for User:9.').waitFor()
      await page.getByText('off for User:9: by the list “Never for”').waitFor()
      await visit(page, served, '/explain?flag=dark_mode&actor=User:7&actor=User:8')
      await page.getByText('on for User:7 + User:8: by the list of actors').waitFor()
      await visit(page, served, '/explain?flag=dark_mode&actor=User:7&at=tomorrow')
      await page.getByRole('alert').getByText('tomorrow').waitFor()
      await visit(page, served, '/explain?flag=%3Cimg%20onerror%3D1%3E&actor=User:7')
      const alert = page.getByRole('alert')
      await alert.getByText('<img onerror=1>" is neither defined nor stored. Check how it is written.').waitFor()
      // What is wrong is the question: to ask it again helps as little as the log.
      expect([await alert.getByRole('button').count(), await alert.getByText('Request').count()]).toEqual([0, 0])
    })

    it('shows all flags that are on, those that differ between two actors, and leads from each to its reasons', async () => {
      const { served } = world()
      const { page } = await world().first()
      await served.feature.disable('fun_fonts')
      await page.goto(`${served.url}/explain?actor=User:7`)
      const names = page.getByRole('rowheader')
      await names.first().waitFor()
      expect(await names.allTextContents()).toContain('dark_mode')
      await visit(page, served, '/explain?actor=User:7&only=different&than=User:9')
      await page.getByRole('heading', { name: '1 flag' }).waitFor()
      expect(await names.allTextContents()).toEqual(['dark_mode'])
      await names.getByRole('link').click()
      await page.getByText('The answers differ: on for User:7, off for User:9.').waitFor()
    })

    it('explains on the page of the flag, where its address names the actor, and anew after a change', async () => {
      const { served } = world()
      const { page } = await world().first()
      await served.feature.disable('fun_fonts')
      await page.goto(`${served.url}/flags/fun_fonts?actor=User:7`)
      const box = page.getByRole('region', { name: 'Why is it on or off?' })
      await box.getByText('off for User:7: nothing turns it on').waitFor()
      await served.feature.enable('fun_fonts', { flipperId: 'User:7' })
      await box.getByText('on for User:7: by the list of actors').waitFor()
      await page.goto(`${served.url}/explain?flag=fun_fonts&actor=User:7`)
      await page.getByText('on for User:7: by the list of actors').waitFor()
      await served.feature.disable('fun_fonts')
      await page.getByText('off for User:7: nothing turns it on').waitFor()
    })
  })
}
