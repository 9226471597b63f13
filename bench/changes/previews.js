// The preview of a change with 10,000 known actors: those that the application names, and those of stored lists.
import { atMost, Client, timed } from './asking.js'
import { flagName, projectCount, projectFlag } from './history-rows.js'

/** As many as are asked of an application. */
export const sampleSize = 10_000

/** @param {{ port: number, token: string, quick: boolean, say: (text: string) => void }} given */
export async function previews({ port, token, quick, say }) {
  say('changes: previews')
  const client = await Client.open(port, token)
  try {
    const ofUsers = preview(flagName(17), [{ op: 'percentage_of_actors', value: 62.5 }])
    const ofProjects = preview(projectFlag, [{ op: 'percentage_of_actors', value: 62.5 }])
    await check(port, token, ofUsers, sampleSize)
    await check(port, token, ofProjects, projectCount)
    const { medians, all } = await timed(
      [
        ['of the application', (length) => client.averageMs(ofUsers, length)],
        ['of lists', (length) => client.averageMs(ofProjects, length)],
      ],
      { rounds: quick ? 5 : 15, ms: 300, warmUp: 30 },
    )
    const goals = [...medians].map(([name, value]) => atMost(`preview, 10,000 known actors ${name}`, 30, value))
    return { goals, tables: [], figures: { milliseconds: all } }
  } finally {
    await client.end()
  }
}

/**
 * @param {string} flag
 * @param {readonly object[]} operations
 */
function preview(flag, operations) {
  const body = JSON.stringify({ operations, dry_run: true })
  return { method: 'POST', path: `/api/v4/features/${flag}/changes`, body }
}

/**
 * What is measured must be what is promised.
 * @param {number} port
 * @param {string} token
 * @param {{ path: string, body: string }} question
 * @param {number} least
 */
async function check(port, token, { path, body }, least) {
  const headers = { 'content-type': 'application/json', 'private-token': token }
  const answered = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body })
  const text = await answered.text()
  const { effect } = answered.status === 200 ? JSON.parse(text) : { effect: null }
  if (effect === null || effect.sample < least || effect.gain === 0)
    throw new Error(`a preview was answered ${answered.status}: ${text.slice(0, 500)}`)
}
