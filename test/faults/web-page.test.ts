// A page is open while the server or the database under it dies (kill -9) and comes back: the page says so, goes on by itself, and of a change
// that was under way it says what became of it, never more. Each change is made once.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { builtPage } from '../support/built-page.js'
import { hasChromium, inChromium, startChromium } from '../support/chromium.js'
import { seededRandom } from '../support/random.js'
import { type AlternatingProxy, startAlternatingProxy } from '../web/alternating-proxy.js'
import { Person } from '../web/person.js'
import { openServed, signIn } from '../web/served-page.js'
import { patience } from '../web/world.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { makeToken } from './rest-client.js'
import { Serving } from './serving.js'
import { hangMs, isFull, size } from './size.js'

const kills = size(1, 100)

describe.skipIf(!hasChromium)(`a page whose server or database dies ${inChromium}`, { timeout: hangMs }, () => {
  let database: DatabaseMachine
  let server: Serving
  let proxy: AlternatingProxy
  let browser: Browser
  let person: Person
  let share = 1

  beforeAll(async () => {
    ;[database, browser] = await Promise.all([DatabaseMachine.start(), startChromium()])
    server = await Serving.start({
      env: { DATABASE_URL: database.url() },
      config: { diskFile: false },
      page: builtPage(),
      files: { 'config/feature_flags/ops/calm.yml': '---\nname: calm\ntype: ops\ndefault_enabled: false\n' },
    })
    proxy = await startAlternatingProxy([server.port])
    const token = await makeToken(database.url())
    const { page, complaints } = await openServed(browser, { reducedMotion: 'reduce' })
    await signIn(page, { url: proxy.url, token })
    person = new Person({ name: 'faults', page, complaints, url: proxy.url, token })
  }, hangMs)
  beforeEach(async () => {
    proxy.fate = () => 'pass'
    await person.clear()
    await person.open('calm')
  })
  afterAll(async () => {
    await browser?.close()
    await proxy?.close()
    await server?.kill()
    await database?.stop()
  })

  const nextShare = () => {
    share = (share % 90) + 1
    return share
  }
  const stored = () =>
    database.query(`select value from feature_gates where feature_key = 'calm' and key = 'percentage_of_actors'`)
  const timesMade = async (reason: string) =>
    (await database.query('select distinct change_id from feature_history where reason = $1', [reason])).length
  const isChange = ({ method, body }: { readonly method: string; readonly body: string }) =>
    method === 'POST' && body.includes('"confirm"')
  /** The change is called done now. */
  const saidDone = (to: number) => person.messages.getByText(`calm: on for ${to} % of actors`)

  /** Kills the server, and with it all that is under way. */
  async function killServer(): Promise<void> {
    await server.kill()
    proxy.cut()
  }

  it('tells when the server is gone, goes on by itself when it is back, and shows what was changed meanwhile', async () => {
    await killServer()
    await person.page.getByRole('button', { name: /^Reconnecting/ }).waitFor(patience)
    const to = nextShare()
    await database.query(
      `insert into features (key, created_at, updated_at) values ('calm', now(), now()) on conflict do nothing`,
    )
    await database.query(
      `insert into feature_gates (feature_key, key, value, created_at, updated_at)
       values ('calm', 'percentage_of_actors', $1, now(), now())`,
      [String(to)],
    )
    await server.restart()
    const back = performance.now()
    await person.live()
    await expect.poll(() => person.page.getByRole('slider').inputValue(), patience).toBe(String(to))
    atMost('serve killed under a page', 'until the page is live again', 15_000, performance.now() - back, ' ms')
  })

  it('keeps a change that is looked at while the server dies, and makes it once when it is confirmed after that', async () => {
    const to = nextShare()
    await person.set('calm', to, 'looked at')
    await person.review()
    await killServer()
    await person.page.getByRole('button', { name: /^Reconnecting/ }).waitFor(patience)
    await server.restart()
    await person.live()
    await person.review()
    await person.confirm()
    await saidDone(to).waitFor(patience)
    expect([await timesMade('looked at'), await stored()]).toEqual([1, [{ value: String(to) }]])
  })

  it.each([
    ['before the server has it', 'hold the request'],
    ['after the server has made it', 'hold the answer'],
  ] as const)(
    'checks a change whose server dies between sending and the answer, %s, and makes it once: %s',
    async (when, fate) => {
      const to = nextShare()
      await person.set('calm', to, when)
      await person.review()
      const before = proxy.met
      proxy.fate = (asked) => (isChange(asked) && proxy.met === before ? fate : 'pass')
      await person.confirm()
      await expect.poll(() => proxy.met, patience).toBe(before + 1)
      await killServer()
      await person.dialog.getByText('No answer came: the page asks whether it was made').waitFor(patience)
      expect([await saidDone(to).count(), await timesMade(when)]).toEqual([0, fate === 'hold the answer' ? 1 : 0])
      await server.restart()
      const back = performance.now()
      await saidDone(to).waitFor(patience)
      atMost(
        'serve killed between sending and the answer',
        'until the page knows',
        10_000,
        performance.now() - back,
        ' ms',
      )
      expect([await timesMade(when), await stored()]).toEqual([1, [{ value: String(to) }]])
    },
  )

  it('keeps a change that is looked at while the database dies: the review says why it cannot be made, and makes it once when that is back', async () => {
    const to = nextShare()
    await person.set('calm', to, 'looked at without a database')
    await person.review()
    await database.crash()
    await person.dialog
      .getByText('Nothing can be changed until the server and its database can be reached')
      .waitFor(patience)
    await person.confirm()
    expect(await person.canConfirm()).toBe(false)
    await database.restart()
    await person.review()
    await person.confirm()
    await saidDone(to).waitFor(patience)
    expect([await timesMade('looked at without a database'), await stored()]).toEqual([1, [{ value: String(to) }]])
  })

  it(`says what became of each of ${kills} changes under which the database dies, and never "done" or "not made" of what is otherwise`, async () => {
    const fault = 'Postgres killed between sending and the answer'
    const random = seededRandom()
    const found = { done: 0, refused: 0 }
    let [told, longestMs] = [0, 0]
    for (let kill = 0; kill < kills; kill += 1) {
      const to = nextShare()
      const reason = `kill ${kill}`
      await person.set('calm', to, reason)
      await person.review()
      const sent = person.page.waitForRequest((request) =>
        isChange({ method: request.method(), body: request.postData() ?? '' }),
      )
      await person.confirm()
      await sent
      await sleep(random.next() * 40)
      await database.crash()
      const wasSaid = (await saidDone(to).count()) > 0
      await database.restart()
      const back = performance.now()
      if (wasSaid) expect(await timesMade(reason), 'it was called done').toBe(1)
      const refusal = person.dialog.getByRole('alert')
      const known = async () => {
        await saidDone(to).or(refusal).first().waitFor(patience)
        return (await saidDone(to).count()) > 0
      }
      const isDone = await known()
      longestMs = Math.max(longestMs, performance.now() - back)
      found[isDone ? 'done' : 'refused'] += 1
      // Refused, because there was no database: a person tries until there is one.
      while (!(await known())) {
        expect(await timesMade(reason), `it was refused: ${await refusal.textContent()}`).toBe(0)
        // By keys: the focus stays in the dialog when the button goes.
        // Once more, as it may be pressed in the moment in which the page has closed the alert itself.
        const again = refusal.getByRole('button', { name: 'Try again' })
        await again.press('Enter', { timeout: 5_000 }).catch(() => undefined)
        await refusal.waitFor({ ...patience, state: 'detached' })
        await person.review()
        await person.confirm()
      }
      expect([await timesMade(reason), await stored()]).toEqual([1, [{ value: String(to) }]])
      told += 1
      await person.closeMessages()
      await person.live()
      await person.sees(to)
    }
    allOf(
      fault,
      `changes made once, and said so (${found.done} at once, ${found.refused} after a refusal)`,
      told,
      kills,
    )
    atMost(fault, 'until the page knows, after it is back', 10_000, longestMs, ' ms')
  })

  it.runIf(isFull)(
    'says that nothing can be changed while the database is away, keeps what is pending, and makes it when it is back',
    async () => {
      const to = nextShare()
      await person.set('calm', to, 'away')
      await database.crash()
      await person.bar
        .getByText('Nothing can be changed until the server and its database can be reached')
        .waitFor(patience)
      await database.restart()
      await person.bar.getByText('Nothing can be changed').waitFor({ ...patience, state: 'detached' })
      await person.review()
      await person.confirm()
      await saidDone(to).waitFor(patience)
      expect([await timesMade('away'), await stored()]).toEqual([1, [{ value: String(to) }]])
    },
  )

  it.runIf(isFull)('has each change, although a proxy cuts its stream again and again', async () => {
    for (let cut = 0; cut < size(3, 30); cut += 1) {
      const to = nextShare()
      proxy.cut()
      await database.query(
        `update feature_gates set value = $1 where feature_key = 'calm' and key = 'percentage_of_actors'`,
        [String(to)],
      )
      await expect.poll(() => person.page.getByRole('slider').inputValue(), patience).toBe(String(to))
      await person.live()
    }
  })
})
