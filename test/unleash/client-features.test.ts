// What SDKs are told, to the byte.
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ProjectFlag, Strategy } from '../../lib/project-flags/project-flag.js'
import type { ProjectContent } from '../../lib/project-flags/project.js'
import { ClientAnswers } from '../../lib/unleash/client-features.js'
import { applicationName, credentialCandidates } from '../../lib/unleash/credentials.js'
import { namesTag } from '../../lib/unleash/etag.js'

const at = new Date(0)

function flag(name: string, strategies: readonly Strategy[], rest: Partial<ProjectFlag> = {}): ProjectFlag {
  const fixed = { id: 1, iid: 1, description: null, active: true, revision: 1, createdAt: at, updatedAt: at }
  return { ...fixed, name, strategies, ...rest }
}

function strategy(scope: string, rest: Partial<Strategy> = {}): Strategy {
  const scopes = scope === '' ? [] : [{ id: 2, environmentScope: scope }]
  return { id: 1, name: 'default', parameters: {}, userListId: null, scopes, ...rest }
}

function content(...flags: ProjectFlag[]): ProjectContent {
  const list = { id: 5, iid: 1, name: 'l', userXids: '7,8', revision: 1, createdAt: at, updatedAt: at }
  const project = {
    id: 1,
    path: 'p',
    name: 'p',
    access: 'enabled',
    minimumRole: 'developer',
    streaming: false,
    revision: 1,
    nonce: 'n',
    createdAt: at,
    updatedAt: at,
  } as const
  return { project, flags, lists: [list] }
}

const featuresIn = (given: ProjectContent, environment: string): unknown =>
  JSON.parse(String(new ClientAnswers(given).in(environment).body)).features

describe('the answer for an environment', () => {
  it('holds all strategies whose scopes match, not only the closest', () => {
    const both = flag('both', [strategy('*'), strategy('prod*', { name: 'userWithId', parameters: { userIds: '1' } })])
    expect(featuresIn(content(both), 'production')).toEqual([
      {
        name: 'both',
        enabled: true,
        strategies: [
          { name: 'default', parameters: {} },
          { name: 'userWithId', parameters: { userIds: '1' } },
        ],
      },
    ])
    expect(featuresIn(content(both), 'staging')).toHaveLength(1)
  })

  it('leaves out a flag of which no strategy matches: without strategies it would be on for everybody', () => {
    const flags = [flag('elsewhere', [strategy('staging')]), flag('nowhere', [strategy('')]), flag('bare', [])]
    expect(featuresIn(content(...flags), 'production')).toEqual([])
  })

  it('says that an inactive flag is off, and sends a description only where there is one', () => {
    const off = flag('off', [strategy('*')], { active: false, description: 'why' })
    expect(String(new ClientAnswers(content(off)).in('production').body)).toBe(
      '{"version":1,"features":[{"name":"off","description":"why","enabled":false,"strategies":[{"name":"default","parameters":{}}]}]}',
    )
  })

  it('sends the ids of a list, which SDKs do not know', () => {
    const listed = flag('listed', [strategy('*', { name: 'gitlabUserList', userListId: 5 })])
    expect(featuresIn(content(listed), 'production')).toMatchObject([
      { strategies: [{ name: 'userWithId', parameters: { userIds: '7,8' } }] },
    ])
  })

  it('has no flags for an SDK without an application name', () => {
    expect(featuresIn(content(flag('all', [strategy('*')])), '')).toEqual([])
  })

  it('has one tag for equal bytes, whatever the environment is called, and another tag for others', () => {
    const answers = new ClientAnswers(content(flag('f', [strategy('review/*')])))
    expect(answers.in('review/1')).toBe(answers.in('review/2'))
    expect(answers.in('review/1').etag).not.toBe(answers.in('production').etag)
    expect(answers.in('production').etag).toMatch(/^"[\w-]{22}"$/)
  })
})

describe('invented application names', () => {
  it('end in time with scopes of a hundred stars', () => {
    const stars = Array.from({ length: 50 }, (_, index) => strategy(`${'*a'.repeat(100)}${index}`))
    const answers = new ClientAnswers(content(flag('f', stars)))
    expect(answers.in('a'.repeat(255)).body.length).toBeLessThan(100)
  })

  it('keep two hundred answers at most', () => {
    const flags = Array.from({ length: 220 }, (_, index) => flag(`f-${index}`, [strategy(`e${index}`)]))
    const answers = new ClientAnswers(content(...flags))
    for (let index = 0; index < 220; index++) answers.in(`e${index}`)
    expect(answers.shapes).toBe(200)
  })
})

describe('the bytes for an SDK that takes gzip', () => {
  it('are made once, and hold the same', () => {
    const flags = Array.from({ length: 50 }, (_, index) => flag(`flag-${index}`, [strategy('*')]))
    const features = new ClientAnswers(content(...flags)).in('production')
    const before = features.bytes
    expect(gunzipSync(features.zipped)).toEqual(features.body)
    expect(features.zipped).toBe(features.zipped)
    expect(features.bytes).toBe(before + features.zipped.length)
  })

  it('are the plain ones where zipping saves nothing', () => {
    const features = new ClientAnswers(content()).in('production')
    expect(features.zipped).toBe(features.body)
  })
})

describe('If-None-Match', () => {
  it.each([
    ['"abc"', true],
    ['W/"abc"', true],
    ['"abc-gzip"', true],
    ['"abc;gzip"', true],
    ['"x", "abc"', true],
    ['abc', true],
    ['"abd"', false],
    ['', false],
    ['*', true],
    ['"x", *', true],
    ['W/"abc-gzip", "y"', true],
    ['"abc"-gzip', true],
    ['"', false],
    ['W/', false],
    [undefined, false],
  ])('%s names the tag "abc": %s', (given, expected) => {
    expect(namesTag(given, '"abc"')).toBe(expected)
  })

  it('is read up to 8 kB, and ignored if it is longer', () => {
    expect(namesTag(`${'"x", '.repeat(1_600)}"abc"`, '"abc"')).toBe(true)
    expect(namesTag(`"${'x'.repeat(8_200)}", "abc"`, '"abc"')).toBe(false)
  })
})

describe('the credentials of an SDK', () => {
  it('are looked for in all places where SDKs send them, each once', () => {
    const request = {
      headers: { 'unleash-instanceid': 'a', instance_id: 'b', authorization: 'Bearer c' },
      query: { instance_id: 'a' },
      body: { instanceId: 'd' },
    }
    expect(credentialCandidates(request)).toEqual(['a', 'b', 'c', 'd'])
    expect(credentialCandidates({ headers: { authorization: 'plain' }, query: {} })).toEqual(['plain'])
    expect(credentialCandidates({ headers: {}, query: { instance_id: { x: 'y' } }, body: ['y'] })).toEqual([])
    expect(credentialCandidates({ headers: { 'unleash-instanceid': 'x'.repeat(300) }, query: {} })).toEqual([])
  })

  it('are read also where one place has two: a bad one does no harm there either', () => {
    // Node joins a header that comes twice.
    expect(credentialCandidates({ headers: { 'unleash-instanceid': 'bad, good' }, query: {} })).toEqual(['bad', 'good'])
    expect(credentialCandidates({ headers: {}, query: { instance_id: ['bad', 'good', 7] } })).toEqual(['bad', 'good'])
    const many = Array.from({ length: 4_000 }, (_, index) => index).join()
    expect(credentialCandidates({ headers: { 'unleash-instanceid': many }, query: {} })).toHaveLength(8)
  })

  it('name the application in a header, the query or the body', () => {
    expect(applicationName({ headers: { 'unleash-appname': ' production ' }, query: {} })).toBe('production')
    expect(applicationName({ headers: { 'unleash-appname': '' }, query: { app_name: 'staging' } })).toBe('staging')
    expect(applicationName({ headers: {}, query: {}, body: { appName: 'body' } })).toBe('body')
    expect(applicationName({ headers: {}, query: {}, body: JSON.parse('{"__proto__":{"appName":"x"}}') })).toBe('')
  })
})
