// What real SDKs report to a server on a real Postgres, and what is left of it when the server has ended.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { InMemStorageProvider, Unleash } from 'unleash-client'
import { createInstance } from '../../lib/instance/create.js'
import { buildApp } from '../../lib/server/app.js'
import { makeFolder } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'
import { createDatabase } from '../support/services.js'

it('two SDKs are clients of their project, with their counts, after the server has ended', async () => {
  const database = await createDatabase()
  const logger = recordingLogger()
  const own = { root: makeFolder(), env: 'test', diskFile: false as const, logger, databaseUrl: database.url }
  const instance = createInstance(own, { author: 'code:test', source: 'http', watch: false })
  await instance.feature.start()
  const app = await buildApp({ instance, logger })
  try {
    const projects = await instance.projects()
    const by = { author: 'test', source: 'code' }
    const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
    const scopes = [{ environmentScope: 'production' }]
    await projects.createFlag(id, { name: 'new_layout', strategies: [{ name: 'default', parameters: {}, scopes }] }, by)
    const [first] = await projects.instanceIds(id)
    const instanceId = first?.secret ?? ''
    await app.listen({ port: 0, host: '127.0.0.1' })
    const url = `${app.listeningOrigin}/api/v4/feature_flags/unleash/${id}`
    for (const name of ['first', 'second']) {
      const sdk = new Unleash({
        url,
        instanceId,
        appName: 'production',
        refreshInterval: 15_000,
        metricsInterval: 200,
        skipInstanceCountWarning: true,
        storageProvider: new InMemStorageProvider(),
      })
      const faults: string[] = []
      for (const event of ['error', 'warn']) sdk.on(event, (fault: unknown) => faults.push(String(fault)))
      await once(sdk, 'synchronized')
      for (let count = 0; count < 5; count++) sdk.isEnabled('new_layout')
      sdk.isEnabled('no_such_flag')
      await once(sdk, 'sent')
      sdk.destroy()
      expect(faults, name).toEqual([])
    }
    // Within a second, long before the flush of the counts.
    const used = () => database.query('select from project_instance_ids where last_used_at is not null')
    for (let tries = 0; (await used()).length === 0 && tries < 200; tries++) await sleep(50)
    expect(await used()).toHaveLength(1)
    expect(await database.query('select from project_counts')).toEqual([])
    await app.close()
    expect(
      await database.query('select environment, step, yes::int as yes, no::int as no from project_counts'),
    ).toEqual([{ environment: 'production', step: 'hour', yes: 10, no: 0 }])
    expect(await database.query('select environment, app, sdk, interval_ms, instances from project_clients')).toEqual([
      {
        environment: 'production',
        app: 'production',
        sdk: 'unleash-node-sdk:6.12.1',
        interval_ms: 15_000,
        instances: 2,
      },
    ])
    const [row] = await database.query('select json_agg(client)::text as text from project_clients client')
    expect(`${row?.['text']} ${JSON.stringify(logger.lines)}`).not.toContain(instanceId)
  } finally {
    await app.close()
    await instance.feature.stop()
    await database.close()
  }
})
