// What the page does in the browser every 30 s, on elements that only hold what the script uses of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { demoFlags } from '../../demo/flags.js'
import { type PageState, pageState, renderPage } from '../../demo/page.js'
import type { FlagSource } from '../../demo/source.js'

const script = readFileSync(join(import.meta.dirname, '../../demo/public/refresh.js'), 'utf8')
const now = new Date('2026-11-26T12:00:00Z')

class FakeElement {
  readonly dataset: Record<string, string> = {}
  readonly classes = new Set<string>()
  readonly classList = {
    toggle: (name: string, on: boolean) => (on ? this.classes.add(name) : this.classes.delete(name)),
  }
  readonly parts: Record<string, FakeElement> = {}
  hidden = true
  /** How often the text was written. */
  writes = 0
  #text = ''
  #clicked = () => {}

  get textContent(): string {
    return this.#text
  }

  set textContent(text: string) {
    this.#text = text
    this.writes += 1
  }

  querySelector(selector: string): FakeElement | null {
    return this.parts[selector] ?? null
  }

  setAttribute(name: string, value: string): void {
    this.dataset[name] = value
  }

  addEventListener(_: string, listener: () => void): void {
    this.#clicked = listener
  }

  click(): void {
    this.#clicked()
  }
}

const state = (on: readonly string[]): PageState => {
  const source: FlagSource = {
    name: 'a test',
    isEnabled: ({ name }) => on.includes(name),
    audiences: () => [{ kind: 'everybody' }],
    freshness: () => ({ asOf: now, state: 'current' }),
    async close() {},
  }
  return pageState(source, '7', now)
}

/** The page with all flags off and its script running; `pass` lets seconds go by. */
function open(stored: Record<string, string> = {}) {
  const ids = ['notice', 'banner', 'source', 'next', 'changed', 'pause', 'now', 'controls']
  const byId = Object.fromEntries(ids.map((id) => [id, new FakeElement()]))
  const body = new FakeElement()
  body.dataset['refreshSeconds'] = '30'
  const places: Record<string, FakeElement> = { 'footer time': new FakeElement() }
  for (const { name } of demoFlags) {
    const card = new FakeElement()
    card.dataset['on'] = 'false'
    card.parts['.word'] = new FakeElement()
    card.parts['.why'] = new FakeElement()
    places[`[data-flag="${name}"]`] = card
  }
  const asked: string[] = []
  let clock = 0
  let tick = () => {}
  let answer: () => PageState = () => state([])
  runInNewContext(script, {
    HTMLElement: FakeElement,
    Date: { now: () => clock },
    location: { search: '?user=7' },
    sessionStorage: {
      getItem: (key: string) => stored[key] ?? null,
      setItem: (key: string, value: string) => {
        stored[key] = value
      },
    },
    setInterval: (each: () => void) => {
      tick = each
    },
    fetch: async (url: string) => {
      asked.push(url)
      return { ok: true, json: async () => answer() }
    },
    document: {
      body,
      getElementById: (id: string) => byId[id] ?? null,
      querySelector: (selector: string) => places[selector] ?? null,
    },
  })
  const text = (id: string) => byId[id]?.textContent
  return {
    asked,
    body,
    byId,
    card: (name: string) => places[`[data-flag="${name}"]`],
    text,
    answers: (next: () => PageState) => {
      answer = next
    },
    async pass(seconds: number) {
      clock += seconds * 1_000
      tick()
      await new Promise(setImmediate)
    },
  }
}

describe('the page in a browser', () => {
  it('asks every 30 s, writes what changed, and says so', async () => {
    const page = open()
    page.answers(() => state(['dark_mode', 'holiday_banner']))
    await page.pass(29)
    expect([page.asked, page.text('next')]).toEqual([[], ', 29 s ago; next in 1 s'])
    await page.pass(1)
    expect([page.asked, page.text('next')]).toEqual([['/state.json?user=7'], ', 0 s ago; next in 30 s'])
    expect([...page.body.classes]).toEqual(['dark_mode', 'holiday_banner'])
    expect(page.card('dark_mode')?.dataset).toEqual({ on: 'true' })
    expect(page.card('dark_mode')?.parts['.word']?.textContent).toBe('On')
    expect(page.text('banner')).toContain('Happy holidays')
    expect(page.text('changed')).toBe('At 12:00:00 UTC: dark_mode is now on, holiday_banner is now on.')

    const writes = page.card('dark_mode')?.parts['.word']?.writes
    await page.pass(30)
    expect(page.asked).toHaveLength(2)
    expect(page.card('dark_mode')?.parts['.word']?.writes).toBe(writes)
  })

  it('stops asking while it is paused, also on the page of the next user, and goes on afterwards', async () => {
    const stored = {}
    const page = open(stored)
    page.byId['pause']?.click()
    await page.pass(100)
    expect([page.asked, page.text('pause')]).toEqual([[], 'Resume the refresh'])
    const next = open(stored)
    await next.pass(100)
    expect([next.asked, next.text('next')]).toEqual([[], ', 100 s ago; the refresh is paused'])
    next.byId['now']?.click()
    await vi.waitUntil(() => next.asked.length === 1)
    next.byId['pause']?.click()
    await next.pass(30)
    expect([next.asked.length, next.text('pause')]).toEqual([2, 'Pause the refresh'])
  })

  it('shows what it knew last, and says so, where it cannot be asked', async () => {
    const page = open()
    page.answers(() => state(['dark_mode']))
    await page.pass(30)
    page.answers(() => {
      throw new TypeError('Failed to fetch')
    })
    await page.pass(30)
    expect(page.text('notice')).toBe('The page could not be asked. It shows what it knew last, and tries again.')
    expect([...page.body.classes]).toEqual(['dark_mode'])
    page.answers(() => state(['dark_mode']))
    await page.pass(30)
    expect(page.text('notice')).toBe('')
  })

  it('has every element that the script looks for, and shows the buttons only with it', () => {
    const html = renderPage(state([]), { refreshSeconds: 30 })
    const ids = [...script.matchAll(/element\('(\w+)'\)/g)].map(([, id]) => `id="${id}"`)
    expect(ids.length).toBeGreaterThan(7)
    expect(ids.filter((id) => !html.includes(id))).toEqual([])
    expect(html).toContain('id="controls" class="controls" hidden>')
    expect(open().byId['controls']?.hidden).toBe(false)
  })
})
