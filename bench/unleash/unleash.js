// What SDKs of projects cost a server, part by part, each beside its goal. The servers are those of the tests, on loopback.
import { startDatabase } from '../support/services.js'
import { benchFlags } from './flags.js'
import { manyProjects } from './many-projects.js'
import { startPeer } from './peer.js'
import { polling } from './polling.js'
import { Served, Writer } from './served.js'
import { streaming } from './streaming.js'
import { throughput } from './throughput.js'

/** @typedef {import('../benchmarks.js').Result} Result */

/**
 * Polls beside Node's server and Unleash's, ten thousand SDKs, five thousand streams, and two thousand projects.
 * @type {import('../benchmarks.js').Benchmark['run']}
 */
export async function unleash({ quick, say }) {
  say('unleash: starting the servers')
  const flags = benchFlags()
  // When each change was committed is asked below.
  const database = await startDatabase({ track_commit_timestamp: 'on' })
  /** @type {Result[]} */
  const results = []
  try {
    const writer = await Writer.open(database.url())
    try {
      const project = await writer.create('bench/one', flags)
      results.push(...(await ofOneProject({ database, writer, project, flags, quick, say })))
    } finally {
      await writer.close()
    }
    results.push(await manyProjects({ database, say }))
  } finally {
    await database.stop()
  }
  return {
    goals: results.flatMap(({ goals }) => goals),
    tables: results.flatMap(({ tables }) => tables),
    figures: results.map(({ figures }) => figures),
  }
}

/**
 * @param {object} given
 * @param {import('../support/services.js').PostgresServer} given.database
 * @param {Writer} given.writer
 * @param {{ id: number, secret: string }} given.project
 * @param {readonly import('./flags.js').BenchFlag[]} given.flags
 * @param {boolean} given.quick
 * @param {(text: string) => void} given.say
 */
async function ofOneProject({ database, writer, project, flags, quick, say }) {
  const served = await Served.start(database.url())
  try {
    const names = flags.map(({ name }) => name)
    const peer = await startPeer(database, flags)
    /** @type {Result} */
    let polls
    try {
      polls = await throughput({ served, project, peer, quick, say })
    } finally {
      await peer.served?.end()
    }
    const crowd = await polling({ served, project, names, quick, say })
    const streams = await streaming({ served, writer, project, flag: names[0], quick, say })
    return [polls, crowd, streams]
  } finally {
    await served.close()
  }
}
