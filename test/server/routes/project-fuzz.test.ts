// Random bodies to the routes of projects: an answer below 500, and what was stored can be read and sent to SDKs.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ClientAnswers } from '../../../lib/unleash/client-features.js'
import { useProjects } from '../project-app.js'

const startProject = useProjects()

const odd = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1e21,
    '',
    ' ',
    '1',
    '*',
    'prod%',
    '\u0000',
    '\ud800',
    'default',
    '__proto__',
    [],
    {},
  ),
  fc.string({ maxLength: 12 }),
  fc.jsonValue({ maxDepth: 2 }),
)
const mostly = <T>(good: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: odd })
const maybe = (model: Record<string, fc.Arbitrary<unknown>>) => fc.record(model, { requiredKeys: [] })
const scope = maybe({
  id: odd,
  environment_scope: mostly(fc.constantFrom('production', '*', 'review/*')),
  _destroy: odd,
})
const kinds = fc.constantFrom('default', 'userWithId', 'flexibleRollout', 'gradualRolloutUserId', 'gitlabUserList')
const parameters = maybe({
  userIds: mostly(fc.constantFrom('1,2', '')),
  groupId: mostly(fc.constant('default')),
  rollout: mostly(fc.constantFrom('10', '100')),
  percentage: mostly(fc.constantFrom('10', '100')),
  stickiness: mostly(fc.constantFrom('default', 'random')),
})
const strategy = maybe({
  id: odd,
  name: mostly(kinds),
  parameters: mostly(parameters),
  user_list_id: odd,
  scopes: mostly(fc.array(scope, { maxLength: 3 })),
  _destroy: odd,
})
const body = maybe({
  name: mostly(fc.constant('new')),
  description: odd,
  active: mostly(fc.boolean()),
  strategies: mostly(fc.array(mostly(strategy), { maxLength: 3 })),
  reason: odd,
})

it('random flags are stored or refused, and what is stored can be read and sent', async () => {
  const { app, ask, send, project, id } = await startProject()
  const projects = await app.instance.projects()
  const flags = `${project}/feature_flags`
  await ask('POST', flags, { name: 'there' })
  const statuses = new Set<number>()
  const property = fc.asyncProperty(fc.boolean(), body, async (isNew, { name, ...given }) => {
    const payload = Buffer.from(JSON.stringify(isNew ? { name, ...given } : given))
    const headers = { 'content-type': 'application/json' }
    const { status } = await send(isNew ? 'POST' : 'PUT', isNew ? flags : `${flags}/there`, { payload, headers })
    statuses.add(status)
    expect(status).toBeLessThan(500)
    const answer = new ClientAnswers(await projects.content(id)).in('production')
    for (const { strategies } of JSON.parse(String(answer.body)).features) {
      expect(strategies.length).toBeGreaterThan(0)
      for (const one of strategies) {
        expect(Object.values(one.parameters).filter((value) => typeof value !== 'string')).toEqual([])
      }
    }
    if (status === 201) await ask('DELETE', `${flags}/${name}`)
  })
  await fc.assert(property, { numRuns: 200 })
  expect([...statuses]).toEqual(expect.arrayContaining([200, 201, 400]))
})
