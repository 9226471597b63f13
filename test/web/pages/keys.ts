// Flows by keys alone: after each step it is said where the focus is, as a screen reader has it, and what was told meanwhile. All of it is
// compared with recorded/keys.txt.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedPage, servePage } from '../served-page.js'
import { patience, readReview, type World } from '../world.js'
import { openPlayed } from './played.js'

interface Walk {
  /** Presses keys, and notes where the focus is then: at the part with this in its role, name and value. */
  press(keys: string, focus: RegExp): Promise<void>
  type(text: string): Promise<void>
  /** Waits until this is told: by a live region, an alert or a status. */
  hears(text: RegExp): Promise<void>
}

function walkOn(page: Page, lines: string[]): Walk {
  const focus = async () => {
    const focused = page.locator(':focus')
    if ((await focused.count()) === 0) return 'nothing'
    const [first = 'nothing'] = (await focused.ariaSnapshot()).split('\n')
    return lasting(
      first
        .replace(/^- /, '')
        .replace(/:$/, '')
        .replace(/^'(.*)'$/, '$1'),
    )
  }
  return {
    async press(keys, expected) {
      for (const key of keys.split(' ')) await page.keyboard.press(key)
      await expect.poll(focus, { ...patience, message: `the focus after ${keys}` }).toMatch(expected)
      lines.push(`${keys} → ${await focus()}`)
    },
    async type(text) {
      await page.keyboard.type(text)
      lines.push(`“${text}”`)
    },
    async hears(text) {
      const told = page.locator('[role=status], [role=alert], [aria-live]').filter({ hasText: text })
      await expect.poll(() => told.count(), { ...patience, message: `telling ${text}` }).toBeGreaterThan(0)
      const whole = (await told.first().innerText()).replace(/\s+/g, ' ').trim()
      lines.push(`  told: ${lasting(text.exec(whole)?.[0] ?? whole)}`)
    },
  }
}

function lasting(text: string): string {
  return text.replace(/\b\d+ (?:s|min|h|d) ago\b|\bjust now\b/g, 'AGO')
}

export function testKeys(world: () => World): void {
  describe('by keys alone', () => {
    let served: ServedPage
    let page: Page
    let complaints: readonly string[]
    const lines: string[] = []
    const walk = async (name: string, path: string, steps: (walk: Walk) => Promise<void>) => {
      lines.push('', `# ${name}`)
      await page.goto(`${served.url}${path}`)
      await expect.poll(() => page.locator('h1').count(), patience).toBe(1)
      await page.getByRole('button', { name: /^Live/ }).waitFor()
      await steps(walkOn(page, lines))
    }
    const share = () => served.feature.get('dark_mode').gates.find(({ key }) => key === 'percentage_of_actors')?.value

    beforeAll(async () => {
      served = await servePage()
      ;({ page, complaints } = await openPlayed(world(), served))
    }, 120_000)
    afterAll(async () => {
      await page?.context().close()
      await served?.close()
    })

    it('a person finds a flag, raises its share, reads and confirms the effect, and takes it back', async () => {
      await walk('one change', '/flags', async ({ hears, press, type }) => {
        await page.getByRole('link', { name: 'dark_mode' }).waitFor()
        await press('/', /^combobox "Filter"/)
        await type('dark')
        await hears(/1 flag of 3/)
        await press('ArrowDown', /^link "dark_mode"/)
        await press('Enter', /^heading "dark_mode"/)
        await page.getByRole('slider', { name: 'Share of actors' }).focus()
        await press('PageUp ArrowRight', /^slider "Share of actors, in whole percent"/)
        await hears(/25 → 36 % of actors\. \+\d+ gain it, 0 lose it of 200 known actors of the class User/)
        await press('Control+Enter', /^heading "Set dark_mode to 36 % of actors in production"/)
        await page.getByRole('dialog').getByRole('table').waitFor()
        await press('Tab', /^textbox "Reason"/)
        await type('flat')
        await press('Tab', /^checkbox "Wait until all processes have it/)
        const isLarge = (await page.getByRole('checkbox', { name: /^I have read/ }).count()) > 0
        if (isLarge) await press('Tab Space', /^checkbox "I have read: \d+ known actors gain it" \[checked\]/)
        await press('Tab', /^button "Cancel"/)
        await press('Tab', /^button "Set 36 % dark_mode in production"/)
        await press('Enter', /^slider "Share of actors/)
        await hears(/dark_mode: on for .*36 % of actors/)
        expect(share()).toBe(36)
        await press('u', /^heading "Undo the change of dark_mode in production"/)
        await readReview(page.getByRole('dialog'))
        await press('Control+Enter', /^slider "Share of actors/)
        await expect.poll(share, patience).toBe(25)
      })
    })

    it('a person selects flags and turns them off together', async () => {
      await served.feature.enable('fun_fonts', { flipperId: 'User:7' })
      await walk('several flags', '/flags', async ({ hears, press }) => {
        await page.getByRole('link', { name: 'dark_mode' }).waitFor()
        await press('j', /^link "ci_cache"/)
        await press('End', /^link "fun_fonts"/)
        const top = () => page.getByRole('link', { name: 'fun_fonts' }).boundingBox()
        const before = await top()
        await press('Space', /^link "fun_fonts"/)
        await page.getByRole('group', { name: 'Selected flags' }).waitFor()
        expect(await top(), 'the row has moved').toEqual(before)
        expect(await page.getByLabel('Select fun_fonts').isChecked()).toBe(true)
        await page.getByLabel('Select fun_fonts').click()
        expect(await page.getByLabel('Select fun_fonts').isChecked()).toBe(false)
        await page.getByLabel('Select fun_fonts').click()
        expect(await page.getByLabel('Select fun_fonts').isChecked()).toBe(true)
        await page.getByRole('button', { name: 'Turn off for everybody…' }).focus()
        await press('Enter', /^heading "Turn off fun_fonts for everybody in production"/)
        await page.getByRole('dialog').getByRole('table').waitFor()
        const read = page.getByRole('checkbox', { name: /^I have read/ })
        if ((await read.count()) > 0) {
          await read.focus()
          await press('Space', /^checkbox "I have read/)
        }
        await readReview(page.getByRole('dialog'))
        await press('Control+Enter', /^heading "Flags"/)
        await hears(/fun_fonts: off for everybody/)
      })
      await served.feature.remove('fun_fonts')
    })

    it('a person looks at the history, compares a change with now, and restores what it left', async () => {
      await served.feature.enablePercentageOfActors('dark_mode', 26, { reason: 'from elsewhere' })
      await walk('the history', '/history', async ({ hears, press, type }) => {
        await page.getByText('from elsewhere').waitFor()
        await page.getByLabel('Contains').focus()
        await type('elsewhere')
        await press('Enter', /^textbox "Contains"/)
        await expect.poll(() => page.getByRole('main').getByRole('listitem').count(), patience).toBe(1)
        await served.feature.enablePercentageOfActors('dark_mode', 27)
        await page.getByRole('button', { name: /^Compare with now/ }).focus()
        await press('Enter', /^button "Compare with now ?: dark_mode .*26 % of actors.*\[expanded\]/)
        await page.getByRole('row', { name: /Share of actors/ }).waitFor()
        await press('Tab', /^button "Restore this… dark_mode as it was after/)
        await press('Enter', /^heading "Restore dark_mode in production"/)
        await readReview(page.getByRole('dialog'))
        await press('Control+Enter', /^button "Restore this…/)
        await hears(/dark_mode: on for .*26 % of actors/)
        expect(share()).toBe(26)
      })
    })

    it('a person goes to a page, asks why, and finds the keys', async () => {
      await walk('asking why', '/flags', async ({ press, type }) => {
        await page.getByRole('link', { name: 'dark_mode' }).waitFor()
        await press('Control+k', /^(?:textbox|combobox|searchbox) "Flag or page"/)
        await type('expl')
        await page.getByRole('option', { name: /^Explain/ }).waitFor()
        await press('ArrowDown Enter', /^heading "Why is it on or off\?"/)
        await press('Tab', /^combobox "Flag"/)
        await type('dark_mode')
        await press('Tab', /^textbox "Actors"/)
        await type('User:7')
        await press('Enter', /^textbox "Actors"/)
        await page.getByText('on for User:7').waitFor()
        await page.getByRole('link', { name: 'Flags', exact: true }).focus()
        await press('?', /^heading "Keys"/)
        await press('Escape', /^link "Flags"/)
        await press('g h', /^heading "History"/)
      })
    })

    it('sounds as it is recorded (where it is meant to change: --update)', async () => {
      expect(complaints).toEqual([])
      await expect(`${lines.join('\n').trim()}\n`).toMatchFileSnapshot('../recorded/keys.txt')
    })
  })
}
