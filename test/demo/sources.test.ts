// The page by its two sources: Unleash's SDK on a server in this process, and the library. The same flags are the same cards.
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { demoFlags } from '../../demo/flags.js'
import { librarySource } from '../../demo/library.js'
import { type Card, pageState } from '../../demo/page.js'
import { refusedSentence } from '../../demo/settings.js'
import type { FlagSource } from '../../demo/source.js'
import { connectUnleash } from '../../demo/unleash.js'
import type { FlagInput } from '../../lib/project-flags/changes/flag-changes.js'
import { definition } from '../cli/run.js'
import { startApp } from '../server/support.js'
import { makeRoot } from '../support/project.js'

const by = { author: 'test', source: 'code' }
const scopes = [{ environmentScope: '*' }]
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 20_000, interval: 10 })
const timings = { refreshMs: 20, metricsMs: 60_000, patienceMs: 5_000 }

/** A server with the project of the demo, and its flags in both worlds. */
async function startDemo() {
  // The app of the tests turns a flag of its own on.
  const defined = [...demoFlags, { name: 'canary', type: 'development' }]
  const files = defined.map(({ name, type }) => [`config/feature_flags/${type}/${name}.yml`, definition(name, type)])
  const { app, instance, feature } = await startApp({ feature: { root: makeRoot(Object.fromEntries(files)) } })
  const projects = await instance.projects()
  const { id } = await projects.createProject({ path: 'demo', name: 'Demo' }, by)
  for (const { name } of demoFlags) await projects.createFlag(id, { name }, by)
  const [first] = await projects.instanceIds(id)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const settings = {
    url: `${origin}/api/v4/feature_flags/unleash/${id}`,
    instanceId: first?.secret ?? '',
    appName: 'production',
  }
  return {
    app,
    feature,
    projects,
    id,
    instanceId: first,
    settings,
    change: (name: string, input: FlagInput) => projects.changeFlag(id, name, input, by),
  }
}

async function connect(settings: Parameters<typeof connectUnleash>[0], patienceMs = timings.patienceMs) {
  const told: string[] = []
  const source = await connectUnleash(
    settings,
    { ...timings, patienceMs },
    { refused: () => told.push(refusedSentence), trouble: (text) => told.push(text) },
  )
  onTestFinished(() => source.close())
  return { source, told }
}

const cards = (source: FlagSource, user: string): readonly Card[] => pageState(source, user, new Date()).cards

describe('the page', () => {
  it('has the same cards by the SDK and by the library', async () => {
    const { change, feature, settings } = await startDemo()
    await change('dark_mode', { strategies: [{ name: 'default', parameters: {}, scopes }] })
    await feature.enable('dark_mode')
    await change('holiday_banner', {
      active: false,
      strategies: [{ name: 'default', parameters: {}, scopes }],
    })
    await feature.disable('holiday_banner')
    await change('new_layout', { strategies: [{ name: 'userWithId', parameters: { userIds: '2,7' }, scopes }] })
    for (const id of [2, 7]) await feature.enable('new_layout', { flipperId: `User:${id}` })
    const parameters = { groupId: 'funfonts', rollout: '100', stickiness: 'userId' }
    await change('fun_fonts', { strategies: [{ name: 'flexibleRollout', parameters, scopes }] })
    await feature.enablePercentageOfActors('fun_fonts', 100)

    const { source } = await connect(settings)
    const library = librarySource(feature)
    for (const user of ['1', '7', 'ada']) expect(cards(source, user)).toEqual(cards(library, user))
    expect(cards(library, '7').map(({ name, on, why }) => [name, on, why])).toEqual([
      ['dark_mode', true, 'For all users.'],
      ['holiday_banner', false, 'Switched off for all users.'],
      ['new_layout', true, 'For 2 users by ID.'],
      ['fun_fonts', true, 'For 100 % of users by user ID.'],
    ])
    expect(cards(library, '1')[2]).toMatchObject({ on: false })
  })

  it('shows a flag that is switched over the API with the next question of the SDK', async () => {
    const { change, settings } = await startDemo()
    const { source } = await connect(settings)
    const darkMode = () => cards(source, '1')[0]
    expect(darkMode()).toMatchObject({ on: false, why: 'No such flag in this environment: off for all users.' })
    await change('dark_mode', { strategies: [{ name: 'default', parameters: {}, scopes }] })
    await until(() => darkMode()?.on === true)
    await change('dark_mode', { active: false })
    await until(() => darkMode()?.on === false)
    expect(darkMode()).toMatchObject({ why: 'Switched off for all users.' })
  })
})

describe('the SDK', () => {
  it('that is refused before its first flags says so, and has none', async () => {
    const { settings } = await startDemo()
    const { source, told } = await connect({ ...settings, instanceId: 'glffct-wrong' }, 0)
    await until(() => told.length > 0)
    expect(told).toEqual([refusedSentence])
    expect(source.freshness()).toEqual({ asOf: null, state: 'stopped' })
  })

  it('that is refused later keeps its flags, and says that it has stopped', async () => {
    const { change, projects, id, instanceId, settings } = await startDemo()
    await change('dark_mode', { strategies: [{ name: 'default', parameters: {}, scopes }] })
    const { source, told } = await connect(settings)
    await projects.retireInstanceId(id, instanceId?.id ?? 0, by, true)
    await until(() => source.freshness().state === 'stopped')
    expect(told).toEqual(['The SDK has stopped: the Instance ID was refused. Restart the page with the new one.'])
    expect(pageState(source, '1', new Date()).notice).toContain('restart with the new one')
    expect(cards(source, '1')[0]).toMatchObject({ on: true })
  })

  it('that cannot reach the server has all flags off, and those that it knew once it had some', async () => {
    const { app, change, settings } = await startDemo()
    const nowhere = await connect({ ...settings, url: 'http://127.0.0.1:9/' }, 20)
    expect(nowhere.source.freshness()).toEqual({ asOf: null, state: 'connecting' })
    expect(cards(nowhere.source, '1').map(({ on }) => on)).toEqual([false, false, false, false])

    await change('dark_mode', { strategies: [{ name: 'default', parameters: {}, scopes }] })
    const { source, told } = await connect(settings)
    await app.close()
    await until(() => source.freshness().state === 'failing')
    expect(told).toHaveLength(1)
    expect(cards(source, '1')[0]).toMatchObject({ on: true })
  })
})
