// In development a running application keeps the file of declared flags current, where there is one.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { firstLine } from '../../lib/definition/declarations/text.js'
import { createFeature, type FeatureFlags } from '../../lib/index.js'
import { createProject, type TestProject } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'

let project: TestProject
let feature: FeatureFlags
let file: string

beforeEach(async () => {
  project = await createProject('a_flag')
  file = join(project.root, 'feature-flags.d.ts')
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

async function start(env: string) {
  const logger = recordingLogger()
  feature = createFeature({ root: project.root, env, databaseUrl: 'memory', logger })
  await feature.start()
  return logger
}

const reloaded = (logger: ReturnType<typeof recordingLogger>) =>
  vi.waitFor(
    () => expect(logger.lines.map(({ message }) => message)).toContain('feature flags: definitions reloaded'),
    {
      timeout: 30_000,
    },
  )

it('writes it anew when a definition is added', async () => {
  writeFileSync(file, `${firstLine}\n`)
  await start('development')
  await project.define('new_flag', { actor: 'project' })
  await vi.waitFor(
    () => expect(readFileSync(file, 'utf8')).toContain("    new_flag: DeclaredFlag<'development', 'Project'>\n"),
    { timeout: 30_000 },
  )
  rmSync(join(project.root, 'config/feature_flags/development/new_flag.yml'))
  await vi.waitFor(() => expect(readFileSync(file, 'utf8')).not.toContain('new_flag'), { timeout: 30_000 })
})

it('makes none where there is none, and leaves one of a person alone with a warning', async () => {
  const logger = await start('development')
  await project.define('new_flag')
  await reloaded(logger)
  expect(existsSync(file)).toBe(false)
  writeFileSync(file, 'export {}\n')
  await project.define('other_flag')
  await vi.waitFor(
    () =>
      expect(logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toContain(
        'feature flags: the types of the flags are not updated',
      ),
    { timeout: 30_000 },
  )
  expect(readFileSync(file, 'utf8')).toBe('export {}\n')
})
