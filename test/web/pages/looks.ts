// How pages look and sound, in every state. In each theme and at each width axe-core finds no fault with any of its rules, and no page can
// be scrolled sideways; pages keep to that in the colours of the system and with letters twice as large, and move nothing where a person
// asked for that. What a screen reader has of a state is compared with recorded/states.txt.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Theme, themes } from '../contrast.js'
import { faultsOfPage, type ServedPage, servePage } from '../served-page.js'
import { leaveNothing, patience, pressAway, visit, type World } from '../world.js'
import { openPlayed } from './played.js'
import { followRequests } from './settled.js'
import { main, type State } from './states/state.js'
import { states } from './states/states.js'

interface Look {
  readonly colorScheme: Theme
  readonly width: number
}

const isWhole = process.env['SLUICE_WEB_LOOKS'] === 'all'
/** What the browser complains of where an answer fails: of that, and of what the page had asked for beside it and has no use for now. */
const ofFailure = /Failed to load resource|ERR_|was preloaded using link preload but not used/
/** Where pictures of all states in all looks are written to, for a person to look at. */
const pictures = process.env['SLUICE_WEB_PICTURES']
const widths = [1280, 390, 320]
const usual: Look = { colorScheme: 'light', width: 1280 }

// A theme is taken on once for all widths: to draw the page in other colours costs more than to draw it narrower.
const looks = themes.flatMap((colorScheme) => widths.map((width) => ({ colorScheme, width })))
/** By eye at two widths more. */
const pictured: readonly Look[] = themes.flatMap((colorScheme) =>
  [1280, 768, 390, 360, 320].map((width) => ({ colorScheme, width })),
)

async function take(page: Page, { colorScheme, width }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.setViewportSize({ width, height: 860 })
}

async function picture(page: Page, name: string): Promise<void> {
  for (const look of pictures === undefined ? [] : pictured) {
    await take(page, look)
    const file = `${name.replaceAll(/[ ,]+/g, '-')}-${look.colorScheme}-${look.width}.png`
    await page.screenshot({ path: join(pictures ?? '', file), animations: 'disabled' })
  }
}

/** Each fault, with the look in which it is one. */
async function faultsIn(page: Page, looked: readonly Look[]): Promise<readonly string[]> {
  const faults: string[] = []
  for (const look of looked) {
    await take(page, look)
    faults.push(
      ...(await faultsOfPage(page, look.colorScheme)).map((fault) => `${look.colorScheme}, ${look.width} px: ${fault}`),
    )
  }
  return faults
}

/** What a person meets who has told their system how they see. */
async function faultsOfSettings(page: Page): Promise<readonly string[]> {
  await take(page, usual)
  await page.emulateMedia({ forcedColors: 'active' })
  const faults = (await page.evaluate<string[]>(withoutEdge)).map((one) => `in the colours of the system: ${one}`)
  faults.push(...(await faultsOfPage(page, null)).map((fault) => `in the colours of the system: ${fault}`))
  await page.emulateMedia({ forcedColors: 'none' })
  faults.push(...(await page.evaluate<string[]>(moving)).map((one) => `with less motion: ${one}`))
  await page.evaluate(`document.documentElement.style.fontSize = '200%'`)
  faults.push(...(await page.evaluate<string[]>(cutText)).map((one) => `with letters twice as large: ${one}`))
  await page.evaluate(`document.documentElement.style.fontSize = ''`)
  return faults
}

/** Parts that are told from what is around them by an edge, and have none: colours of surfaces are gone. */
const withoutEdge = `[...document.querySelectorAll('.button, .input, .card, .chip, .badge, .notice, dialog[open]')]
  .filter((part) => part.checkVisibility())
  .filter((part) => {
    const { borderTopColor, borderTopStyle, borderTopWidth } = getComputedStyle(part)
    return borderTopStyle === 'none' || borderTopWidth === '0px' || /^rgba\\(.*, 0\\)$/.test(borderTopColor)
  })
  .map((part) => 'no edge around ' + part.outerHTML.slice(0, 120))`

const moving = `[...document.querySelectorAll('*')].flatMap((part) => ['', '::before', '::after'].flatMap((piece) => {
  const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(part, piece)
  const is = animationName !== 'none' || /[1-9]/.test(transitionDuration) || scrollBehavior === 'smooth'
  return is ? [part.tagName + '.' + part.className + piece + ' moves'] : []
}))`

/** Text that does not fit where it stands and is not told in any other way, and a page that can be scrolled sideways. */
const cutText = `[
  ...[...document.querySelectorAll('body *')]
    .filter((part) => part.checkVisibility() && part.clientWidth > 1 && part.scrollWidth > part.clientWidth + 1)
    .filter((part) => ['hidden', 'clip'].includes(getComputedStyle(part).overflowX) && part.closest('.visually-hidden') === null)
    .filter((part) => part.closest('[title]') === null && part.querySelector('[title]') === null)
    .map((part) => 'cut: ' + part.outerHTML.slice(0, 120)),
  ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['it can be scrolled sideways'] : []),
]`

/** What a screen reader has of the state: roles, names, values and texts; times and places that differ each time are left out. */
async function heardIn(page: Page, { isPage, heard, name }: State): Promise<string> {
  const part = heard ?? (isPage === true ? main : null)
  if (part === null) return ''
  const text = await page.locator(part).first().ariaSnapshot()
  const lasting = text
    .replace(/\b\d+ (?:s|min|h|d) ago\b|\bjust now\b/g, 'AGO')
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d\d:\d\d(?::\d\d)?\b/g, 'TIME')
    .replace(/\b\d{1,2} [A-Z][a-z]{2,3} \d{4}, TIME/g, 'TIME')
    .replace(/\b\w+day,? \d+ \w+ \d{4}\b/g, 'DAY')
    .replace(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, 'ID')
    .replace(/\b\d+-[\da-f]{6,}(?:-[\da-f]+)?\b/g, 'POSITION')
    .replace(/127\.0\.0\.1:\d+/g, 'HOST')
  return `# ${name}\n${lasting}\n`
}

export function testLooks(world: () => World): void {
  describe('a state of a page', () => {
    let served: ServedPage
    let page: Page
    let complaints: string[]
    let settled: () => Promise<void>
    let cookies: Awaited<ReturnType<ReturnType<Page['context']>['cookies']>>
    const heard = new Map<string, string>()
    /** Whether the page as it stands can go on to the next state without being loaded. */
    let goesOn = false

    // Of its own, so that what other tests have changed is not heard.
    beforeAll(async () => {
      served = await servePage()
      ;({ page, complaints } = await openPlayed(world(), served))
      settled = followRequests(page)
      cookies = await page.context().cookies()
    }, 120_000)
    afterAll(async () => {
      await page?.context().close()
      await served?.close()
    })

    async function clear(isAlone: boolean): Promise<void> {
      const isKept = goesOn && !isAlone
      await page.context().setOffline(false)
      if (!isKept) {
        // Before answers are the server's again, or what is sent once more would be made.
        await leaveNothing(page, served)
        await page.context().clearCookies()
        await page.context().addCookies(cookies)
      }
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      if (isKept) {
        await page.keyboard.press('Escape')
        await pressAway(page.locator('.bar').getByRole('button', { name: /^(?:Discard|Discard mine|Close)$/ }))
        await visit(page, served, '/explain')
        await page.getByText('Name an actor, a flag, or both.').waitFor(patience)
      }
      await take(page, usual)
      complaints.length = 0
    }

    it.each(states.map((state, index) => ({ ...state, index })))(
      'has no fault that axe-core finds, and cannot be scrolled sideways: $name',
      async ({ index, ...state }) => {
        const { isAlone = false, isFailing = false, isPage = false, name, open } = state
        await clear(isAlone)
        goesOn = false
        await open(page, served)
        // What no state waits for, as the names of actors, is there too.
        await settled()
        heard.set(name, await heardIn(page, state))
        await picture(page, name)
        const looked = isPage || isWhole ? looks : looks.filter((_, place) => place === index % looks.length)
        const faults = [...(await faultsIn(page, looked)), ...(isPage ? await faultsOfSettings(page) : [])]
        expect(faults).toEqual([])
        expect(isFailing ? complaints.filter((text) => !ofFailure.test(text)) : complaints).toEqual([])
        goesOn = !isAlone
      },
    )

    it('sounds as it is recorded (where it is meant to change: --update)', async () => {
      expect([...heard.keys()]).toEqual(states.map(({ name }) => name))
      await expect([...heard.values()].filter((text) => text !== '').join('\n')).toMatchFileSnapshot(
        '../recorded/states.txt',
      )
    })
  })
}
