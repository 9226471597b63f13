// The targets that a request or a command names, read as actors and groups.
import { describe, expect, it } from 'vitest'
import { FeatureGate } from '../../lib/actors/feature-gate.js'
import { FeatureGroup } from '../../lib/actors/groups.js'
import { type FindByPath, type Found, parseTargets, type TargetTexts } from '../../lib/actors/targets.js'
import { FeatureError } from '../../lib/errors.js'

const findNothing: FindByPath = () => undefined
const finding =
  (found: Found): FindByPath =>
  async () =>
    found

async function ids(texts: TargetTexts, find: FindByPath = findNothing): Promise<string[]> {
  const things = await parseTargets(texts, find)
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
      await expect(parseTargets({ project: 'a/b,42' }, finding(found))).rejects.toMatchObject({
        code: 'unknown_target',
        message: 'project "a/b" is not found!; check the path, or give the id',
      })
    },
  )

  it.each<[Found]>([[9_007_199_254_740_992], [1234567890123456800], [-1e17], [1e21], [Number.POSITIVE_INFINITY]])(
    'refuses the number %s from a resolver, which was rounded and may be the id of another',
    async (found) => {
      await expect(parseTargets({ project: 'a/b' }, finding(found))).rejects.toMatchObject({
        code: 'invalid_actor',
        message: expect.stringMatching(/findByPath of Project gives for "a\/b".*send it as text/),
      })
    },
  )

  it('says what is wrong with the id of an actor that a resolver gives', async () => {
    class Project extends FeatureGate('Project') {}
    await expect(parseTargets({ project: 'a/b' }, finding(new Project(1e17)))).rejects.toMatchObject({
      code: 'invalid_actor',
      message: expect.stringContaining('send it as text'),
    })
  })

  it('says to give the id where no resolver is configured', async () => {
    await expect(parseTargets({ project: 'a/b' }, findNothing)).rejects.toMatchObject({
      code: 'unknown_target',
      message: 'project "a/b" cannot be looked up: no findByPath is configured for Project; give the id',
    })
    await expect(parseTargets({ repository: 'a/b.git' }, findNothing)).rejects.toThrow(/give its path on disk/)
  })

  it.each(['', ' ', ',', ' , ,'])('refuses the empty list %j', async (text) => {
    await expect(parseTargets({ user: text }, findNothing)).rejects.toMatchObject({ code: 'unknown_target' })
  })

  it('passes on what a resolver throws', async () => {
    const fail: FindByPath = async () => {
      throw new Error('the directory is down')
    }
    await expect(parseTargets({ project: 'a/b' }, fail)).rejects.toThrow('the directory is down')
  })

  it('keeps line breaks and control characters out of its messages', async () => {
    const refused = parseTargets({ project: 'ok\n{"level":"info"}\u001b[2J\u009b2J\u202e\u2028' }, finding(null))
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
