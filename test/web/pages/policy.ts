// The Content-Security-Policy of the page, in the browser that keeps it: what a text of a stranger would need to run is refused, and the tests
// would hear of it.
import { describe, expect, it } from 'vitest'
import { patience, type World } from '../world.js'

/** Ways in which a text becomes a script, and what the browser says of each. */
const ways: readonly (readonly [string, string, RegExp])[] = [
  ['markup from a text', `document.createElement('p').innerHTML = '<img src=x onerror=alert(1)>'`, /TrustedHTML/],
  ['a function from a text', `new Function('window.ran = true')()`, /TrustedScript|unsafe-eval|Evaluating a string/],
  ['a timer with a text', `setTimeout('window.ran = true')`, /TrustedScript|unsafe-eval|Evaluating a string/],
  [
    'a script in the page',
    `{ const one = document.createElement('script'); one.append('window.ran = true'); document.body.append(one) }`,
    /TrustedScript|script-src/,
  ],
  [
    'a script of another place',
    `{ const one = document.createElement('script'); one.src = 'https://example.com/x.js'; document.body.append(one) }`,
    /TrustedScriptURL|script-src/,
  ],
  [
    'an attribute that is a script',
    `{ const one = document.createElement('button'); one.setAttribute('onclick', 'window.ran = true'); one.click() }`,
    /TrustedScript|script-src|inline event handler/,
  ],
  [
    'a policy of its own',
    `trustedTypes.createPolicy('mine', { createHTML: (text) => text })`,
    /trusted-types|Policy "mine"/,
  ],
  [
    'a style in the page',
    `{ const one = document.createElement('style'); one.append('p {}'); document.body.append(one) }`,
    /style-src/,
  ],
  ['a request to another place', `fetch('https://example.com/').catch(() => {})`, /connect-src/],
  [
    'a frame',
    `{ const one = document.createElement('iframe'); one.src = 'https://example.com/'; document.body.append(one) }`,
    /default-src|frame-src/,
  ],
  [
    'a form that leads elsewhere',
    `{ const one = document.createElement('form'); one.action = 'https://example.com/'; document.body.append(one); one.submit() }`,
    /form-action/,
  ],
]

export function testPolicy(world: () => World): void {
  describe('the policy of the page', () => {
    it('lets no text become a script, a style or a request to another place, and each attempt is heard of', async () => {
      const { served } = world()
      const { page, complaints } = await world().first()
      await page.goto(`${served.url}/flags`)
      await page.getByRole('link', { name: 'dark_mode' }).waitFor()
      for (const [what, script, said] of ways) {
        complaints.length = 0
        // As a script of the page that has a mistake: what it throws is told with the rest.
        await page.evaluate(
          `new Promise((resolve) => { try { ${script} } catch (error) { console.error(String(error)) } resolve() })`,
        )
        await expect.poll(() => complaints.join('\n'), { ...patience, message: what }).toMatch(said)
      }
      expect(await page.evaluate('window.ran === undefined')).toBe(true)
      await page.goto('about:blank')
      complaints.length = 0
    })
  })
}
