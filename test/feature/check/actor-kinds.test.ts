// The field `actor` of a definition at run time: strict mode refuses an actor of another kind, production asks for none.
import { rmSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { createFeature, type FeatureFlags, FeatureGate, type FeatureOptions } from '../../../lib/index.js'
import { makeFolder } from '../../support/project.js'
import { recordingLogger } from '../../support/recording-logger.js'

class Project extends FeatureGate('Project') {}
class User extends FeatureGate('User') {}
class Account extends FeatureGate('Account', { id: 'gid://shop/Account/{id}' }) {}

const path = (name: string) => `config/feature_flags/development/${name}.yml`
const define = (name: string, actor: string) =>
  `name: ${name}\ngroup: group::test\ntype: development\ndefault_enabled: false\n${actor}`

let root: string
let feature: FeatureFlags

async function start(options: FeatureOptions): Promise<void> {
  root = makeFolder({
    [path('for_projects')]: define('for_projects', 'actor: project\n'),
    [path('for_some')]: define('for_some', 'actor: [Account, request]\n'),
    [path('for_all')]: define('for_all', ''),
  })
  feature = createFeature({ root, databaseUrl: 'memory', logger: recordingLogger(), ...options })
  await feature.start()
}

afterEach(async () => {
  await feature.stop()
  rmSync(root, { recursive: true })
})

const mismatch = expect.objectContaining({ code: 'actor_kind_mismatch' })

describe('strict mode', () => {
  it('refuses an actor of another kind than the definition names, and says which is wanted', async () => {
    await start({ env: 'development' })
    expect(() => feature.enabled('for_projects', new User(5))).toThrow(
      `feature flag "for_projects": "User:5" was given as the actor, but ${path('for_projects')} says "actor: project"; give an actor of Project, or add the other kind to the file`,
    )
    for (const thing of [[new Project(1), new User(5)], 'request', { flipperId: 'anything' }] as const) {
      expect(() => feature.enabled('for_projects', thing)).toThrow(mismatch)
    }
    expect(() => feature.decide('for_some', new Project(1))).toThrow(mismatch)
  })

  it.each([
    ['registers no class', {}],
    ['registers the classes', { actors: { Project: {}, User: {}, Account: { id: 'gid://shop/Account/{id}' } } }],
  ])('takes actors of the kinds, several of them, and none, where the configuration %s', async (_what, options) => {
    await start({ env: 'development', ...options })
    expect(feature.enabled('for_projects', new Project(1))).toBe(false)
    expect(feature.enabled('for_projects', [new Project(1), null])).toBe(false)
    expect(feature.enabled('for_projects')).toBe(false)
    expect(feature.enabled('for_projects', null)).toBe(false)
    expect(feature.enabled('for_some', new Account(3))).toBe(false)
    expect(feature.enabled('for_some', 'request')).toBe(false)
    expect(feature.enabled('for_all', new User(5))).toBe(false)
  })

  it('refuses it also where the answer is the same for everybody', async () => {
    await start({ env: 'development' })
    await feature.enable('for_projects')
    expect(feature.enabled('for_projects', new Project(1))).toBe(true)
    expect(() => feature.enabled('for_projects', new User(5))).toThrow(mismatch)
  })

  it('refuses to enable or to opt out an actor of another kind, and takes one off', async () => {
    await start({ env: 'development' })
    feature.registerGroup('staff', () => true)
    await feature.enable('for_projects', [new Project(1), feature.group('staff')])
    await expect(feature.enable('for_projects', new User(5))).rejects.toEqual(mismatch)
    await expect(feature.optOut('for_projects', new User(5))).rejects.toEqual(mismatch)
    await feature.disable('for_projects', new User(5))
    await feature.removeOptOut('for_projects', new User(5))
    expect(feature.get('for_projects').gates).toContainEqual({ key: 'actors', value: ['Project:1'] })
  })
})

it('production answers for an actor of any kind', async () => {
  await start({ env: 'production' })
  await feature.enable('for_projects', new User(5))
  expect(feature.enabled('for_projects', new User(5))).toBe(true)
  expect(feature.enabled('for_projects', new User(6))).toBe(false)
})
