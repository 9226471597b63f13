// What is measured inside of a browser, each by a script of its own in the window. Times are those of the browser's own clock.

/** @typedef {import('playwright-core').Page} Page */

/** Runs before the page does: notes when the first rows of the list are there, and the frame after them is drawn. */
export const noteFirstRows = `
  new MutationObserver((_, observer) => {
    if (document.querySelector('.flag-body [role=row]') === null) return
    observer.disconnect()
    // The second frame begins when the first one is drawn.
    requestAnimationFrame(() => requestAnimationFrame(() => console.debug('first drawn', performance.now())))
  }).observe(document, { childList: true, subtree: true })`

/** The same for a document that is drawn without a script. */
export const noteFirstFrame = `
  addEventListener('DOMContentLoaded', () => {
    requestAnimationFrame(() => requestAnimationFrame(() => console.debug('first drawn', performance.now())))
  })`

/**
 * Milliseconds from the beginning of the navigation until what is waited for is drawn: the first rows, or all that a document has. The window
 * tells it by itself: to ask it again and again would take a sixth of a processor from what is measured.
 * @param {Page} page
 * @param {string} address
 */
export async function firstDrawn(page, address) {
  const told = page.waitForEvent('console', (message) => message.text().startsWith('first drawn'))
  const [message] = await Promise.all([told, page.goto(address, { waitUntil: 'commit' })])
  return Number(message.text().split(' ').at(-1))
}

/**
 * Milliseconds of each key, from the event of the field until the rows that fit are laid out. Each text matches other rows than the one before.
 * @param {Page} page
 * @returns {Promise<number[]>}
 */
export function typing(page) {
  return page.evaluate(`(async () => {
    const field = document.querySelector('#filter')
    const table = document.querySelector('[role=table][aria-label=Flags]')
    const times = []
    for (const text of ['b', 'bench_flag_1', 'bench_flag_12', 'bench_flag_123', 'type:ops', 'type:ops -bench_flag_1', 'owner:group::7', '']) {
      const before = table.getAttribute('aria-rowcount')
      const began = performance.now()
      field.value = text
      field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      // A text that leaves all rows in place has nothing to be waited for but the turn itself.
      if (text === 'b') await new Promise((resume) => setTimeout(resume))
      else while (table.getAttribute('aria-rowcount') === before) {
        if (performance.now() - began > 5000) throw new Error('the rows did not follow the filter ' + text)
        await new Promise((resume) => { const channel = new MessageChannel(); channel.port1.onmessage = resume; channel.port2.postMessage(null) })
      }
      document.body.getBoundingClientRect()
      times.push(performance.now() - began)
      // Until what follows a key (the address, the message for a screen reader) is done.
      await new Promise((resume) => setTimeout(resume, 120))
    }
    return times
  })()`)
}

/**
 * Milliseconds between the frames while the list is scrolled through, a hundred of them.
 * @param {Page} page
 * @returns {Promise<number[]>}
 */
export function scrolling(page) {
  return page.evaluate(`(async () => {
    const frame = () => new Promise((resume) => requestAnimationFrame(resume))
    scrollTo(0, 0)
    await frame()
    const frames = []
    let last = await frame()
    for (let count = 0; count < 100; count += 1) {
      scrollBy(0, 180)
      const now = await frame()
      frames.push(now - last)
      last = now
    }
    scrollTo(0, 0)
    return frames
  })()`)
}

/**
 * Begins to wait for a text in a row; the result of the call resolves with when it was there, in milliseconds since 1970.
 * @param {Page} page
 * @param {string} flag
 * @param {string} text
 * @returns {Promise<number>}
 */
export function whenRowSays(page, flag, text) {
  return page.evaluate(`new Promise((resolve, reject) => {
    const says = () => [...document.querySelectorAll('.flag-body [role=row]')].some((row) => row.textContent.includes(${JSON.stringify(flag)}) && row.textContent.includes(${JSON.stringify(text)}))
    const observer = new MutationObserver(() => {
      if (!says()) return
      observer.disconnect()
      resolve(performance.timeOrigin + performance.now())
    })
    observer.observe(document.querySelector('.flag-body'), { childList: true, subtree: true, characterData: true })
    setTimeout(() => reject(new Error('the change did not appear within 30 s')), 30000)
  })`)
}

/**
 * The heap of scripts in use after a collection, in bytes, and how many elements and texts there are.
 * @param {Page} page
 */
export async function weigh(page) {
  const client = await page.context().newCDPSession(page)
  await client.send('HeapProfiler.enable')
  await client.send('HeapProfiler.collectGarbage')
  await client.send('Performance.enable')
  const { metrics } = await client.send('Performance.getMetrics')
  await client.detach()
  /** @param {string} name */
  const of = (name) => metrics.find((one) => one.name === name)?.value ?? Number.NaN
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes') }
}

/**
 * Makes the processor of the window slower by that factor; 1 is as it is.
 * @param {Page} page
 * @param {number} rate
 */
export async function slowDown(page, rate) {
  const client = await page.context().newCDPSession(page)
  await client.send('Emulation.setCPUThrottlingRate', { rate })
}
