// The targets that a request or a command names, read as actors and groups.
import { describe, expect, it } from 'vitest'
import { ActorClasses, type RegisteredClass } from '../../lib/actors/classes.js'
import { FeatureGate } from '../../lib/actors/feature-gate.js'
import { FeatureGroup } from '../../lib/actors/groups.js'
import {
  type FindByPath,
  type Found,
  parseTargets,
  plainRules,
  type TargetRules,
  type TargetTexts,
} from '../../lib/actors/targets.js'
import { FeatureError } from '../../lib/errors.js'

const findNothing: FindByPath = () => undefined
const finding =
  (found: Found): FindByPath =>
  async () =>
    found

async function ids(
  texts: TargetTexts,
  find: FindByPath = findNothing,
  rules?: Partial<TargetRules>,
): Promise<string[]> {
  const things = await parseTargets(texts, { ...plainRules, find, ...rules })
  return things.map((thing) => (thing instanceof FeatureGroup ? `group ${thing.name}` : thing.flipperId))
}

describe('the reader of targets', () => {
  it.each([
    ['user', 'User:42'],
    ['group', 'Group:42'],
    ['namespace', 'Namespace:42'],
    ['project', 'Project:42'],
    ['organization', 'Organizations::Organization:42'],
    ['repository', 'Repository:42'],
    ['runner', 'Ci::Runner:42'],
    ['feature_group', 'group 42'],
    ['endpoint', 'FlipperEndpoint:42'],
  ])('reads %s 42 as %s', async (kind, id) => {
    expect(await ids({ [kind]: '42' })).toEqual([id])
  })

  it('splits lists at commas, trims the parts and drops empty and repeated ones', async () => {
    expect(await ids({ project: ' 2 ,,1, 2,1,' })).toEqual(['Project:2', 'Project:1'])
  })

  it('gives several kinds in one order, whatever order they were named in', async () => {
    const find: FindByPath = async (className, path) => `${className}:${path.length}`
    expect(await ids({ runner: '1', project: 'a/b', feature_group: 'staff', user: 'root' }, find)).toEqual([
      'group staff',
      'User:4',
      'Project:3',
      'Ci::Runner:1',
    ])
  })

  it('takes zeros in front of an id away, which no record has', async () => {
    expect(await ids({ project: '007,0,00' })).toEqual(['Project:7', 'Project:0'])
  })

  it('keeps ids that a number could not hold', async () => {
    expect(await ids({ project: '9007199254740993' })).toEqual(['Project:9007199254740993'])
  })

  it('keeps the text of an endpoint as it is', async () => {
    expect(await ids({ endpoint: 'GET /api/v4/projects/:id, ProjectsController#show' })).toEqual([
      'FlipperEndpoint:GET /api/v4/projects/:id',
      'FlipperEndpoint:ProjectsController#show',
    ])
  })

  it('takes a repository’s path on disk for its id', async () => {
    expect(await ids({ repository: '@hashed/6b/86/6b86.git' })).toEqual(['Repository:@hashed/6b/86/6b86.git'])
  })

  it.each<[Found]>([[42], [42n], ['42'], ['Project:42'], [{ flipperId: 'Project:42' }]])(
    'takes %s from a resolver',
    async (found) => {
      expect(await ids({ project: 'gitlab-org/gitlab' }, finding(found))).toEqual(['Project:42'])
    },
  )

  it('takes an actor of another class from a resolver, as a namespace may be a group', async () => {
    expect(await ids({ namespace: 'gitlab-org' }, finding({ flipperId: 'Group:9970' }))).toEqual(['Group:9970'])
  })

  it.each<[Found]>([[null], [undefined], [''], [Number.NaN], [1.5]])(
    'says that a target is not found where a resolver gives %s',
    async (found) => {
      await expect(parseTargets({ project: 'a/b,42' }, { ...plainRules, find: finding(found) })).rejects.toMatchObject({
        code: 'unknown_target',
        message: 'project "a/b" is not found!; check the path, or give the id',
      })
    },
  )

  it.each<[Found]>([[9_007_199_254_740_992], [1234567890123456800], [-1e17], [1e21], [Number.POSITIVE_INFINITY]])(
    'refuses the number %s from a resolver, which was rounded and may be the id of another',
    async (found) => {
      await expect(parseTargets({ project: 'a/b' }, { ...plainRules, find: finding(found) })).rejects.toMatchObject({
        code: 'invalid_actor',
        message: expect.stringMatching(/findByPath of Project gives for "a\/b".*send it as text/),
      })
    },
  )

  it('says what is wrong with the id of an actor that a resolver gives', async () => {
    class Project extends FeatureGate('Project') {}
    await expect(
      parseTargets({ project: 'a/b' }, { ...plainRules, find: finding(new Project(1e17)) }),
    ).rejects.toMatchObject({
      code: 'invalid_actor',
      message: expect.stringContaining('send it as text'),
    })
  })

  it('says to give the id where no resolver is configured', async () => {
    await expect(parseTargets({ project: 'a/b' }, { ...plainRules, find: findNothing })).rejects.toMatchObject({
      code: 'unknown_target',
      message:
        'project "a/b" cannot be looked up: no findByPath is configured for Project; give the id; an id that is a text: actor=Project:a/b',
    })
    await expect(parseTargets({ repository: 'a/b.git' }, { ...plainRules, find: findNothing })).rejects.toThrow(
      /give its path on disk/,
    )
  })

  it.each(['', ' ', ',', ' , ,'])('refuses the empty list %j', async (text) => {
    await expect(parseTargets({ user: text }, { ...plainRules, find: findNothing })).rejects.toMatchObject({
      code: 'unknown_target',
    })
  })

  it('passes on what a resolver throws', async () => {
    const fail: FindByPath = async () => {
      throw new Error('the directory is down')
    }
    await expect(parseTargets({ project: 'a/b' }, { ...plainRules, find: fail })).rejects.toThrow(
      'the directory is down',
    )
  })

  it('keeps line breaks and control characters out of its messages', async () => {
    const refused = parseTargets(
      { project: 'ok\n{"level":"info"}\u001b[2J\u009b2J\u202e\u2028' },
      { ...plainRules, find: finding(null) },
    )
    await expect(refused).rejects.toBeInstanceOf(FeatureError)
    await expect(refused).rejects.toThrow(/^[^\p{C}\p{Zl}]+$/u)
  })

  it.each(['__proto__', 'constructor', 'toString'])('looks the path %s up like any other', async (path) => {
    const asked: string[] = []
    const find: FindByPath = async (_, text) => asked.push(text)
    expect(await ids({ project: path }, find)).toEqual(['Project:1'])
    expect(asked).toEqual([path])
  })
})

/** The classes of a Rails application, a class of the project's own, and one that takes the place of GitLab's. */
const rails = new ActorClasses(
  new Map<string, RegisteredClass>([
    ['User', { id: 'User;{id}' }],
    ['Team', { id: 'gid://shop/Team/{id}' }],
    ['Customer', {}],
    ['BillingAccount', {}],
    ['Organization', {}],
  ]),
)
const open = new ActorClasses()

describe('an actor of any class', () => {
  it.each([
    ['Customer:5', open, ['Customer:5']],
    ['Ci::Runner:5', open, ['Ci::Runner:5']],
    ['User:5, Customer:acme ,,Group:1', open, ['User:5', 'Customer:acme', 'Group:1']],
    // As it is stored, where no configuration says that the class writes its ids in another way.
    ['User;5', open, ['User;5']],
    ['gid://shop/User/5', open, ['gid://shop/User/5']],
    ['FlipperPod:web-1', open, ['FlipperPod:web-1']],
    ['Customer:007', open, ['Customer:007']],
    ['Customer:a:b', open, ['Customer:a:b']],
    ['User;5', rails, ['User;5']],
    // Class and id are how people write an actor, whatever its ids look like.
    ['User:5', rails, ['User;5']],
    ['Team:5', rails, ['gid://shop/Team/5']],
    ['gid://shop/Team/5', rails, ['gid://shop/Team/5']],
    ['Customer:5', rails, ['Customer:5']],
    ['Ci::Runner:5', rails, ['Ci::Runner:5']],
    ['FlipperPod:web-1', rails, ['FlipperPod:web-1']],
    ['Experiment;1', rails, ['Experiment;1']],
  ] as const)('is read from %s', async (actor, classes, expected) => {
    expect(await ids({ actor }, findNothing, { classes })).toEqual(expected)
  })

  it.each([
    ['5', open, 'names no class; write class and id, such as "User:5"'],
    ['bob', open, 'names no class'],
    ['pod', open, 'names no class'],
    ['bob@example.com', open, 'actors.CLASS.id "{id}"'],
    [':5', open, 'names no class'],
    ['User', open, 'names no class'],
    ['User:', open, 'has a class and no id; write class and id, such as "User:5"'],
    ['user:5', open, 'did you mean "User:5"? Otherwise add the class to `actors`'],
    ['USER;5', open, 'did you mean "User:5"?'],
    ['User: 5', open, 'has a blank beside its id; did you mean "User:5"?'],
    ['User:5:opt_out', open, 'leave the ending out, and opt the actor out'],
    ['User:5\u0007', open, 'holds a control character'],
    ['Custmer:5', rails, 'which is not registered; did you mean "Customer:5"?'],
    ['Usr;5', rails, 'did you mean "User;5"?'],
    ['Order:5', rails, 'which is not registered; add it to `actors` of the configuration'],
    ['Customer;5', rails, 'whose ids are written "Customer:{id}"; did you mean "Customer:5"?'],
    ['gid://shop/User/5', rails, 'whose ids are written "User;{id}"; did you mean "User;5"?'],
  ] as const)('is refused as %j', async (actor, classes, message) => {
    await expect(ids({ actor }, findNothing, { classes })).rejects.toThrow(message)
  })

  it('is taken off in any form, because anything may be stored', async () => {
    const removing = { classes: rails, removing: true }
    expect(await ids({ actor: 'Order:5,Customer;5,bob@example.com' }, findNothing, removing)).toEqual([
      'Order:5',
      'Customer;5',
      'bob@example.com',
    ])
    await expect(ids({ actor: '5' }, findNothing, removing)).rejects.toThrow('names no class')
  })

  it('of a class whose ids name none is any text', async () => {
    const classes = new ActorClasses(new Map([['Person', { id: '{id}' }]]))
    expect(await ids({ actor: 'bob@example.com,User:5', person: '7' }, findNothing, { classes })).toEqual([
      'bob@example.com',
      'User:5',
      '7',
    ])
  })
})

describe('the classes of the configuration', () => {
  it.each([
    ['user', '5', ['User;5']],
    ['user', 'User;5,User:6', ['User;5', 'User;6']],
    ['team', '5', ['gid://shop/Team/5']],
    ['customer', '5,acme', ['Customer:5', 'Customer:acme']],
    ['billing_account', '5', ['BillingAccount:5']],
    ['organization', '5', ['Organization:5']],
    ['project', '5', ['Project:5']],
  ])('are targets: %s=%s', async (kind, text, expected) => {
    expect(await ids({ [kind]: text }, findNothing, { classes: rails })).toEqual(expected)
  })

  it.each<[Found, string]>([
    [42, 'User;42'],
    ['42', 'User;42'],
    ['User:42', 'User;42'],
    ['User;42', 'User;42'],
    [{ flipperId: 'anything' }, 'anything'],
  ])('write the answer %j of a resolver in their own way', async (found, id) => {
    expect(await ids({ user: 'root' }, finding(found), { classes: rails })).toEqual([id])
  })

  it('leave the names alone that mean something else at a door, and those of two classes', () => {
    const names = [
      'Force',
      'Key',
      'Actor',
      'Endpoint',
      'OptOut',
      'Billing::Account',
      'BillingAccount',
      'Größe',
      'Ci::Runner',
    ]
    const { kinds, ownKinds } = new ActorClasses(new Map(names.map((name) => [name, {}])))
    expect(ownKinds).toEqual([])
    expect(kinds.get('runner')).toBe('Ci::Runner')
  })

  it('keep GitLab’s organization where that class is registered', () => {
    const both = new ActorClasses(new Map(['Organization', 'Organizations::Organization'].map((name) => [name, {}])))
    expect(both.kinds.get('organization')).toBe('Organizations::Organization')
  })
})

describe('an actor in the place of another target', () => {
  it.each([
    ['endpoint', 'User:5', 'actor=User:5'],
    ['endpoint', 'User;5', 'actor=User;5'],
    ['endpoint', 'user:5', 'actor=User:5'],
    ['endpoint', 'gid://shop/User/5', 'actor=gid://shop/User/5'],
    ['feature_group', 'User:5', 'actor=User:5'],
    ['feature_group', 'Customer:5', 'actor=Customer:5'],
    ['feature_group', 'staff,Ci::Runner:5', 'actor=Ci::Runner:5'],
    ['project', 'User:5', 'actor=User:5'],
    ['user', 'user:5', 'actor=User:5'],
  ])('asks for the actor, and is refused: %s=%s', async (kind, text, meant) => {
    const refused = expect(ids({ [kind]: text, group: '1' })).rejects
    await refused.toMatchObject({ code: 'invalid_arguments', remedy: `did you mean ${meant}?` })
  })

  it.each([
    ['endpoint', 'GET /api/v4/projects/:id', 'FlipperEndpoint:GET /api/v4/projects/:id'],
    ['endpoint', 'Projects::IssuesController#show', 'FlipperEndpoint:Projects::IssuesController#show'],
    ['endpoint', 'graphql:getProject', 'FlipperEndpoint:graphql:getProject'],
    ['feature_group', 'group::apm', 'group group::apm'],
    ['feature_group', 'beta testers', 'group beta testers'],
    ['feature_group', 'Team:5', 'group Team:5'],
  ])('is not seen in %s=%s', async (kind, text, expected) => {
    expect(await ids({ [kind]: text }, findNothing, { groups: new Set(['Team:5']) })).toEqual([expected])
  })

  it('is not seen in a path or a name that has the beginning of a pattern', async () => {
    const classes = new ActorClasses(new Map([['User', { id: 'user-{id}' }]]))
    expect(await ids({ feature_group: 'user-admins' }, findNothing, { classes })).toEqual(['group user-admins'])
    expect(await ids({ user: 'user-5' }, findNothing, { classes })).toEqual(['user-5'])
    expect(await ids({ user: 'user-root' }, finding(7), { classes })).toEqual(['user-7'])
    await expect(ids({ feature_group: 'user-5' }, findNothing, { classes })).rejects.toThrow(
      'did you mean actor=user-5?',
    )
  })
})
