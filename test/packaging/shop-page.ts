// The page of examples/shop in Chromium, served by the shop as it is built from the packed package.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser } from 'playwright-core'
import { openPage } from '../support/chromium.js'

export interface Visit {
  /** The text of the page as a person reads it, line by line. */
  readonly text: readonly string[]
  readonly features: unknown
  readonly complaints: readonly string[]
}

export interface ShopServer {
  readonly address: string
  /** What it has printed since it listens: a line for each report of a policy. */
  readonly printed: readonly string[]
  stop(): Promise<void>
}

/** Throws where it does not listen. */
export async function serveShop(shop: string): Promise<ShopServer> {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(process.execPath, [join(import.meta.dirname, 'shop-driver.js')], {
    cwd: shop,
    env: { PATH, HOME, TMPDIR, FEATURE_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const printed: string[] = []
  const lines = createInterface({ input: child.stdout })
  const address = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the shop ended with ${code}`)))
  })
  lines.on('line', (line) => printed.push(line))
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { address, printed, stop }
}

/** Opens the page of a store as a customer, with or without JavaScript. */
export async function visit(
  browser: Browser,
  address: string,
  { customer, store, script }: { customer: string; store: string; script: boolean },
): Promise<Visit> {
  const { page, complaints } = await openPage(browser, {
    extraHTTPHeaders: { 'x-customer-id': customer },
    javaScriptEnabled: script,
  })
  await page.goto(`${address}/stores/${store}`, { waitUntil: 'load' })
  // React draws in a task of its own.
  if (script) await page.waitForSelector('#checkout button')
  const text = (await page.locator('body').innerText()).split('\n').filter((line) => line.trim() !== '')
  const features: unknown = script ? await page.evaluate('gon.features') : null
  await page.context().close()
  return { text, features, complaints }
}
