// The lists of a flag in a browser: 10,000 actors, a paste of 100,000 lines, a file of 10 MB, and what is made of them by the one change flow.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../../support/project.js'
import { patience, readReview, visit, type World } from '../world.js'

export function testActors(world: () => World): void {
  describe('the actors of a flag', () => {
    beforeAll(async () => {
      const actors = Array.from({ length: 10_000 }, (_, id) => `User:${id}`)
      const features = [{ key: 'ci_cache', gates: { boolean: [], actors } }]
      await world().served.feature.import({ format: 'sluice-export', version: 1, features })
    })
    afterAll(async () => {
      await world().served.feature.remove('ci_cache')
    })

    it('are 10,000 of which few are in the document, found by their id, copied and downloaded whole, with names of those that are seen', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      await page.goto(`${served.url}/flags/ci_cache/actors`)
      const rows = page.getByRole('table', { name: 'Actors' }).getByRole('row')
      await rows.first().waitFor()
      expect(await page.getByRole('table', { name: 'Actors' }).getAttribute('aria-rowcount')).toBe('10000')
      expect(await rows.count()).toBeLessThanOrEqual(64)
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download' }).click(),
      ])
      const path = await download.path()
      expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(10_000)
      await page.getByLabel('Find an id').fill('user:7')
      await page.getByText('1,111 of 10,000 actors').waitFor()
      expect(new URL(page.url()).search).toBe('?q=user:7')
      await page.getByRole('cell', { name: 'Sam', exact: true }).waitFor()
      expect(complaints).toEqual([])
    })

    it('are pasted by 100,000 lines and read from a file of 10 MB, while the page answers, and a report says what they are', async () => {
      const { served } = world()
      const { page } = await world().first()
      await page.goto(`${served.url}/flags/dark_mode/actors`)
      await page.getByLabel('Ids or paths, one a line').waitFor()
      await page.evaluate(`
        const data = new DataTransfer()
        data.setData('text/plain', Array.from({ length: 100000 }, (_, id) => 'User:' + id).join('\\n') + '\\nnonsense')
        window.turns = 0
        setInterval(() => { if (document.querySelector('[aria-busy=true]') !== null) window.turns += 1 }, 1)
        document.querySelector('textarea').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
      `)
      const turns = () => page.evaluate<number>('const { turns } = window; window.turns = 0; turns')
      await page
        .getByText(
          '100,001 ids: 99,998 new · 2 there already · 1 opted out, which wins · 1 malformed (line 100001) · the first 10,000 fit into one change',
        )
        .waitFor()
      expect(await turns()).toBeGreaterThan(10)
      await page.getByRole('button', { name: 'Leave it out' }).click()
      const text = 'Project:1234567890\n'.repeat(560_000)
      expect(text.length).toBeGreaterThan(10_000_000)
      const folder = makeFolder({ 'ids.txt': text })
      await page.locator('input[type=file]').setInputFiles(join(folder, 'ids.txt'))
      await page.getByRole('main').getByText('1 id: 1 new').waitFor(patience)
      rmSync(folder, { recursive: true })
      expect(await turns()).toBeGreaterThan(50)
    })

    it('are found by the paths of the application, which is asked for each once', async () => {
      const { served } = world()
      const { page } = await world().first()
      const asked: unknown[] = []
      await page.route('**/api/web/actors/find', async (route) => {
        asked.push(route.request().postDataJSON())
        await route.continue()
      })
      await visit(page, served, '/flags/dark_mode/actors')
      await page.getByLabel('Class where none is written').fill('Project')
      await page.getByLabel('Ids or paths, one a line').fill('gitlab-org/gitlab, 5\ngitlab-org/nothing')
      await page.getByRole('main').getByText('3 ids: 2 new · 1 not found (line 2)').waitFor()
      expect(asked).toEqual([{ actor_class: 'Project', paths: ['gitlab-org/gitlab', 'gitlab-org/nothing'] }])
      await page.getByRole('button', { name: 'Add 2 to the change' }).click()
      const bar = page.getByRole('region', { name: 'Pending change' })
      await expect.poll(() => bar.textContent(), patience).toContain('Project:5 and Project:278964 added')
    })

    it('come onto the list and off it by one change, by keys alone, of which nothing is made before it is confirmed', async () => {
      const { served } = world()
      const { page } = await world().first()
      await visit(page, served, '/flags/dark_mode/actors')
      const field = page.getByLabel('Ids or paths, one a line')
      await field.waitFor()
      await field.focus()
      await page.keyboard.type('User:100, 101 User:7')
      await page.getByRole('main').getByText('3 ids: 2 new · 1 there already').waitFor()
      await page.getByLabel('Class where none is written').focus()
      await page.keyboard.press('Enter')
      const bar = page.getByRole('region', { name: 'Pending change' })
      await expect.poll(() => bar.textContent(), patience).toContain('User:100 and User:101 added')
      await page.getByRole('button', { name: 'Remove Project:42' }).focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => bar.textContent(), patience).toContain('Project:42 removed')
      const listed = () => {
        const actors = served.feature.get('dark_mode').gates.find(({ key }) => key === 'actors')?.value
        return (Array.isArray(actors) ? actors : []).filter((id) => !String(id).includes('opt_out'))
      }
      expect(listed()).toEqual(['Project:42', 'User:7', 'User:8'])
      await expect.poll(() => bar.textContent(), patience).toContain('lose it')
      await page.keyboard.press('Control+Enter')
      const dialog = page.getByRole('dialog', { name: /^Change dark_mode in production/ })
      await readReview(dialog)
      await page.keyboard.press('Control+Enter')
      await expect.poll(() => listed(), patience).toEqual(['User:100', 'User:101', 'User:7', 'User:8'])
      await page.getByRole('button', { name: 'Remove User:100' }).waitFor()
      await served.feature.enable('dark_mode', { flipperId: 'Project:42' })
      for (const flipperId of ['User:100', 'User:101']) await served.feature.disable('dark_mode', { flipperId })
    })
  })
}
