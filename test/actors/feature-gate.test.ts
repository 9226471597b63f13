// The class that makes objects of an application actors.
import { describe, expect, expectTypeOf, it } from 'vitest'
import { isActor } from '../../lib/actors/actor.js'
import { FeatureGate } from '../../lib/actors/feature-gate.js'
import { ConfigurationError, InvalidFeatureFlagError } from '../../lib/errors.js'

class Project extends FeatureGate('Project') {}

describe('FeatureGate', () => {
  it.each([
    [42, 'Project:42'],
    [0, 'Project:0'],
    [-1, 'Project:-1'],
    [9_007_199_254_740_993n, 'Project:9007199254740993'],
    ['42', 'Project:42'],
    ['', 'Project:'],
    ['ü:1', 'Project:ü:1'],
  ])('makes the id %s the flipperId %s', (id, flipperId) => {
    expect(new Project(id).flipperId).toBe(flipperId)
  })

  it.each(['Project', 'Ci::Runner', 'Organizations::Organization', '_Private', 'A1'])(
    'takes the class name %s and keeps it in the type',
    (name) => {
      expect(FeatureGate(name).className).toBe(name)
    },
  )

  it.each(['', ' ', 'Project:', 'Ci:Runner', 'Ci::', '::Runner', 'Ci:::Runner', 'Pro\0ject', 'Pro ject', '1A', 'Prüf'])(
    'refuses the class name %j',
    (name) => {
      expect(() => FeatureGate(name)).toThrow(ConfigurationError)
    },
  )

  it('keeps the literal name as a type', () => {
    expectTypeOf(Project.className).toEqualTypeOf<'Project'>()
  })

  it('is no actor before it has an id, and says to save it', () => {
    const project = new Project()
    expect(isActor(project)).toBe(false)
    expect(() => project.flipperId).toThrow(InvalidFeatureFlagError)
    expect(() => project.flipperId).toThrow(/this Project has no id yet; save it/)
    expect(() => new Project(null).flipperId).toThrow(/save it/)
  })

  it('becomes an actor once it is saved', () => {
    const project = new Project()
    expect(isActor(project)).toBe(false)
    project.id = 7
    expect(project.flipperId).toBe('Project:7')
  })

  it('follows an id that changes', () => {
    const project = new Project(7)
    expect(project.flipperId).toBe('Project:7')
    project.id = 8
    expect(project.flipperId).toBe('Project:8')
    project.id = null
    expect(() => project.flipperId).toThrow(/save it/)
  })

  it('lets a class override the id by a getter', () => {
    class Record extends FeatureGate('Record') {
      readonly row = { key: 5 }
      override get id(): number {
        return this.row.key
      }
    }
    expect(new Record().flipperId).toBe('Record:5')
  })

  it('lets a class override the id by a field', () => {
    class Record extends FeatureGate('Record') {
      override readonly id: number
      constructor(key: number) {
        super()
        this.id = key
      }
    }
    expect(new Record(6).flipperId).toBe('Record:6')
  })

  it.each([
    ['NaN', Number.NaN, 'give a whole number, a bigint or a text'],
    ['Infinity', Number.POSITIVE_INFINITY, 'send it as text, or as a bigint'],
    ['1.5', 1.5, 'give a whole number, a bigint or a text'],
    ['a number past 2^53', 9_007_199_254_740_992, 'send it as text, or as a bigint'],
  ])('refuses %s, which names no record', (_name, id, remedy) => {
    expect(() => new Project(id).flipperId).toThrow(remedy)
    expect(isActor(new Project(id))).toBe(false)
  })

  it.each([9_007_199_254_740_992, 1e17, -9_007_199_254_740_992, 1e21])(
    'says to send the id %s as text, because it was rounded when it was read',
    (id) => {
      expect(() => new Project(id).flipperId).toThrow(/rounded.*send it as text/)
    },
  )

  it('takes the largest numbers that are not rounded', () => {
    expect(new Project(Number.MAX_SAFE_INTEGER).flipperId).toBe('Project:9007199254740991')
    expect(new Project(Number.MIN_SAFE_INTEGER).flipperId).toBe('Project:-9007199254740991')
    expect(new Project(1234567890123456789n).flipperId).toBe('Project:1234567890123456789')
  })

  it.each([[{ id: 1 }], [true], [Symbol('1')]])('refuses an id that is %s, from untyped callers', (id) => {
    const project: { flipperId: string } = Reflect.construct(Project, [id])
    expect(() => project.flipperId).toThrow(InvalidFeatureFlagError)
  })

  it('writes ids in the form that another application has stored', () => {
    class User extends FeatureGate('User', { id: 'User;{id}' }) {}
    class Team extends FeatureGate('Team', { id: 'gid://shop/Team/{id}' }) {}
    expect([new User(5).flipperId, new Team('a b').flipperId]).toEqual(['User;5', 'gid://shop/Team/a b'])
    expect(User.className).toBe('User')
    expectTypeOf(User.className).toEqualTypeOf<'User'>()
    const user = new User(5)
    user.id = 6
    expect(user.flipperId).toBe('User;6')
  })

  it.each([
    [{ id: 'User;' }, 'FeatureGate("User"): the pattern "User;" has {id} nowhere'],
    [{ id: 5 }, 'give a text such as'],
    [{ Id: 'User;{id}' }, 'there is no option "Id"; did you mean "id"?'],
    ['User;{id}', 'its options are "User;{id}"; give { id:'],
    [null, 'its options are "null"'],
  ])('refuses the options %j', (options, message) => {
    const make = () => Reflect.apply(FeatureGate, null, ['User', options])
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(message)
  })
})
