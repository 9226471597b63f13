// Many SDKs of one address, over connections of their own, with the limits that a server has by default and with raised ones.
import { Agent, request } from 'node:http'
import { expect, it } from 'vitest'
import { SdkLimits } from '../../../lib/server/access/sdk-limits.js'
import { startApp } from '../support.js'

it('125 SDKs of one address, each with a connection of its own, poll and report, and none is refused', async () => {
  const { app, instance } = await startApp()
  const projects = await instance.projects()
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, { author: 'test', source: 'code' })
  const [first] = await projects.instanceIds(id)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const headers = { 'unleash-instanceid': first?.secret ?? '', 'unleash-appname': 'production' }
  const agents = Array.from({ length: 125 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  /** An SDK whose idle connection was closed sends its question again, over a new one. */
  const ask = (agent: Agent, method: string, path: string, tries = 2) =>
    new Promise<number>((resolve, reject) => {
      const url = `${app.listeningOrigin}/api/v4/feature_flags/unleash/${id}/client/${path}`
      request(url, { agent, method, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
        .on('error', (error) => (tries > 1 ? ask(agent, method, path, tries - 1).then(resolve, reject) : reject(error)))
        .end()
    })
  /** Some at a time: who asks each 15 s asks together with few others. All connections stay open, as far as the server keeps them. */
  const askAll = async (method: string, path: string) => {
    const statuses = new Set<number>()
    for (let from = 0; from < agents.length; from += 25) {
      const some = agents.slice(from, from + 25)
      for (const status of await Promise.all(some.map((agent) => ask(agent, method, path)))) statuses.add(status)
    }
    return [...statuses]
  }
  for (let round = 0; round < 2; round++) expect(await askAll('GET', 'features')).toEqual([200])
  expect(await askAll('POST', 'metrics')).toEqual([202])
  for (const agent of agents) agent.destroy()
})

it('10,000 SDKs behind one proxy poll each 15 s and report each minute with the limits raised', () => {
  const limits = new SdkLimits({ polls: 40_000, reports: 10_000, wrongIds: 60, elapsed: () => 0, now: () => 0 })
  for (let count = 0; count < 40_000; count++) limits.poll('10.0.0.1', 1)
  for (let count = 0; count < 10_000; count++) limits.report('10.0.0.1', 1)
  expect(() => limits.poll('10.0.0.1', 1)).toThrow('more than 40000 polls of one project a minute')
})
