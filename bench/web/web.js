// The page in a browser, with 5,000 flags: how large it is, how soon it shows rows, how it follows keys and the wheel, and how soon a change
// that another process commits is seen.
import { chromiumPath } from '../../scripts/find-binary.js'
import { Client } from '../changes/asking.js'
import { startBrowser } from '../support/browser.js'
import { median, percentile } from '../support/figures.js'
import { table } from '../support/table.js'
import {
  firstDrawn,
  noteFirstFrame,
  noteFirstRows,
  scrolling,
  slowDown,
  typing,
  weigh,
  whenRowSays,
} from './in-browser.js'
import { flagCount, ListServer } from './list-server.js'
import { pageSizes } from './sizes.js'

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {Awaited<ReturnType<import('playwright-core').BrowserContext['storageState']>>} SignedIn */
/** @typedef {import('../support/table.js').Goal} Goal */
/** @typedef {{ readonly browser: Browser, readonly server: ListServer, readonly rounds: number, readonly say: (text: string) => void }} Setting */

const many = flagCount.toLocaleString('en')
/** How much slower the processor of a phone is made out to be. */
const slower = 4

/** @type {import('../benchmarks.js').Benchmark['run']} */
export async function web({ quick, say }) {
  if (chromiumPath() === null) throw new Error('there is no Chromium: npm test installs it, or set CHROMIUM_PATH')
  say('web: starting the servers')
  const server = await ListServer.start()
  try {
    const browser = await startBrowser()
    try {
      const setting = { browser, server, rounds: quick ? 3 : 9, say }
      const signedIn = await signIn(setting)
      const sizes = pageSizes()
      const bodies = await listBodies(server)
      const loading = await timeLoading(setting, signedIn)
      const window = await timeWindow(setting, signedIn)
      return {
        goals: [...sizeGoals(sizes, bodies), ...timeGoals(loading, window, bodies)],
        tables: [
          {
            title:
              'From the beginning of a navigation until it is drawn, in a browser that has nothing of the page yet',
            text: loadingTable(loading),
          },
          { title: `A window with the list of ${many} flags`, text: weightTable(window.weights) },
        ],
        figures: { sizes, bodies, loading, window },
      }
    } finally {
      await browser.close()
    }
  } finally {
    await server.close()
  }
}

/**
 * What a browser keeps of a person who has signed in.
 * @param {Setting} setting
 */
async function signIn({ browser, server: { url, token } }) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${url}/flags`)
  await page.getByLabel('Token', { exact: true }).fill(token)
  await page.keyboard.press('Enter')
  await page.locator('.flag-body [role=row]').first().waitFor()
  const state = await context.storageState()
  await context.close()
  return state
}

/**
 * The list as the server gives it: bytes by encoding, milliseconds of answers, and of reading it as JSON.
 * @param {ListServer} server
 */
async function listBodies({ url, token }) {
  const ask = (/** @type {Record<string, string>} */ headers) =>
    fetch(`${url}/api/web/flags`, { headers: { 'private-token': token, ...headers } })
  /** @param {string} encoding */
  const bytes = async (encoding) => {
    const answer = await ask({ 'accept-encoding': encoding })
    await answer.arrayBuffer()
    if (answer.headers.get('content-encoding') !== encoding) throw new Error(`the list was not sent as ${encoding}`)
    return Number(answer.headers.get('content-length'))
  }
  const [gzip, br] = [await bytes('gzip'), await bytes('br')]
  const whole = await ask({ 'accept-encoding': 'gzip' })
  const tag = whole.headers.get('etag') ?? ''
  const text = await whole.text()
  /** @param {() => unknown} run */
  const timed = async (run) => {
    const times = []
    for (let round = 0; round < 99; round++) {
      const began = performance.now()
      await run()
      times.push(performance.now() - began)
    }
    return median(times)
  }
  return { gzip, br, parseMs: await timed(() => JSON.parse(text)), unchangedMs: await timeUnchanged(url, token, tag) }
}

/**
 * Milliseconds of an answer that says that the list is as it was, as the part "changes" asks for it.
 * @param {string} url
 * @param {string} token
 * @param {string} tag
 */
async function timeUnchanged(url, token, tag) {
  const client = await Client.open(Number(new URL(url).port), token)
  const question = { path: '/api/web/flags', headers: { 'if-none-match': tag }, status: 304 }
  try {
    await client.averageMs(question, { ms: 0, least: 500 })
    const times = []
    for (let round = 0; round < 9; round++) times.push(await client.averageMs(question, { ms: 100, least: 1 }))
    return median(times)
  } finally {
    await client.end()
  }
}

/**
 * First rows in a browser that has nothing of the page yet.
 * @param {Setting} setting
 * @param {SignedIn} storageState
 */
async function timeLoading({ browser, server, rounds, say }, storageState) {
  const kinds = /** @type {const} */ ([
    { kind: 'cold', path: '/flags', script: noteFirstRows, rate: 1 },
    { kind: 'slow', path: '/flags', script: noteFirstRows, rate: slower },
    // What the browser itself takes, on this machine.
    { kind: 'line', path: '/-/liveness', script: noteFirstFrame, rate: 1 },
    { kind: 'slowLine', path: '/-/liveness', script: noteFirstFrame, rate: slower },
  ])
  /** @type {{ cold: number[], slow: number[], line: number[], slowLine: number[] }} */
  const times = { cold: [], slow: [], line: [], slowLine: [] }
  for (let round = 0; round < rounds; round++) {
    say(`web: first rows, round ${round + 1} of ${rounds}`)
    for (const { kind, path, script, rate } of kinds) {
      const context = await browser.newContext({ storageState })
      const page = await context.newPage()
      await page.addInitScript(script)
      if (rate > 1) await slowDown(page, rate)
      times[kind].push(await firstDrawn(page, `${server.url}${path}`))
      await context.close()
    }
  }
  return times
}

/**
 * What a person does in an open window, and what they see of others.
 * @param {Setting} setting
 * @param {SignedIn} storageState
 */
async function timeWindow({ browser, server, rounds, say }, storageState) {
  const context = await browser.newContext({ storageState, viewport: { width: 1280, height: 860 } })
  const page = await context.newPage()
  await page.addInitScript(noteFirstRows)
  await firstDrawn(page, `${server.url}/flags`)
  await page.getByRole('button', { name: /^Live/ }).waitFor()
  const before = await weigh(page)
  /** @type {{ typing: number[], typingSlow: number[], frames: number[], seen: number[] }} */
  const times = { typing: [], typingSlow: [], frames: [], seen: [] }
  // What the compiler has not seen yet is slow once, for all who measure.
  await typing(page)
  for (let round = 0; round < rounds; round++) {
    say(`web: keys, frames and changes, round ${round + 1} of ${rounds}`)
    times.typing.push(Math.max(...(await typing(page))))
    await slowDown(page, slower)
    times.typingSlow.push(Math.max(...(await typing(page))))
    await slowDown(page, 1)
    times.frames.push(percentile(await scrolling(page), 0.95))
    times.seen.push(percentile(await timeChanges(page, server, round), 0.95))
  }
  const after = await weigh(page)
  await context.close()
  return { ...times, weights: { before, after } }
}

const changesOfRound = 20

/**
 * Milliseconds from before each write until the row of an open window has it.
 * @param {import('playwright-core').Page} page
 * @param {ListServer} server
 * @param {number} round
 */
async function timeChanges(page, server, round) {
  const flag = 'bench_flag_0001'
  const times = []
  for (let count = 0; count < changesOfRound; count++) {
    // As the row will say it: a sum of such numbers has more digits.
    const percent = (1_000 + round * changesOfRound + count) / 1_000
    const seen = whenRowSays(page, flag, `${percent} %`)
    times.push((await Promise.all([seen, server.change(flag, percent)])).reduce((at, began) => at - began))
  }
  return times
}

/**
 * @param {ReturnType<typeof pageSizes>} sizes
 * @param {Awaited<ReturnType<typeof listBodies>>} bodies
 * @returns {Goal[]}
 */
function sizeGoals({ list, scripts, styles }, { br, gzip }) {
  /**
   * @param {string} row
   * @param {number} most in kB
   * @param {number} bytes
   */
  const goal = (row, most, bytes) => ({
    row,
    goal: `≤ ${most} kB`,
    measured: `${(bytes / 1_000).toFixed(1)} kB`,
    met: bytes <= most * 1_000,
  })
  return [
    goal('page: scripts for the list, gzip', 60, list),
    goal('page: all scripts, gzip', 150, scripts),
    goal('page: styles, gzip', 10, styles),
    goal(`page: list of ${many} flags, gzip`, 120, gzip),
    goal(`page: list of ${many} flags, Brotli`, 50, br),
  ]
}

/**
 * @param {Awaited<ReturnType<typeof timeLoading>>} loading
 * @param {Awaited<ReturnType<typeof timeWindow>>} window
 * @param {Awaited<ReturnType<typeof listBodies>>} bodies
 * @returns {Goal[]}
 */
function timeGoals(loading, window, bodies) {
  /**
   * @param {string} row
   * @param {number} most
   * @param {number} ms
   */
  const goal = (row, most, ms) => ({
    row: `page: ${row}`,
    goal: `≤ ${most} ms`,
    measured: `${ms.toFixed(ms < 10 ? 1 : 0)} ms`,
    met: ms <= most,
  })
  return [
    goal(`first rows of ${many} flags, nothing cached`, 500, median(loading.cold)),
    goal(`the same, processor ÷ ${slower}`, 1_000, median(loading.slow)),
    goal('key in the filter → rows, slowest of eight', 16, median(window.typing)),
    goal(`the same, processor ÷ ${slower}`, 50, median(window.typingSlow)),
    goal('frame while scrolling, p95', 20, median(window.frames)),
    goal('write → row of another browser on Postgres, p95', 250, median(window.seen)),
    goal('list read as JSON (Node)', 8, bodies.parseMs),
    goal('list asked for again, unchanged (304)', 1, bodies.unchangedMs),
  ]
}

/** @param {Awaited<ReturnType<typeof timeLoading>>} loading */
function loadingTable({ cold, slow, line, slowLine }) {
  /** @param {readonly number[]} times */
  const ms = (times) => `${median(times).toFixed(0)} ms`
  return table(
    ['', 'as it is', `processor ÷ ${slower}`],
    [
      ['the list', ms(cold), ms(slow)],
      ['a line of text, without a script', ms(line), ms(slowLine)],
    ],
  )
}

/** @param {Awaited<ReturnType<typeof timeWindow>>['weights']} weights */
function weightTable(weights) {
  return table(
    ['', 'heap of scripts', 'nodes'],
    Object.entries(weights).map(([when, { heap, nodes }]) => [
      when === 'before' ? 'when it is open' : 'after all rounds',
      `${(heap / 1e6).toFixed(1)} MB`,
      nodes.toLocaleString('en'),
    ]),
  )
}
