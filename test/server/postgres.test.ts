// The API on a real Postgres.
import { expect, it, onTestFinished } from 'vitest'
import { createInstance } from '../../lib/instance/create.js'
import { buildApp } from '../../lib/server/app.js'
import { createToken, parseToken } from '../../lib/tokens/tokens.js'
import { createDatabase } from '../support/services.js'
import { recordingLogger } from '../support/recording-logger.js'
import { makeProject, readAnswer } from './support.js'

it('the API on a real Postgres stores what Flipper would, and shows what others write', async () => {
  const database = await createDatabase()
  const logger = recordingLogger()
  const instance = createInstance({
    root: makeProject(),
    env: 'test',
    databaseUrl: database.url,
    diskFile: false,
    logger,
  })
  const { feature } = instance
  await feature.start()
  onTestFinished(() => feature.stop())
  const { token } = await createToken(instance.tokens, { name: 'ci', scopes: ['admin'], expiresAt: null })
  const app = await buildApp({ instance, logger })
  const headers = { 'private-token': token }
  const url = '/api/v4/features/my_flag'

  const set = await readAnswer(app, { method: 'POST', url, headers, payload: { value: true, project: '42,43' } })
  const refused = await readAnswer(app, { method: 'POST', url, headers, payload: { value: 25, project: 1 } })
  expect([set.status, refused.status]).toEqual([201, 400])
  expect(await database.query('select key, value from feature_gates order by value')).toEqual([
    { key: 'actors', value: 'Project:42' },
    { key: 'actors', value: 'Project:43' },
  ])
  const authors = await database.query('select distinct author, source from feature_history')
  expect(authors).toEqual([{ author: 'token:ci', source: 'http' }])

  const heard = new Promise<void>((resolve) => {
    feature.on('change', ({ origin }) => origin === 'remote' && resolve())
  })
  await database.query(`insert into feature_gates (feature_key, key, value, created_at, updated_at)
    values ('my_flag', 'actors', 'Project:44', now(), now())`)
  await heard
  const list = await readAnswer(app, { url: '/api/v4/features', headers })
  expect(list.body).toMatchObject([
    { gates: [{ key: 'boolean' }, { key: 'actors', value: ['Project:42', 'Project:43', 'Project:44'] }] },
  ])

  await app.close()
  const [row] = await database.query('select last_used_at, digest from feature_tokens')
  expect(row?.['last_used_at']).toBeInstanceOf(Date)
  expect(String(row?.['digest'])).not.toContain(parseToken(token)?.secret)
  await feature.stop()
  await database.close()
})
