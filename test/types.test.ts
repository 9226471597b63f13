// The types as an application sees them; calls of declared flags are in test/surface/typed-calls.test.ts.
import { describe, expect, it } from 'vitest'
import { FeatureGate } from '../lib/index.js'

class Project extends FeatureGate('Project') {}
class User extends FeatureGate('User', { id: 'User;{id}' }) {}

describe('the types', () => {
  it('keep the class name of an actor as a literal', () => {
    const name: 'Project' = Project.className
    expect(name).toBe('Project')
    const id: `Project:${string}` = new Project(42).flipperId
    expect(id).toBe('Project:42')
  })

  it('keep the form of the ids of a class as a literal', () => {
    const id: `User;${string}` = new User(42).flipperId
    expect(id).toBe('User;42')
  })
})
