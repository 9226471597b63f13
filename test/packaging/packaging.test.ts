// The package as it is published: packed, installed and used. `npm test` runs the rows that need no network; `npm run test:packaging`
// runs all of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commitFiles, initRepository } from '../support/git.js'
import { fencedBlocks } from '../support/markdown.js'
import { installOffline, lostSources, makeProject, packTarball, remove, repository, run, runWell } from './package.js'
import { hasChromium, inChromium, startChromium } from '../support/chromium.js'
import { serveShop, visit } from './shop-page.js'
import { ciFiles, commandsBeforeCommit, installShop, readShop, scriptsOfCi } from './shop.js'
import { moduleProgram, requireProgram, typedProgram } from './programs.js'

const options = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2023', types: ['node'] }

/** A guard against hanging: it compiles, packs and installs. */
const packMs = 180_000

describe('the packed package', () => {
  let folder: string
  let tarball: string

  beforeAll(() => {
    tarball = packTarball()
    folder = makeProject({
      'main.mjs': moduleProgram,
      'main.cjs': requireProgram,
      'typed.mts': typedProgram,
      'typed.cts': typedProgram,
      'tsconfig.json': JSON.stringify({ compilerOptions: { ...options, module: 'node16' } }),
    })
    installOffline(tarball, folder)
  }, packMs)
  afterAll(() => {
    remove(folder)
    remove(dirname(tarball))
  })

  it.each(['main.mjs', 'main.cjs'])('runs as %s, and writes nothing else', (file) => {
    expect(run(folder, [process.execPath, file])).toEqual({ code: 0, output: 'works\n' })
  })

  it('compiles in an ES module and in CommonJS, with its declarations checked', () => {
    runWell(folder, [process.execPath, join(repository, 'node_modules/typescript/bin/tsc'), '-p', '.'])
  })

  it('has the page for the browser, with what it loads', async () => {
    const { readBuiltPage } = await import('../../lib/server/web/built-files.js')
    const page = await readBuiltPage(join(folder, 'node_modules/sluice/dist/web'))
    expect(Object.keys(page?.index.bodies ?? {})).toEqual(['identity', 'br', 'gzip'])
    const named = [...String(page?.index.bodies.identity).matchAll(/\/assets\/([\w.-]+)/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(1)
    expect(named.filter((name) => page?.assets.has(name) !== true)).toEqual([])
  })

  it('has every source that its source maps name', () => {
    expect(lostSources(join(folder, 'node_modules', 'sluice'))).toEqual([])
  })

  describe('in examples/shop', () => {
    let shop: string
    let base: string

    /** Commands as a CI server runs them: the first that fails ends the script. What is installed already is not installed again. */
    const script = (text: string, env: NodeJS.ProcessEnv = {}) =>
      run(shop, ['sh', '-ec', `npm() { :; }; npx() { node_modules/.bin/"$@"; }\n${text}`], env)
    const inShop = (path: string) => readFileSync(join(shop, path), 'utf8')
    const flag = 'config/feature_flags/wip/gift_cards.yml'

    beforeAll(() => {
      shop = installShop(tarball)
      base = initRepository(shop, {})
      const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(inShop('package.json'))
      const PATH = `${join(shop, 'node_modules/.bin')}:${process.env['PATH']}`
      runWell(shop, ['sh', '-ec', scripts['build'] ?? 'false'], { PATH })
    }, packMs)
    afterAll(() => remove(shop))

    it('compiles with the committed types, and its own tests pass, which saw each flag on and off', () => {
      const commands = [
        'npx feature-flag types --check',
        'node --test dist/test/*.test.js',
        'npx feature-flag usage --tests flags.ndjson',
      ]
      const { code, output } = script(commands.join('\n'), { FEATURE_TEST_REPORT: 'flags.ndjson' })
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('# pass 14') })
      expect(output).toContain('5 definitions, 0 errors, 0 warnings')
    })

    it.skipIf(!hasChromium)(
      `shows a page with the flags that it pushed, under a strict policy, ${inChromium}`,
      async () => {
        const server = await serveShop(shop)
        const browser = await startChromium()
        try {
          const ask = (customer: string, store: string, withScript = true) =>
            visit(browser, server.address, { customer, store, script: withScript })
          expect(await ask('7', 'Paris')).toEqual({
            text: ['Paris', 'Delivery: Within two hours', 'checkout', 'Pay on one page'],
            features: { onePageCheckout: true, expressDelivery: true, readOnlyMode: false },
            complaints: [],
          })
          expect(await ask('8', 'Rome')).toEqual({
            text: ['Rome', 'Delivery: Tomorrow', 'address', 'delivery', 'payment', 'summary', 'Pay in four steps'],
            features: { onePageCheckout: false, expressDelivery: false, readOnlyMode: false },
            complaints: [],
          })
          // The weights give this customer the variant.
          expect((await ask('6', 'Rome')).text).toContain('Wrap it in paper')
          expect((await ask('6', 'Rome', false)).text).toContain('Gifts are wrapped in paper.')
          expect(await ask('7', 'Paris', false)).toEqual({
            text: ['Paris', 'Delivery: within two hours', 'checkout', 'Pay'],
            features: null,
            complaints: [],
          })
          expect(server.printed).toEqual([])
        } finally {
          await browser.close()
          await server.stop()
        }
      },
    )

    it('knows the flag of ee/, and leaves it out with FOSS_ONLY=1', () => {
      const list = 'npx feature-flag list --format markdown'
      expect(script(list).output).toContain('| `loyalty_points` (ee) | beta | off |')
      expect(script(list, { FOSS_ONLY: '1' }).output).not.toContain('loyalty_points')
    })

    it('does not compile where a check names another type, or where a check, a stub, a push or a page has another kind of actor or an unknown flag', () => {
      const wrong = `import { Feature } from 'sluice'
import { glFeatures } from 'sluice/browser'
import { pushFrontendFeatureFlag } from 'sluice/frontend'
import { stubFeatureFlags } from 'sluice/testing'
import { Customer, Store } from './actors.js'
export const answers = [
  Feature.enabled('read_only_mode'),
  Feature.enabled('one_page_checkout', new Store('rome'), { type: 'beta' }),
]
stubFeatureFlags({ one_page_checkout: [new Customer(7)], express_delivery: new Store('rome'), read_only_mode: true })
stubFeatureFlags({ express_delivery: new Customer(7) })
stubFeatureFlags({ express_deliver: true })
stubFeatureFlags({ express_delivery: Promise.resolve(new Store('rome')) })
pushFrontendFeatureFlag('express_deliver', new Store('rome'))
pushFrontendFeatureFlag('express_delivery', new Customer(7))
export const shown = glFeatures.expressDeliver
`
      commitFiles(shop, { 'src/wrong.ts': wrong })
      // The build of the shop has checked the declarations of packages, which takes longer than all the rest.
      const { code, output } = script('npx tsc --noEmit --pretty false --skipLibCheck')
      commitFiles(shop, { 'src/wrong.ts': null })
      expect(code).not.toBe(0)
      expect(output.match(/^src\/wrong\.ts\(\d+/gm)).toEqual(
        [7, 8, 11, 12, 13, 14, 15, 16].map((line) => `src/wrong.ts(${line}`),
      )
    })

    it('passes every command of its CI files with a new flag that is asked', () => {
      const create = `npx feature-flag gift_cards -t wip -g group::checkout -m '' --description 'Customers buy gift cards.' --actor Customer`
      expect(script(`${create} && npx feature-flag types`)).toMatchObject({ code: 0 })
      const code = `import { Feature } from 'sluice'
import type { Customer } from './actors.js'

export const sellsGiftCards = (customer: Customer): boolean => Feature.enabled('gift_cards', customer, { type: 'wip' })
`
      commitFiles(shop, { 'src/gift-cards.ts': code })
      const env = { CI_MERGE_REQUEST_DIFF_BASE_SHA: base, BASE: base, GITHUB_STEP_SUMMARY: 'summary.md' }
      for (const text of scriptsOfCi()) expect({ text, ...script(text, env) }).toMatchObject({ text, code: 0 })
      const staged = [flag, 'src/gift-cards.ts']
      expect(script(commandsBeforeCommit(staged).join('\n'))).toEqual({ code: 0, output: '' })
      expect(inShop('feature-flags.xml')).toContain('failures="0"')
      expect(JSON.parse(inShop('gl-code-quality-report.json'))).toEqual([])
      expect(inShop('feature-flags.md')).toContain('| `gift_cards` | wip | off |')
      expect(inShop('summary.md')).toContain('| `gift_cards` | added |')
      expect(inShop('summary.md')).toContain('/label ~"feature flag"')
    })

    it('has the files that docs/ci.md shows', () => {
      const blocks = fencedBlocks(readFileSync(join(repository, 'docs/ci.md'), 'utf8'))
      const [lintStaged, ...others] = [...blocks].reverse().map(({ text }) => text)
      expect(others.reverse()).toEqual(ciFiles.map(readShop))
      const shown: object = JSON.parse(lintStaged ?? '')
      expect(JSON.parse(readShop('package.json'))).toMatchObject(shown)
    })
  })
})
