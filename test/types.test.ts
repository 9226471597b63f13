// The types as an application sees them.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { FeatureGate } from '../lib/index.js'

class Project extends FeatureGate('Project') {}

describe('the types', () => {
  it('narrow the names of flags by a declaration', () => {
    const root = dirname(dirname(fileURLToPath(import.meta.url)))
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const compiled = spawnSync(process.execPath, [compiler, '-p', 'test/fixtures/narrowed/tsconfig.json'], {
      cwd: root,
    })
    expect(compiled.stdout.toString()).toBe('')
    expect(compiled.status).toBe(0)
  })

  it('keep the class name of an actor as a literal', () => {
    const name: 'Project' = Project.className
    expect(name).toBe('Project')
  })
})
