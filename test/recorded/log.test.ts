// What a process in production writes to the log, line by line, compared with the record beside this file.
import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { createFeature, FeatureGate } from '../../lib/index.js'
import { createProject } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'
import { blanked } from './blank.js'

class User extends FeatureGate('User') {}
class Project extends FeatureGate('Project') {}

it('production reports wrong use once for each kind and flag, and every change', async () => {
  const project = await createProject('dark_mode')
  await project.define('canary', { type: 'ops' })
  const logger = recordingLogger()
  const feature = createFeature({
    root: project.root,
    env: 'production',
    databaseUrl: 'memory',
    diskFile: false,
    logger,
    actors: { User: {} },
    groups: {
      failing: () => {
        throw new Error('not today')
      },
      asking: () => feature.enabled('dark_mode', new User(1)),
    },
  })
  await feature.start()
  /** Without the types, which would refuse most of it. */
  const ask = (...given: unknown[]): unknown => Reflect.apply(feature.enabled, feature, given)
  for (let time = 0; time < 2; time += 1) {
    ask('nothing_like_it')
    ask('dark_mod')
    ask('canary')
    ask('dark_mode', 'User:1')
    ask('dark_mode', new Project(1))
    ask('dark_mode', Promise.resolve(new User(1)))
    ask(42)
  }
  await feature.enable('dark_mode', feature.group('asking'), { reason: 'a test' })
  ask('dark_mode', new User(1))
  await feature.enable('canary', feature.group('failing'))
  ask('canary', new User(1), { type: 'ops' })
  await feature.remove('canary')
  await feature.stop()
  await project.close()

  const lines = logger.lines.map(({ level, fields, message }) => `${level} ${JSON.stringify(fields)}\n    ${message}\n`)
  const names = { [project.root]: '<root>', [`code:${hostname()}`]: 'code:<host>' }
  await expect(blanked(lines.join('\n'), names)).toMatchFileSnapshot('log.txt')
})
