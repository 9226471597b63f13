// Who else changes the same flag while a person does, on two servers behind one address: another browser, a program, rows written past the
// API, the same person twice. Nothing is lost, nothing is made twice, and who is late sees who was first.
import type { Fate } from './alternating-proxy.js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasChromium, inChromium } from '../support/chromium.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { Person } from './person.js'
import { openRaceWorld, type RaceWorld, raceFlags } from './race-world.js'
import { openServed, signIn } from './served-page.js'
import { patience } from './world.js'

/** A hundred in `npm run test:web`. */
const isFull = process.env['SLUICE_WEB_LOOKS'] === 'all'
const rounds = isFull ? 100 : 2

describe.skipIf(!hasChromium)(
  `changes of one flag at once ${inChromium}`,
  { timeout: 60_000 + rounds * 30_000 },
  () => {
    let world: RaceWorld
    beforeAll(async () => {
      world = await openRaceWorld()
    }, 180_000)
    beforeEach(async () => {
      await world.calm()
    })
    afterAll(async () => {
      await world?.close()
    })

    const share = async (flag: string) => {
      const rows = await world.database.query(
        `select value from feature_gates where feature_key = $1 and key = 'percentage_of_actors'`,
        [flag],
      )
      return rows.map(({ value }) => Number(value))
    }
    const reasons = async (flag: string) =>
      (await world.made(flag)).map(({ reason }) => reason).filter((one) => one !== null)

    it(`two browsers that confirm at the same moment, ${rounds} times: both are made in the end, and who is late sees whose was first`, async () => {
      const { ada, sam } = world
      await Promise.all([sam.open('dark_mode'), ada.open('dark_mode')])
      const wanted: string[] = []
      const late = { sam: 0, ada: 0 }
      for (let round = 0; round < rounds; round += 1) {
        const mine = { sam: 2 + (round % 40) * 2, ada: 3 + (round % 40) * 2 }
        await Promise.all([
          sam.set('dark_mode', mine.sam, `sam ${round}`),
          ada.set('dark_mode', mine.ada, `ada ${round}`),
        ])
        await Promise.all([sam.review(), ada.review()])
        await Promise.all([sam.confirm(), ada.confirm()])
        const outcomes = await Promise.all([sam.outcome(), ada.outcome()])
        expect([...outcomes].sort(), `round ${round}`).toEqual(['conflict', 'made'])
        const [first, second] = outcomes[0] === 'made' ? [sam, ada] : [ada, sam]
        late[second === sam ? 'sam' : 'ada'] += 1
        const said = await second.bar.textContent()
        expect(said).toContain(`While you were editing, token:${first.name}`)
        expect(said).toContain(`“${first.name} ${round}”`)
        expect(await share('dark_mode')).toEqual([mine[first === sam ? 'sam' : 'ada']])
        await second.putOnTop()
        await second.review()
        await second.confirm()
        expect(await second.outcome()).toBe('made')
        expect(await share('dark_mode')).toEqual([mine[second === sam ? 'sam' : 'ada']])
        wanted.push(`${first.name} ${round}`, `${second.name} ${round}`)
        await Promise.all([sam.closeMessages(), ada.closeMessages()])
        const left = mine[second === sam ? 'sam' : 'ada']
        await Promise.all([sam.sees(left), ada.sees(left)])
      }
      expect(await reasons('dark_mode')).toEqual(wanted)
      // The browser notes each answer that is an error, and a 412 is one.
      const complaints = [...sam.complaints, ...ada.complaints].filter((text) => !text.includes('412'))
      expect(complaints).toEqual([])
      if (rounds >= 100) expect(Math.min(late.sam, late.ada)).toBeGreaterThan(0)
    })

    it('changes of other gates, by a program and by rows past the API, that come without a pause: mine is kept with its reason, and made beside them', async () => {
      const { database, instance, sam } = world
      await sam.open('dark_mode')
      await sam.set('dark_mode', 44, 'mine')
      await sam.review()
      const reason = sam.dialog.getByLabel('Reason')
      await reason.fill('still mine')
      const others = Array.from({ length: 8 }, (_, index) => `User:${index}`)
      for (const flipperId of others) await instance.feature.enable('dark_mode', { flipperId })
      await database.query(
        `insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('dark_mode', 'groups', 'staff', now(), now())`,
      )
      await sam.dialog.getByText('on other gates. Your change stays as it is.').waitFor(patience)
      expect(await reason.inputValue()).toBe('still mine')
      expect(await sam.page.evaluate('document.activeElement.id')).toBe('review-reason')
      // More of them may come between the last look and the change: then it is looked at once more.
      for (let made = false; !made; made = (await sam.bar.count()) === 0) {
        await sam.review()
        await sam.confirm()
        await expect.poll(async () => (await sam.bar.count()) === 0 || (await sam.canConfirm()), patience).toBe(true)
      }
      const rows = await database.query(
        `select key, value from feature_gates where feature_key = 'dark_mode' order by key, value`,
      )
      const actors = others.map((value) => ({ key: 'actors', value }))
      expect(rows).toEqual([...actors, { key: 'groups', value: 'staff' }, { key: 'percentage_of_actors', value: '44' }])
      expect(await reasons('dark_mode')).toEqual(['still mine'])
      await sam.sees(44)
    })

    it('the same gate, by a row past the API, while the review is open: it closes, and asks which of the two counts', async () => {
      const { database, sam } = world
      await sam.open('dark_mode')
      await sam.set('dark_mode', 44, 'mine')
      await sam.review()
      await database.query(
        `update feature_gates set value = '61' where feature_key = 'dark_mode' and key = 'percentage_of_actors'`,
      )
      await sam.bar.getByText(/While you were editing, db:.* 61 % of actors/).waitFor(patience)
      expect(await sam.dialog.count()).toBe(0)
      await sam.bar.getByRole('button', { name: 'Discard mine' }).click()
      expect([await sam.bar.count(), await share('dark_mode')]).toEqual([0, [61]])
      await expect.poll(() => sam.page.getByRole('slider').inputValue(), patience).toBe('61')
    })

    it('more flags at once than the page is told of one by one, in SQL: the list has them, and a pending change of one of them is looked at anew', async () => {
      const { database, sam } = world
      await sam.open('dark_mode')
      await sam.set('dark_mode', 44, 'mine')
      await database.query(
        `with made as (insert into features (key, created_at, updated_at)
           select 'many_' || n, now(), now() from generate_series(1, 210) n returning key),
         gates as (insert into feature_gates (feature_key, key, value, created_at, updated_at)
           select key, 'percentage_of_actors', '7', now(), now() from made)
         update feature_gates set value = '61' where feature_key = 'dark_mode' and key = 'percentage_of_actors'`,
      )
      await sam.bar.getByText(/While you were editing, db:.* 61 % of actors/).waitFor(patience)
      await sam.bar.getByRole('button', { name: 'Discard mine' }).click()
      await expect.poll(() => sam.page.getByRole('slider').inputValue(), patience).toBe('61')
      await sam.page.getByRole('link', { name: 'Flags', exact: true }).first().click()
      const table = sam.page.getByRole('table', { name: 'Flags' })
      await expect.poll(() => table.getAttribute('aria-rowcount'), patience).toBe(String(raceFlags.length + 210 + 1))
      await database.query(`update feature_gates set value = '8' where feature_key like 'many_%'`)
      await sam.page
        .getByRole('row', { name: /many_1 / })
        .getByText('8 % of actors')
        .waitFor(patience)
      expect(await sam.messages.getByRole('listitem').count()).toBe(0)
      await database.query(`delete from feature_gates where feature_key like 'many_%'`)
      await database.query(`delete from features where key like 'many_%'`)
      // What is shown keeps its place under the pointer until it is asked to move.
      await sam.page.getByText('210 rows changed since this was sorted.').waitFor(patience)
      await sam.page.locator('.notice', { hasText: 'since this was sorted' }).getByRole('button').click()
      await expect.poll(() => table.getAttribute('aria-rowcount'), patience).toBe(String(raceFlags.length + 1))
      expect(sam.complaints.filter((text) => !text.includes('412'))).toEqual([])
    })

    it.runIf(isFull)(
      'a token that is revoked under an open page: the page asks for a sign-in, and makes the kept change once with another token',
      async () => {
        const { browser, instance, proxy, sam } = world
        const eve = await createToken(instance.tokens, { name: 'eve', scopes: ['admin'], expiresAt: null })
        const { page, complaints } = await openServed(browser, { reducedMotion: 'reduce' })
        await signIn(page, { url: proxy.url, token: eve.token })
        const person = new Person({ name: 'eve', page, complaints, url: proxy.url, token: eve.token })
        await person.open('dark_mode')
        await person.set('dark_mode', 44, 'kept')
        expect(await instance.tokens.revoke('eve')).toBe(true)
        const again = page.getByRole('dialog', { name: 'Sign in again' })
        await again.getByText('The change that you have begun is kept.').waitFor(patience)
        expect(await share('dark_mode')).toEqual([1])
        await again.getByLabel('Token', { exact: true }).fill(sam.token)
        await page.keyboard.press('Enter')
        await again.waitFor({ ...patience, state: 'detached' })
        // The confirmation was for the sign-in that has ended: the change is looked at once more.
        for (let made = false; !made; made = (await person.bar.count()) === 0) {
          await person.review()
          await person.confirm()
          await expect
            .poll(async () => (await person.bar.count()) === 0 || (await person.canConfirm()), patience)
            .toBe(true)
        }
        expect([
          await share('dark_mode'),
          (await world.made('dark_mode')).map(({ reason, author }) => [reason, author]),
        ]).toEqual([[44], [['kept', 'token:sam']]])
        await page.context().close()
      },
    )

    const isChange = ({ method, body }: { readonly method: string; readonly body: string }) =>
      method === 'POST' && body.includes('"confirm"')

    it('the same person twice: Enter and the button, again and again, send one change, and take it back once', async () => {
      const { proxy, sam } = world
      let sent = 0
      proxy.fate = (asked) => {
        if (!isChange(asked)) return 'pass'
        sent += 1
        return 'hold the request'
      }
      const often = async (button: string) => {
        for (let press = 0; press < 3; press += 1) await sam.page.keyboard.press('Control+Enter', { delay: 0 })
        await sam.page.evaluate(
          `{ const button = ${button}; for (let time = 0; time < 5; time += 1) { button.click(); button.form?.requestSubmit(button) } }`,
        )
      }
      await sam.open('dark_mode')
      await sam.set('dark_mode', 44, 'once')
      await sam.review()
      await often(`document.querySelector('dialog[open] button[type=submit]')`)
      await expect.poll(() => sent, patience).toBe(1)
      await sam.page.keyboard.press('Enter')
      proxy.release()
      const undo = sam.messages.getByRole('button', { name: 'Undo' })
      await undo.dblclick(patience)
      await sam.review()
      await often(`document.querySelector('dialog[open] button[type=submit]')`)
      await expect.poll(() => sent, patience).toBe(2)
      proxy.release()
      await expect.poll(() => share('dark_mode'), patience).toEqual([1])
      await sam.dialog.waitFor({ ...patience, state: 'detached' })
      expect(sent).toBe(2)
      expect(await reasons('dark_mode')).toEqual(['once', expect.stringContaining('undo of')])
    })

    it.runIf(isFull).each<[Fate, string]>([
      ['hold the request', 'is made once it arrives'],
      ['hold the answer', 'is found to be made'],
    ])(
      'a reload and Back between sending and the answer (%s): the change %s, once, and is not called done before',
      async (fate) => {
        const { proxy, sam } = world
        await sam.page.goto(`${proxy.url}/flags`)
        await sam.page.getByRole('link', { name: 'dark_mode' }).click()
        await sam.live()
        for (const way of ['reload', 'back'] as const) {
          const to = way === 'reload' ? 44 : 45
          await sam.set('dark_mode', to, way)
          await sam.review()
          const before = proxy.met
          proxy.fate = (asked) => (isChange(asked) && proxy.met === before ? fate : 'pass')
          await sam.confirm()
          await expect.poll(() => proxy.met, patience).toBe(before + 1)
          if (way === 'reload') await sam.page.reload()
          else await sam.page.goBack()
          // What is held is not known, however long it takes.
          if (way === 'back') expect(await sam.bar.textContent()).toContain('Sending')
          if (way === 'reload') await sam.bar.or(sam.messages.getByText('dark_mode:')).first().waitFor(patience)
          proxy.release()
          await sam.messages.getByText(`${to} % of actors`).waitFor(patience)
          expect([await sam.bar.count(), await share('dark_mode')]).toEqual([0, [to]])
          if (way === 'back') {
            await sam.page.goForward()
            await sam.page.getByRole('heading', { name: 'dark_mode', level: 1 }).waitFor(patience)
          }
          await sam.closeMessages()
        }
        expect(await reasons('dark_mode')).toEqual(['reload', 'back'])
      },
    )

    it.runIf(isFull)(
      'the network away while a change is sent, and back: the change is sent again and made once, and what others did meanwhile is there',
      async () => {
        const { instance, proxy, sam } = world
        const { met } = proxy
        await sam.open('dark_mode')
        await sam.set('dark_mode', 44, 'unplugged')
        await sam.review()
        proxy.fate = (asked) => (isChange(asked) ? 'lose the request' : 'pass')
        await sam.confirm()
        await expect.poll(() => proxy.met, patience).toBeGreaterThan(met)
        await sam.page.context().setOffline(true)
        await sam.page.getByRole('button', { name: /^Offline/ }).waitFor(patience)
        proxy.fate = () => 'pass'
        await sam.dialog.getByText('No answer came: the page asks whether it was made').waitFor(patience)
        await instance.feature.enablePercentageOfActors('fun_fonts', 33)
        await sam.page.context().setOffline(false)
        await sam.messages.getByText('dark_mode: on for 44 % of actors').waitFor(patience)
        await sam.live()
        expect([await share('dark_mode'), await reasons('dark_mode')]).toEqual([[44], ['unplugged']])
        await sam.page.getByRole('link', { name: 'Flags', exact: true }).first().click()
        await sam.page
          .getByRole('row', { name: /fun_fonts/ })
          .getByText('33 % of actors')
          .waitFor(patience)
      },
    )
  },
)
