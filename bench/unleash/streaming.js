// How soon a change reaches thousands of streams, what each costs the server, and whether readers that take nothing delay the others.
import { pause, waitUntil } from '../fleet/fleet.js'
import { Child } from '../support/child.js'
import { percentile } from '../support/figures.js'
import { table } from '../support/table.js'
import { requestText, sdkHeaders } from './requests.js'
import { sdkPath } from './served.js'

/** @typedef {Child<typeof import('./stream-readers.js').commands>} Readers */
/** @typedef {{ delays: number[], missing: number, commits: number[] }} Spread */

const streams = 5_000
const processes = 2
const stalledStreams = 50
const spacingMs = 300
const patienceMs = 10_000
const shares = [30, 40]
/** What a reader that takes nothing is sent with each change: more than a connection holds, after a few. */
const idsOfStalled = Array.from({ length: 10_000 }, (_, index) => `${'x'.repeat(50)}-${index}`).join(',')
const module = new URL('stream-readers.js', import.meta.url)

/**
 * @param {object} given
 * @param {import('./served.js').Served} given.served
 * @param {import('./served.js').Writer} given.writer
 * @param {{ id: number, secret: string }} given.project
 * @param {string} given.flag   that is changed
 * @param {boolean} given.quick
 * @param {(text: string) => void} given.say
 */
export async function streaming({ served, writer, project, flag, quick, say }) {
  const changes = quick ? 6 : 20
  await writer.stream(project.id)
  /** @type {Readers[]} */
  const children = Array.from({ length: processes }, () => new Child(module))
  try {
    await pause(1_000)
    await served.flags(project.id, project.secret)
    const before = await served.child.ask('collectedUsage')
    say(`unleash: opening ${streams.toLocaleString('en')} streams`)
    const target = { port: served.port, count: streams / processes, request: streamRequest(project, 'production') }
    await Promise.all(children.map((child) => child.ask('open', target)))
    const after = await served.child.ask('collectedUsage')
    say(`unleash: ${changes} changes for all streams`)
    const alone = await spread({ writer, project, flag, changes, children })
    // Not before: a flag of 600 kB takes longer to write and to read, and without such readers it has nothing to do here.
    await writer.addStrategy(project.id, flag, {
      name: 'userWithId',
      parameters: { userIds: idsOfStalled },
      scope: 'stalled',
    })
    await pause(1_000)
    say(`unleash: ${stalledStreams} readers that take nothing`)
    const stalledRequest = streamRequest(project, 'stalled')
    await children[0].ask('stall', { port: served.port, count: stalledStreams, request: stalledRequest })
    const beside = await spread({ writer, project, flag, changes, children })
    const [cut, ended] = [await children[0].ask('cut'), await Promise.all(children.map((child) => child.ask('ended')))]
    const bytes = { rss: (after.rss - before.rss) / streams, heap: (after.heap - before.heap) / streams }
    return report({ alone, beside, bytes, cut, ended: ended.reduce((sum, one) => sum + one, 0), changes })
  } finally {
    await Promise.all(children.map((child) => child.end()))
  }
}

/**
 * @param {{ id: number, secret: string }} project
 * @param {string} environment
 */
function streamRequest({ id, secret }, environment) {
  const headers = sdkHeaders({ credentials: { 'unleash-instanceid': secret }, environment })
  return requestText({
    path: `${sdkPath(id)}/client/streaming`,
    headers: { ...headers, accept: 'text/event-stream' },
  })
}

/**
 * Makes changes from another process, and waits until each stream has had each. Delays count from the commit; `commits`: how long each
 * change took until then, of which a stream can know nothing.
 * @param {{ writer: import('./served.js').Writer, project: { id: number }, flag: string, changes: number, children: readonly Readers[] }} given
 */
async function spread({ writer, project, flag, changes, children }) {
  /** @type {Awaited<ReturnType<import('./served.js').Writer['roll']>>[]} */
  const made = []
  for (let change = 0; change < changes; change++) {
    made.push(await writer.roll(project.id, flag, shares[change % shares.length]))
    await pause(spacingMs)
  }
  const begun = made.map(({ committed, revision }) => ({ at: committed, revision }))
  const look = async () => {
    const all = await Promise.all(children.map((child) => child.ask('delays', { begun })))
    return { delays: all.flatMap(({ delays }) => delays), missing: all.reduce((sum, one) => sum + one.missing, 0) }
  }
  await waitUntil(async () => (await look()).missing === 0, patienceMs)
  return { ...(await look()), commits: made.map(({ began, committed }) => committed - began) }
}

/**
 * @param {object} measured
 * @param {Spread} measured.alone
 * @param {Spread} measured.beside
 * @param {{ rss: number, heap: number }} measured.bytes
 * @param {number} measured.cut
 * @param {number} measured.ended
 * @param {number} measured.changes
 */
function report({ alone, beside, bytes, cut, ended, changes }) {
  const row = `a change reaches ${streams.toLocaleString('en')} streams`
  const goals = [
    within(`${row}, p99`, alone),
    within(`${row}, beside ${stalledStreams} that are not read, p99`, beside),
    {
      row: 'memory of a stream',
      goal: '≤ 30 kB',
      measured: `${(bytes.rss / 1_000).toFixed(1)} kB (of it ${(bytes.heap / 1_000).toFixed(1)} kB heap)`,
      met: bytes.rss <= 30_000,
    },
  ]
  const rows = [
    ['alone', ...summary(alone)],
    [`beside ${stalledStreams} that are not read`, ...summary(beside)],
  ]
  const title = `${changes} changes to ${streams.toLocaleString('en')} streams; the server cut ${cut} of ${stalledStreams} that are not read, and ${ended} others`
  const text = table(['', 'commit → stream p50', 'p99', 'most', 'missing', 'call → commit p50'], rows)
  return { goals, tables: [{ title, text }], figures: { bytes, cut, ended } }
}

/**
 * @param {string} row
 * @param {{ delays: readonly number[], missing: number }} measured
 */
function within(row, { delays, missing }) {
  const p99 = percentile(delays, 0.99)
  const lost = missing === 0 ? '' : `, ${missing} missing`
  return { row, goal: '≤ 500 ms', measured: `${p99.toFixed(0)} ms${lost}`, met: p99 <= 500 && missing === 0 }
}

/** @param {Spread} measured */
function summary({ delays, missing, commits }) {
  const most = delays.reduce((longest, delay) => Math.max(longest, delay), 0)
  return [percentile(delays, 0.5), percentile(delays, 0.99), most]
    .map((ms) => `${ms.toFixed(0)} ms`)
    .concat(String(missing), `${percentile(commits, 0.5).toFixed(0)} ms`)
}
