// Two policies. The Content-Security-Policy, in the browser that keeps it: a text of a stranger does not run, and each attempt is reported. And
// the answers of a server that has a policy for changes, which none has yet: they are played.
import type { Page } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { patience, readReview, type World } from '../world.js'
import { alterPreview } from './played.js'
import { frozen, policyRefusal } from './states/change.js'
import { openPending, openReview } from './states/state.js'

const elsewhere = 'https://example.invalid/x.js'

/** Two parts forbid that a text becomes a script: of which one a browser tells is its own affair. */
const asScript = /^(?:require-trusted-types-for|script-src)/m

/** Ways in which a text becomes a script or leads elsewhere, and the part of the policy that forbids it. */
const ways: readonly (readonly [name: string, script: string, directive: RegExp])[] = [
  ['markup from a text', `document.body.innerHTML += '<img src=x onerror="ran = true">'`, asScript],
  ['markup of a document', `document.write('<script>ran = true</script>')`, asScript],
  ['a function from a text', `new Function('ran = true')()`, asScript],
  ['a timer with a text', `setTimeout('ran = true')`, asScript],
  ['the text of a script', `document.createElement('script').text = 'ran = true'`, asScript],
  ['the address of a script', `document.createElement('script').src = '${elsewhere}'`, asScript],
  [
    'an attribute that is a script',
    `document.body.setAttribute('onclick', 'ran = true'); document.body.click()`,
    asScript,
  ],
  ['an address that is a script', `location.href = 'javascript:ran = true'`, asScript],
  ['a policy for texts', `trustedTypes.createPolicy('mine', { createHTML: (text) => text })`, /^trusted-types$/m],
  [
    'a style',
    `document.head.append(Object.assign(document.createElement('style'), { textContent: 'p {}' }))`,
    /^style-src-elem$/m,
  ],
  ['a request', `fetch('${elsewhere}').catch(() => {})`, /^connect-src$/m],
  [
    'a frame',
    `document.body.append(Object.assign(document.createElement('iframe'), { src: '${elsewhere}' }))`,
    /^frame-src$/m,
  ],
  [
    'an address for all others',
    `document.head.append(Object.assign(document.createElement('base'), { href: '${elsewhere}' }))`,
    /^base-uri$/m,
  ],
]

export function testPolicy(world: () => World): void {
  describe('the policy of the page', () => {
    let page: Page
    let complaints: string[]
    beforeAll(async () => {
      const { served } = world()
      ;({ page, complaints } = await world().first())
      await page.goto(`${served.url}/flags`)
      await page.getByRole('link', { name: 'dark_mode' }).waitFor(patience)
      await page.evaluate(`
        window.reported = []
        addEventListener('securitypolicyviolation', (event) => window.reported.push(event.effectiveDirective))
      `)
    })

    it.each(ways)('lets no text of a stranger act as %s, and reports it', async (_, script, directive) => {
      complaints.length = 0
      // In a task of its own, as a script of the page: what a debugger runs itself may make scripts of texts.
      await page.evaluate(`window.reported.length = 0; setTimeout(() => { ${script} })`)
      const reported = async () => (await page.evaluate<readonly string[]>('window.reported')).join('\n')
      await expect.poll(reported, patience).toMatch(directive)
      // The tests of pages hear of it too.
      await expect.poll(() => complaints.length, patience).toBeGreaterThan(0)
      expect(await page.evaluate(`'ran' in window`)).toBe(false)
    })
  })

  describe('a policy for changes', () => {
    const changes = '**/api/v4/features/dark_mode/changes'
    let page: Page
    const share = () =>
      world()
        .served.feature.get('dark_mode')
        .gates.find(({ key }) => key === 'percentage_of_actors')?.value
    const bar = () => page.getByRole('region', { name: 'Pending change', includeHidden: true })
    const dialog = () => page.getByRole('dialog')
    const confirm = () => dialog().locator('button[type=submit]')
    afterEach(async () => {
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    })

    /** Answers a change that is sent, and leaves previews to the server. */
    async function answer(given: object): Promise<unknown[]> {
      const sent: unknown[] = []
      await page.route(changes, async (route) => {
        const body: { readonly dry_run?: boolean } = route.request().postDataJSON()
        if (body.dry_run === true) return await route.continue()
        sent.push(body)
        await route.fulfill(given)
      })
      return sent
    }

    async function send(): Promise<void> {
      await readReview(dialog())
      await confirm().click(patience)
    }

    it('that refuses a change says so with each rule before it is confirmed, and nothing can be sent', async () => {
      const { served } = world()
      ;({ page } = await world().first())
      await alterPreview(page, policyRefusal)
      await openReview(page, served)
      for (const { text } of policyRefusal.reasons) await dialog().getByText(text).waitFor(patience)
      await dialog().getByText('The policy refuses it').waitFor(patience)
      expect(await confirm().getAttribute('aria-disabled')).toBe('true')
      const before = share()
      await page.keyboard.press('Control+Enter')
      expect([await bar().getByText('Not yet made').count(), share()]).toEqual([1, before])
    })

    it('that refuses a change as it is sent is quoted, and the change is kept for another try, which is made once', async () => {
      const { served } = world()
      ;({ page } = await world().first())
      const sent = await answer({ status: 422, json: { code: 'policy_refused', message: frozen } })
      await openReview(page, served)
      const before = share()
      await send()
      await dialog().getByRole('alert').getByText(frozen).waitFor(patience)
      expect([sent.length, share()]).toEqual([1, before])
      await page.keyboard.press('Escape')
      await bar().getByText(`Not made: ${frozen}`).waitFor(patience)
      await page.unroute(changes)
      await page.keyboard.press('Control+Enter')
      await dialog().getByRole('table').waitFor(patience)
      await send()
      await expect.poll(share, patience).toBe(50)
      await served.feature.enablePercentageOfActors('dark_mode', 25)
    })

    it('that asks for a second person leaves a change that waits, is not called done, and is not sent again', async () => {
      const { served } = world()
      ;({ page } = await world().first())
      const proposal = { id: 'p-1', expires_at: '2026-11-30T07:00:00.000Z' }
      const sent = await answer({ status: 202, json: { proposal } })
      await openPending(page, served)
      const before = share()
      await page.getByRole('button', { name: /^Review and set 50 %/ }).click()
      await send()
      await bar().getByText('Waiting for a second person').waitFor(patience)
      await bar().getByText('It is made when another person approves it, until 2026-11-30 07:00').waitFor(patience)
      expect(await page.getByRole('region', { name: 'Messages' }).getByText('dark_mode').count()).toBe(0)
      await page.reload()
      await page.getByRole('heading', { name: 'Who has it' }).waitFor(patience)
      expect([sent.length, share(), await bar().count()]).toEqual([1, before, 0])
    })
  })
}
