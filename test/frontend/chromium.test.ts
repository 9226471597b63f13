// Pushed flags in a real browser, under a strict Content-Security-Policy that reports: the script of a server, and the helper as a plain
// module, without any bundler. That the page of examples/shop works there, with Vue and React, is in test/packaging.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { gonScript } from '../../lib/text/gon-script.js'
import { hasChromium, inChromium, openPage, startChromium } from '../support/chromium.js'
import { compiled } from '../support/compiled.js'

const nonce = 'bm9uY2Ugb2YgYSB0ZXN0'
const policy = `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; require-trusted-types-for 'script'; report-uri /reports`
const hostile = '</script><script>document.title="taken"</script><!-- \u2028 " \' &lt;'
const content = {
  features: { darkMode: true, banner: false, toString: true },
  experiment: { [hostile]: { experiment: hostile, variant: hostile, key: null, excluded: false } },
  strict: true,
}
const code = `import { getExperimentVariant, glFeatures } from '/helper.js'
document.body.textContent = [glFeatures.darkMode, glFeatures.banner, glFeatures.toString, glFeatures.notPushed, getExperimentVariant(${JSON.stringify(hostile).replaceAll('<', '\\u003c')})].join(' ')`

let server: Server
let browser: Browser
let address: string
/** The script element of the next page, and what browsers have reported. */
let element = ''
const reports: string[] = []

describe.skipIf(!hasChromium)(`a page with pushed flags, ${inChromium}`, () => {
  beforeAll(async () => {
    const dist = compiled({
      config: 'tsconfig.build.json',
      sources: ['lib'],
      arguments: ['--sourceMap', 'false'],
      writes: 'cli/main.js',
    })
    const helper = readFileSync(join(dist, 'frontend/browser.js'), 'utf8')
    server = createServer((request, response) => {
      if (request.url === '/reports') {
        request.setEncoding('utf8').on('data', (text: string) => reports.push(text))
        response.end()
      } else if (request.url === '/helper.js') response.setHeader('content-type', 'text/javascript').end(helper)
      else {
        response.setHeader('content-type', 'text/html; charset=utf-8')
        response.setHeader('content-security-policy', policy)
        response.end(
          `<!doctype html><title>A page</title>${element}<script type="module" nonce="${nonce}">${code}</script><body>drawn by the server</body>`,
        )
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })
  beforeEach(() => {
    reports.length = 0
  })

  async function open(script: boolean) {
    const { page, complaints } = await openPage(browser, { javaScriptEnabled: script })
    await page.goto(address)
    return { text: await page.locator('body').innerText(), title: await page.title(), complaints }
  }

  it('asks what was pushed, is not changed by hostile text, and is told once of a flag that was not pushed', async () => {
    element = gonScript(content, nonce)
    const { text, title, complaints } = await open(true)
    expect([title, text]).toEqual(['A page', `true false true false ${hostile}`])
    expect(complaints).toEqual(['The flag "notPushed" is off here: it was not pushed (pushFrontendFeatureFlag)'])
    expect(reports).toEqual([])
  })

  it('shows what the server has drawn where JavaScript is off', async () => {
    element = gonScript(content, nonce)
    expect(await open(false)).toEqual({ text: 'drawn by the server', title: 'A page', complaints: [] })
    expect(reports).toEqual([])
  })

  it('has no flags where the nonce is that of another answer, and the policy reports it', async () => {
    element = gonScript({ ...content, features: { darkMode: true } }, 'YW5vdGhlciBhbnN3ZXI=')
    const { text, complaints } = await open(true)
    expect(text).toBe('false false function toString() { [native code] } false control')
    expect(complaints.join()).toContain('Content Security Policy')
    await expect.poll(() => reports.join()).toContain('script-src')
  })
})
