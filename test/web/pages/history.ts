// The history in a browser: days and gaps, filters in the address, comparing, restoring and taking back by the one change flow.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { patience, readReview, visit, type World } from '../world.js'

/** Adds to what the server answers: a change of two flags whose reason is hostile, and a page of older changes. */
export async function addOlder(page: Page): Promise<URLSearchParams[]> {
  const asked: URLSearchParams[] = []
  await page.route('**/api/web/history*', async (route) => {
    const { searchParams } = new URL(route.request().url())
    asked.push(searchParams)
    if (searchParams.has('before')) return await route.fulfill({ json: { entries: [older], next: null } })
    const response = await route.fetch()
    const { entries }: { entries: readonly object[] } = await response.json()
    expect(response.status()).toBe(200)
    const newest = { ...several, at: new Date().toISOString() }
    const json = { entries: [newest, ...entries], next: '3' }
    // Where the window has left the page meanwhile, Playwright has ended the request itself, and would fail the whole run here.
    await route.fulfill({ response, json }).catch(() => undefined)
  })
  return asked
}

const older = {
  change_id: null,
  position: '1-a',
  at: '2026-01-02T03:04:05.000Z',
  author: 'db:rails',
  source: 'sql',
  reason: null,
  untracked: true,
  flags: [{ name: 'dark_mode', sentence: '=cmd', gates: [] }],
  counts: { flags: 1, added: 1, removed: 0 },
  undoes: null,
  restores: null,
}

const several = {
  ...older,
  change_id: '7e6f6a52-6c0e-4d0f-9d3a-6b1f2f6a9d11',
  untracked: false,
  reason: '<img src=x onerror=alert(1)> \u202etxt.exe https://example.com/991 javascript:alert(1)',
  flags: [
    { name: 'ci_cache', sentence: 'off', gates: [] },
    { name: 'fun_fonts', sentence: 'off', gates: [] },
  ],
  counts: { flags: 2, added: 0, removed: 2 },
}

export function testHistory(world: () => World): void {
  describe('the history', () => {
    it('shows each change under its day, older ones when asked, and what was written past it; filters stand in the address', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      const asked = await addOlder(page)
      await page.goto(`${served.url}/history?flag=dark_mode&from=2h`)
      const entries = page.getByRole('list').getByRole('listitem')
      await page.getByRole('button', { name: 'Load older' }).click()
      await page.getByText('written past the history').waitFor()
      expect(await page.getByRole('region', { name: '2 January 2026' }).count()).toBe(1)
      expect(await entries.filter({ hasText: '<img src=x onerror=alert(1)> \\u{202e}txt.exe' }).count()).toBe(1)
      expect(await page.getByRole('main').locator('a[href^="javascript"]').count()).toBe(0)
      expect(await page.getByRole('link', { name: 'https://example.com/991' }).getAttribute('rel')).toContain(
        'noopener',
      )
      await page.getByLabel('Contains').fill('flat')
      await page.keyboard.press('Enter')
      await expect.poll(() => new URL(page.url()).search).toBe('?flag=dark_mode&from=2h&q=flat')
      // The address changes before the server is asked.
      await expect
        .poll(() => asked.map(String), patience)
        .toEqual(['flag=dark_mode&from=2h', 'flag=dark_mode&from=2h&before=3', 'flag=dark_mode&from=2h&q=flat'])
      expect(complaints).toEqual([])
      await page.unroute('**/api/web/history*')
    })

    it('compares a change with now, restores what it left by the one change flow, and makes nothing before that is confirmed', async () => {
      const { served } = world()
      const { page } = await world().first()
      const share = () => served.feature.get('dark_mode').gates.find(({ key }) => key === 'percentage_of_actors')?.value
      const before = share()
      await served.feature.enablePercentageOfActors('dark_mode', 60)
      await served.feature.enablePercentageOfActors('dark_mode', 61)
      await visit(page, served, '/history?flag=dark_mode')
      const entry = page.getByRole('listitem').filter({ hasText: '→ 60 % of actors' })
      await entry.getByRole('button', { name: /^Compare with now/ }).click()
      await expect
        .poll(() => entry.getByRole('row').last().textContent(), patience)
        .toMatch(/Share of actors\s*60 %\s*61 %/)
      await entry.getByRole('button', { name: /^Restore this/ }).click()
      const dialog = page.getByRole('dialog', { name: /^Restore dark_mode in production/ })
      await dialog.getByRole('table').waitFor()
      expect(share()).toBe(61)
      // Cancelled, nothing of it is left.
      await page.keyboard.press('Escape')
      await dialog.waitFor({ ...patience, state: 'detached' })
      expect(await page.getByRole('region', { name: 'Pending change' }).count()).toBe(0)
      await entry.getByRole('button', { name: /^Restore this/ }).click()
      await readReview(dialog)
      const entries = page.getByRole('main').getByRole('listitem')
      const shown = await entries.count()
      await page.keyboard.press('Control+Enter')
      await expect.poll(share, patience).toBe(60)
      // What the page itself has made is shown without asking; what another person makes is offered.
      await expect.poll(() => entries.count(), patience).toBe(shown + 1)
      expect(await page.getByText('There are newer changes.').count()).toBe(0)
      expect(await page.evaluate('document.activeElement.textContent')).toMatch(/^Restore this…/)
      await served.feature.enablePercentageOfActors('dark_mode', 62)
      await page.getByText('There are newer changes.').waitFor(patience)
      await served.feature.enablePercentageOfActors('dark_mode', Number(before))
    })
  })
}
