// The built-in types of flags, and types of a project.
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../lib/errors.js'
import { builtInTypes, withTypes } from '../../lib/definition/types.js'

describe('builtInTypes', () => {
  it('are the eight types, development first', () => {
    const names = ['development', 'ops', 'experiment', 'worker', 'wip', 'beta', 'gitlab_com_derisk', 'undefined']
    expect([...builtInTypes.keys()]).toEqual(names)
  })

  it.each([
    ['development', false, true],
    ['ops', false, true],
    ['experiment', true, false],
    ['worker', true, false],
    ['wip', false, false],
    ['beta', false, true],
    ['gitlab_com_derisk', false, false],
    ['undefined', true, false],
  ])('say of %s: definition optional %s, may default on %s', (name, optional, mayDefaultOn) => {
    expect(builtInTypes.get(name)).toMatchObject({ name, optional, mayDefaultOn })
  })
})

describe('withTypes', () => {
  it('adds a type of the project, strict where nothing is said', () => {
    const types = withTypes({ markdown_cache: { description: 'Names made at run time', optional: true } })
    expect(types.size).toBe(9)
    expect(types.get('markdown_cache')).toEqual({
      name: 'markdown_cache',
      description: 'Names made at run time',
      optional: true,
      rolloutIssue: false,
      mayDefaultOn: false,
      lifetimeMonths: null,
      example: "Feature.enabled('my_flag', project, { type: 'markdown_cache' })",
    })
    expect(builtInTypes.has('markdown_cache')).toBe(false)
  })

  it('gives the built-in types where the project has none', () => {
    expect(withTypes(undefined)).toBe(builtInTypes)
  })

  it.each([
    [
      'a built-in name',
      { ops: { description: 'mine' } },
      'types: "ops" is built in and cannot be changed; choose another name',
    ],
    ['a bad name', { 'My-Type': { description: 'x' } }, 'types: the name "My-Type" must be lower-case'],
    ['__proto__ as a name', JSON.parse('{"__proto__":{"description":"x"}}'), 'types: the name "__proto__" must be'],
    ['a type without a description', { mine: {} }, 'types: "mine": description must be text, got "undefined"'],
    [
      'a text for a switch',
      { mine: { description: 'x', optional: 'yes' } },
      'optional must be true or false, got "yes"',
    ],
    [
      'a bad lifetime',
      { mine: { description: 'x', lifetimeMonths: -1 } },
      'lifetimeMonths must be a number above 0 or null, got "-1"',
    ],
    [
      'an unknown key',
      { mine: { description: 'x', optionl: true } },
      'types: "mine" has the unknown key "optionl"; known keys are',
    ],
    ['a type that is no object', { mine: 'x' }, 'types: "mine" must be an object, got "x"'],
    ['a list', [], 'types must be an object'],
  ])('refuses %s', (_what, own, message) => {
    expect(() => withTypes(own)).toThrow(ConfigurationError)
    expect(() => withTypes(own)).toThrow(message)
  })
})
