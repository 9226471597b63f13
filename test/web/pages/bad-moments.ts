// What comes at a bad moment: Back while a change is sent, answers that do not come, a clock that is wrong, a definition that goes, a server
// that is renewed. And texts that anybody may have written, in every field of the answers.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type ServedPage, servePage } from '../served-page.js'
import { patience, readReview, tryAgain, visit, type World } from '../world.js'
import { alter, giveUp, openPlayed, type PlayedOptions, sayInList, tell } from './played.js'

const gone = { ...patience, state: 'detached' } as const
const changes = '**/api/v4/features/dark_mode/changes'

export function testBadMoments(world: () => World): void {
  describe('at a bad moment', () => {
    let served: ServedPage
    beforeAll(async () => {
      served = await servePage()
    }, 120_000)
    afterAll(async () => {
      await served?.close()
    })

    const open = async (options?: PlayedOptions) => {
      const opened = await openPlayed(world(), served, options)
      onTestFinished(async () => {
        await opened.page.unrouteAll({ behavior: 'ignoreErrors' })
        await opened.page.context().close()
      })
      return opened
    }
    const share = () => served.feature.get('dark_mode').gates.find(({ key }) => key === 'percentage_of_actors')?.value
    const bar = (page: Page) => page.getByRole('region', { name: 'Pending change' })

    /** Opens a flag; the server has no definition of it from then on. */
    async function openAndUndefine(page: Page): Promise<void> {
      await page.goto(`${served.url}/flags/dark_mode`)
      await page.getByRole('slider', { name: 'Share of actors' }).waitFor()
      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        answer.definition = null
      })
    }

    /** Confirms a share that an address names, in its review. */
    async function confirm(page: Page, percent: number): Promise<void> {
      const review = page.getByRole('button', { name: new RegExp(`^Review and set ${percent} %`) })
      await expect.poll(() => review.getAttribute('aria-disabled'), patience).toBe('false')
      await review.click()
      await readReview(page.getByRole('dialog'))
      await page.keyboard.press('Control+Enter')
    }

    it('a person who goes back while a change is sent sees it on the page before, and what came of it', async () => {
      const { page, complaints } = await open()
      let release: () => void = () => undefined
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      await page.route(changes, async (route) => {
        const sent: { readonly dry_run?: boolean } = route.request().postDataJSON()
        if (sent.dry_run !== true) await held
        await route.continue()
      })
      await page.goto(`${served.url}/flags`)
      await page.getByRole('link', { name: 'dark_mode' }).waitFor()
      await visit(page, served, '/flags/dark_mode?set=41')
      await confirm(page, 41)
      await page.getByRole('dialog').getByText('Sending').waitFor(patience)
      await page.goBack()
      await page.getByRole('heading', { name: 'Flags', level: 1 }).waitFor()
      expect(await page.getByRole('dialog').count()).toBe(0)
      expect(await bar(page).textContent()).toContain('Sending')
      expect(share()).toBe(25)
      release()
      await page.getByRole('region', { name: 'Messages' }).getByText('41 % of actors').waitFor()
      expect([share(), await bar(page).count()]).toEqual([41, 0])
      expect(complaints).toEqual([])
    })

    it('an answer that does not come is said to be late, and a change of which none came is made once', async () => {
      const { page } = await open({ isPatient: true })
      await page.route('**/api/web/flags', () => undefined)
      await page.goto(`${served.url}/flags`)
      const alert = page.getByRole('main').getByRole('alert')
      await page.getByRole('status', { name: 'Flags are loading' }).waitFor(patience)
      await giveUp(page)
      await alert.getByText('The server has not answered in time.').waitFor(patience)
      await page.unroute('**/api/web/flags')
      await tryAgain(alert, page.getByRole('link', { name: 'dark_mode' }))

      const ids: unknown[] = []
      await page.route(changes, async (route) => {
        const sent: { readonly dry_run?: boolean; readonly change_id?: string } = route.request().postDataJSON()
        if (sent.dry_run === true) return await route.continue()
        ids.push(sent.change_id)
        // The first is made, and its answer is lost on the way.
        if (ids.length === 1) return void (await route.fetch())
        return await route.continue()
      })
      const before = (await served.feature.history({ feature: 'dark_mode', limit: 100 })).length
      await visit(page, served, '/flags/dark_mode?set=42')
      await confirm(page, 42)
      await expect.poll(share, patience).toBe(42)
      const again = async () => {
        await giveUp(page)
        return ids.length
      }
      await expect.poll(again, patience).toBeGreaterThan(1)
      await page.getByRole('region', { name: 'Messages' }).getByText('42 % of actors').waitFor(patience)
      expect(share()).toBe(42)
      expect(new Set(ids).size).toBe(1)
      const rows = await served.feature.history({ feature: 'dark_mode', limit: 100 })
      expect(new Set(rows.slice(0, rows.length - before).map(({ changeId }) => changeId)).size).toBe(1)
    })

    it('a browser a day ahead, in another zone and with a full storage shows the ages of the server, and can change', async () => {
      const { page, complaints } = await open({
        timezoneId: 'Pacific/Kiritimati',
        before: `
          const { now } = Date
          Date.now = () => now() + 86_400_000
          Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }
        `,
      })
      const at = new Date()
      await served.feature.enablePercentageOfActors('dark_mode', 43)
      await page.goto(`${served.url}/history?flag=dark_mode`)
      const heading = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'Pacific/Kiritimati' }).format(at)
      const day = page.getByRole('region', { name: heading })
      await day
        .getByRole('listitem')
        .filter({ hasText: '43 % of actors' })
        .getByText(/just now|\d min ago/)
        .waitFor()
      await visit(page, served, '/flags/dark_mode?set=44')
      await confirm(page, 44)
      await expect.poll(share, patience).toBe(44)
      expect(complaints).toEqual([])
    })

    it('a definition that is removed, and the flag that goes with it, is seen at once, and comes back', async () => {
      const { page } = await open()
      await openAndUndefine(page)
      await tell(page, 'definitions', { names: ['dark_mode'] })
      await page.getByText('The code does not define this flag.').waitFor()
      expect(await page.getByRole('slider').count()).toBe(0)
      const none = { status: 404, json: { code: 'feature_not_found', message: 'no flag' } }
      await page.route('**/api/web/flags/dark_mode', (route) => route.fulfill(none))
      await tell(page, 'definitions', { names: ['dark_mode'] })
      await page.getByText('This flag is neither defined nor stored.').waitFor()
      await page.unroute('**/api/web/flags/dark_mode')
      await tell(page, 'definitions', { names: ['dark_mode'] })
      await page.getByRole('slider', { name: 'Share of actors' }).waitFor()
    })

    it('a definition that is other where the server has begun anew is seen when the stream is back', async () => {
      const { page } = await open()
      await openAndUndefine(page)
      await page.evaluate('window.cut()')
      await page.getByText('The code does not define this flag.').waitFor(patience)

      await page.goto(`${served.url}/flags`)
      await page.getByRole('link', { name: 'fun_fonts' }).waitFor()
      await page.getByRole('button', { name: /^Live/ }).waitFor(patience)
      await alter(page, '**/api/web/flags', (list) => sayInList(list, 'fun_fonts', 'group', 'group::renamed'))
      await page.evaluate('window.cut()')
      await page.getByText('group::renamed').waitFor(patience)
    })

    it('what changed after a page has asked, and before its stream begins, is seen as that begins', async () => {
      const { page } = await open()
      const now = () =>
        page.evaluate<string>(
          `fetch('/api/web/flags').then((answer) => answer.json()).then(({ position }) => position)`,
        )
      await page.goto(`${served.url}/explain?flag=fun_fonts&actor=User:7`)
      await page.getByText('off for User:7').waitFor(patience)
      await served.feature.enable('fun_fonts', { flipperId: 'User:7' })
      await tell(page, 'hello', { position: await now() })
      await page.getByText('on for User:7: by the list of actors').waitFor(patience)

      await visit(page, served, '/flags/fun_fonts')
      const slider = page.getByRole('slider', { name: 'Share of actors' })
      await slider.waitFor(patience)
      await served.feature.enablePercentageOfActors('fun_fonts', 12)
      await tell(page, 'hello', { position: await now() })
      await expect.poll(() => slider.inputValue(), patience).toBe('12')

      await visit(page, served, '/history')
      await page.getByRole('heading', { level: 1, name: 'History' }).waitFor(patience)
      await page.getByText('→ 12 %').first().waitFor(patience)
      // The list knows of the change before.
      await tell(page, 'hello', { position: await now() })
      expect(await page.getByText('There are newer changes.').count()).toBe(0)
      await served.feature.remove('fun_fonts')
      await tell(page, 'hello', { position: await now() })
      await page.getByText('There are newer changes.').waitFor(patience)
    })

    it('a link that names a change is opened while the database is away: the change is put together once that is back', async () => {
      const { page } = await open()
      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        answer.flag['revision'] = null
      })
      await page.goto(`${served.url}/flags/dark_mode?set=66&reason=later`)
      await page.getByRole('heading', { name: 'Who has it' }).waitFor(patience)
      expect([await bar(page).count(), new URL(page.url()).searchParams.get('set')]).toEqual([0, '66'])
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      await tell(page, 'health', { degraded: false, age_ms: 0 })
      await expect.poll(() => bar(page).textContent(), patience).toContain('→ 66 % of actors')
      expect(await bar(page).getByLabel('Reason').inputValue()).toBe('later')
      await expect.poll(() => new URL(page.url()).search, patience).toBe('')
      await bar(page).getByRole('button', { name: 'Discard' }).click()
    })

    it('what could not be answered in the moment in which the database came back is asked for again, without an event', async () => {
      const { page } = await open()
      const away = { status: 503, json: { code: 'store_unavailable', message: 'the database cannot be reached' } }
      const alert = page.getByRole('main').getByRole('alert')
      const isBack = () => page.unrouteAll({ behavior: 'ignoreErrors' })

      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        answer.flag['revision'] = null
      })
      await page.goto(`${served.url}/flags/dark_mode`)
      await page.getByText('The database cannot be reached: nothing can be changed').first().waitFor(patience)
      await isBack()
      await page.getByText('The database cannot be reached: nothing can be changed').first().waitFor(gone)

      await page.route('**/api/web/history?*', (route) => route.fulfill(away))
      await visit(page, served, '/history')
      await alert.waitFor(patience)
      await isBack()
      await page.getByRole('heading', { level: 2 }).first().waitFor(patience)
      expect(await alert.count()).toBe(0)

      await page.route('**/explain', (route) => route.fulfill(away))
      await visit(page, served, '/explain?flag=dark_mode&actor=User:7')
      await alert.waitFor(patience)
      await isBack()
      await page.getByText('for User:7').first().waitFor(patience)
      expect(await alert.count()).toBe(0)

      await page.route('**/actors*', (route) => route.fulfill(away))
      await visit(page, served, '/flags/dark_mode/actors')
      await alert.waitFor(patience)
      await isBack()
      await alert.waitFor(gone)

      await page.route(changes, (route) => route.fulfill(away))
      await visit(page, served, '/flags/dark_mode?set=66')
      await bar(page).getByText('There is no preview').waitFor(patience)
      await isBack()
      await bar(page).getByText('There is no preview').waitFor(gone)
      await bar(page).getByRole('button', { name: 'Discard' }).click()
    })

    it('a server of another version asks for a reload, which keeps the pending change', async () => {
      const { page } = await open()
      await page.goto(`${served.url}/flags/dark_mode?set=77&reason=flat`)
      await expect.poll(() => bar(page).textContent(), patience).toContain('→ 77 % of actors')
      await alter(page, '**/api/web/boot', (answer) => {
        answer.version = '99.0.0'
      })
      await tell(page, 'hello', { position: null })
      await page.getByText('The server has a new version.').waitFor()
      page.once('dialog', (dialog) => void dialog.accept())
      await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Reload' }).click()])
      await expect.poll(() => bar(page).textContent(), patience).toContain('→ 77 % of actors')
      expect(await bar(page).getByLabel('Reason').inputValue()).toBe('flat')
      await bar(page).getByRole('button', { name: 'Discard' }).click()
    })

    it('a token that is revoked asks for a sign-in as soon as the stream tells it, and keeps the pending change', async () => {
      const { page } = await open()
      await page.goto(`${served.url}/flags/dark_mode?set=78`)
      await expect.poll(() => bar(page).textContent(), patience).toContain('→ 78 % of actors')
      await tell(page, 'session', { ends_at: new Date(Date.now() + 3_600_000).toISOString() })
      await page.context().clearCookies()
      await tell(page, 'session', { ends_at: new Date().toISOString() })
      const again = page.getByRole('dialog', { name: 'Sign in again' })
      await again.getByText('The change that you have begun is kept.').waitFor()
      await again.getByLabel('Token', { exact: true }).fill(served.token)
      await page.keyboard.press('Enter')
      await again.waitFor({ state: 'detached' })
      expect(await bar(page).textContent()).toContain('→ 78 % of actors')
    })

    it('a second tab shares the stream of the first, and has one of its own when that is closed', async () => {
      const { page } = await world().first()
      const tab = await page.context().newPage()
      await page.goto(`${world().served.url}/flags/fun_fonts`)
      await tab.goto(`${world().served.url}/flags/fun_fonts`)
      await Promise.all([page, tab].map((one) => one.getByRole('button', { name: /^Live/ }).waitFor()))
      await world().served.feature.enablePercentageOfActors('fun_fonts', 12)
      await expect.poll(() => tab.getByRole('slider').inputValue(), patience).toBe('12')
      await page.goto('about:blank')
      await world().served.feature.enablePercentageOfActors('fun_fonts', 13)
      await expect.poll(() => tab.getByRole('slider').inputValue(), patience).toBe('13')
      await tab.close()
      await world().served.feature.remove('fun_fonts')
    })

    it('an address of 64 kB is filtered by its beginning inside of the page, and refused by the server', async () => {
      const { page, complaints } = await open()
      const query = 'x'.repeat(65_536)
      await page.goto(`${served.url}/flags`)
      await page.getByRole('link', { name: 'dark_mode' }).waitFor()
      await visit(page, served, `/flags?q=${query}`)
      await page.getByText('No flag matches').waitFor()
      await page.getByRole('button', { name: 'Clear the filter' }).click()
      await page.getByRole('link', { name: 'dark_mode' }).waitFor()
      for (const path of ['/history?q=', '/explain?flag=dark_mode&actor=User:']) {
        await visit(page, served, `${path}${query}`)
        await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
      }
      expect(complaints).toEqual([])
      expect((await page.context().request.get(`${served.url}/flags?q=${query}`)).status()).toBe(431)
    })

    it.each([
      ['markup', '<img src=x onerror=alert(1)>'],
      ['marks that turn the text around', 'a\u202etxt.exe\u2066\u200b\u200d'],
      ['4,000 letters without a space', 'x'.repeat(4_000)],
      ['emoji and halves of pairs', '👩\u200d🚀\ud83d x \udc00'],
      ['an address that would run', 'javascript:alert(1)//\u0000'],
    ])('%s in every field of an answer stay text, and move nothing', async (_, hostile) => {
      const { page, complaints } = await open()
      await page.route('**/api/web/actors/names', (route) => {
        const { ids }: { readonly ids: readonly string[] } = route.request().postDataJSON()
        const names = Object.fromEntries(ids.map((id) => [id, { label: hostile, url: hostile }]))
        return route.fulfill({ json: { names } })
      })
      await alter(page, '**/api/web/flags', ({ columns }) => {
        for (const column of ['type', 'group', 'changed_by', 'milestone', 'fault'])
          columns[column] = { values: [hostile] }
      })
      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        const { definition, flag } = answer
        for (const key of Object.keys(definition ?? {})) {
          if (definition !== null && typeof definition[key] !== 'boolean' && key !== 'line') definition[key] = hostile
        }
        if (definition !== null) {
          definition['faults'] = [{ severity: 'error', message: hostile, file: hostile, line: 1, remedy: hostile }]
          for (const key of ['rollout_issue_url', 'introduced_by_url', 'feature_issue_url']) {
            definition[key] = `data:text/html,${hostile}`
          }
        }
        flag['summary'] = hostile
        Object.assign(Object(flag['gates']), {
          groups: [hostile],
          actors: { count: 1, first: [`User:${hostile}`] },
          unknown: [{ key: hostile, count: 2, first: [hostile] }],
        })
        answer.groups_known = [hostile]
        Object.assign(answer, { environments: [{ name: hostile, state: 'on', summary: hostile }] })
      })
      await page.setViewportSize({ width: 360, height: 800 })
      for (const [path, heading] of [
        ['/flags', 'Flags'],
        ['/flags/dark_mode', 'Who has it'],
      ] as const) {
        await page.goto(`${served.url}${path}`)
        await page.getByRole('heading', { name: heading, exact: true }).waitFor()
        await page
          .getByText(path === '/flags' ? 'broken' : 'not known to this version')
          .first()
          .waitFor()
        const found = await page.evaluate<readonly number[]>(`[
          document.querySelectorAll('main img, a[href^="javascript" i], a[href^="data" i]').length,
          Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
        ]`)
        expect(found).toEqual([0, 0])
        const text = await page.getByRole('main').innerText()
        expect(/[\u202e\u2066\u200b]|\p{Cs}/u.test(text)).toBe(false)
      }
      expect(complaints).toEqual([])
    })
  })
}
