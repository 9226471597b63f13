// When a page has all answers that it asked for, and shows them: what comes late would be a part of what is compared in one run and not in
// another.
import type { Page, Request, Route } from 'playwright-core'
import { expect } from 'vitest'
import { patience } from '../world.js'

const withoutAnswer = new WeakSet<Request>()

/** No answer ever: nobody waits for it. */
export function silent(route: Route): void {
  withoutAnswer.add(route.request())
}

/** Call it before the page is loaded; resolves each time when nothing that the page fetches is under way, and a frame was drawn after it. */
export function followRequests(page: Page): () => Promise<void> {
  const underWay = new Set<Request>()
  page.on('request', (request) => {
    if (request.isNavigationRequest()) underWay.clear()
    if (request.resourceType() === 'fetch') underWay.add(request)
  })
  page.on('requestfinished', (request) => underWay.delete(request))
  page.on('requestfailed', (request) => underWay.delete(request))
  const isQuiet = () => [...underWay].every((request) => withoutAnswer.has(request))

  return async () => {
    do {
      await expect.poll(isQuiet, patience).toBe(true)
      // An answer may be what the next question comes from.
      await page.evaluate('new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)))')
    } while (!isQuiet())
  }
}
