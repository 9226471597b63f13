// The page, served by a real server on a port of its own, in a real browser: for the tests of what a person sees and does.
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { FeatureFlags } from '../../lib/feature/feature.js'
import { createInstance } from '../../lib/instance/create.js'
import { silentLogger } from '../../lib/log.js'
import { buildApp } from '../../lib/server/app.js'
import { makeOneTimeLink } from '../../lib/server/sign-in/one-time-link.js'
import { readBuiltPage } from '../../lib/server/web/built-files.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { builtPage } from '../support/built-page.js'
import { openPage } from '../support/chromium.js'
import { makeFolder } from '../support/project.js'
import { isTextPair, type Theme } from './contrast.js'

export interface ServedPage {
  readonly url: string
  /** An admin's. */
  readonly token: string
  /** Of a person who may only look. */
  readonly readToken: string
  readonly feature: FeatureFlags
  /** An address that signs an admin in, once. */
  link(): Promise<string>
  close(): Promise<void>
}

const definitions: Readonly<Record<string, string>> = {
  'development/dark_mode':
    'description: Shows all pages in dark colours\ngroup: group::frontend\nmilestone: "0.1"\ndefault_enabled: false\n' +
    'rollout_issue_url: https://example.com/issues/1',
  'ops/ci_cache': 'group: group::pipeline authoring\nmilestone: "0.1"\ndefault_enabled: true',
  'beta/fun_fonts': 'group: group::apm\nmilestone: "0.1"\ndefault_enabled: false',
}

/** A started server with three flags, and `more` that are off by default; `dark_mode` is on for 25 % of actors and for three of them, and never for one. */
export async function servePage(more = 0): Promise<ServedPage> {
  const files = Object.entries(definitions).map(([path, text]) => {
    const [type, name] = path.split('/')
    return [`config/feature_flags/${path}.yml`, `---\nname: ${name}\ntype: ${type}\n${text}\n`]
  })
  for (let index = 0; index < more; index += 1) {
    const name = `flag_${String(index).padStart(4, '0')}`
    files.push([`config/feature_flags/wip/${name}.yml`, `---\nname: ${name}\ntype: wip\ndefault_enabled: false\n`])
  }
  const root = makeFolder(Object.fromEntries(files))
  const actors = {
    User: {
      sample: async () => ({ ids: Array.from({ length: 200 }, (_, id) => `User:${id}`) }),
      describe: async () => ({ 'User:7': { label: 'Sam' } }),
    },
    Project: { findByPath: (path: string) => (path === 'gitlab-org/gitlab' ? 278_964 : null) },
  }
  const instance = createInstance(
    {
      root,
      env: 'production',
      databaseUrl: 'memory',
      diskFile: false,
      logger: silentLogger,
      groups: { staff: () => true },
      actors,
    },
    { author: 'code:test', source: 'http', watch: false },
  )
  const { feature } = instance
  await feature.start()
  await feature.enablePercentageOfActors('dark_mode', 25)
  for (const flipperId of ['User:7', 'User:8', 'Project:42']) await feature.enable('dark_mode', { flipperId })
  await feature.optOut('dark_mode', { flipperId: 'User:9' })
  const { token } = await createToken(instance.tokens, { name: 'sam', scopes: ['admin'], expiresAt: null })
  const reader = await createToken(instance.tokens, { name: 'ada', scopes: ['read'], expiresAt: null })
  const app = await buildApp({ instance, logger: silentLogger, page: await readBuiltPage(builtPage()) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    token,
    readToken: reader.token,
    feature,
    link: async () => (await makeOneTimeLink(instance.signIns, url, { person: 'cli:ann', scopes: ['admin'] })).url,
    async close() {
      await app.close()
      await feature.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

export interface OpenedPage {
  readonly page: Page
  /** What the browser complained of: errors, and violations of the policy. */
  readonly complaints: string[]
}

/** A page in a context of its own, without a sign-in. Where no answer is played the browser keeps what it has loaded, as people's do. */
export async function openServed(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  return openPage(browser, { viewport: { width: 1280, height: 860 }, ...options })
}

/** Signs in as a person does, by the token. */
export async function signIn(
  page: Page,
  { url, token }: Pick<ServedPage, 'url' | 'token'>,
  path = '/flags',
): Promise<void> {
  await page.goto(`${url}${path}`)
  await page.getByLabel('Token', { exact: true }).fill(token)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${url}${path}`)
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
  }[]
  /**
   * Texts of which axe cannot tell what is behind them, each with its colour and the first one around it; none that has no colour, as that of a
   * calendar, which only fills the field beside it.
   */
  readonly unclear: readonly { readonly html: string; readonly colour: string; readonly behind: string }[]
}

/** Of what is in order nothing is told, which takes most of the time otherwise. */
const run = `window.axe?.run(document, { resultTypes: ['violations', 'incomplete'] }).then(({ violations, incomplete }) => ({
  violations,
  unclear: incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes.map(({ html, target }) => {
    const element = document.querySelector(target.at(-1))
    let around = element
    const colourOf = (part) => getComputedStyle(part).backgroundColor
    while (around.parentElement !== null && colourOf(around) === 'rgba(0, 0, 0, 0)') around = around.parentElement
    return { html, colour: getComputedStyle(element).color, behind: colourOf(around) }
  })).filter(({ colour }) => colour !== 'rgba(0, 0, 0, 0)'),
}))`

/**
 * What axe-core finds with all its rules, one text each; texts that it is not sure of and whose colours are no pair of the table, in a theme of
 * the page; and how far the page can be scrolled sideways.
 */
export async function faultsOfPage(page: Page, theme: Theme | null): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>("'axe' in window"))) {
    // Past the library of the browser, which takes three times as long for so long a text.
    const session = await page.context().newCDPSession(page)
    await session.send('Runtime.evaluate', { expression: `${axe}; 0` })
    await session.detach()
  }
  const found: unknown = await page.evaluate(run)
  const { violations, unclear } = found as AxeResult
  const sideways = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  const untold = theme === null ? [] : unclear.filter(({ colour, behind }) => !isTextPair(theme, colour, behind))
  return [
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    ),
    ...untold.map(({ html, colour, behind }) => `contrast: ${colour} on ${behind} is not in the table: ${html}`),
    ...(sideways > 0 ? [`it can be scrolled sideways by ${sideways} px`] : []),
  ]
}
