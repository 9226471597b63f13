// What the HTTP API answers to requests of every kind, compared to the byte with the record beside this file.
import type { InjectOptions } from 'fastify'
import { describe, expect, it } from 'vitest'
import { createToken } from '../../lib/tokens/tokens.js'
import { startApp, type TestApp } from '../server/support.js'
import { blanked } from './blank.js'

interface Request extends InjectOptions {
  /** With which token; default: of an admin. */
  readonly as?: 'reader' | 'a stranger' | 'nobody'
}

const features = '/api/v4/features'
const get = (url: string, rest: Request = {}): Request => ({ method: 'GET', url, ...rest })
const remove = (name: string, rest: Request = {}): Request => ({
  method: 'DELETE',
  url: `${features}/${name}`,
  ...rest,
})
/** Operations, or their preview. */
const change = (name: string, payload: object, rest: Request = {}): Request => ({
  method: 'POST',
  url: `${features}/${name}/changes`,
  payload,
  ...rest,
})
const set = (name: string, payload: object | string, rest: Request = {}): Request => ({
  method: 'POST',
  url: `${features}/${name}`,
  ...(typeof payload === 'string'
    ? { payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    : { payload }),
  ...rest,
})

/** In this order, on one server. */
const requests: readonly Request[] = [
  get('/'),
  get('/-/liveness', { as: 'nobody' }),
  get('/-/readiness', { as: 'nobody' }),
  get('/nothing', { as: 'nobody' }),
  get('/api/v4/nothing'),
  get(features, { as: 'nobody' }),
  get(features, { as: 'a stranger' }),
  get(features, { as: 'reader' }),
  get(`${features}?private_token=1`, { as: 'nobody' }),
  get(`${features}/definitions`),
  get(`${features}/my_flag`),
  get(`${features}//my_flag/`, { as: 'reader' }),
  get(`${features}/my_falg`),
  get(`${features}/`),
  { method: 'PUT', url: `${features}/my_flag`, payload: {} },
  { method: 'OPTIONS', url: features },
  { method: 'HEAD', url: features },
  set('my_flag', { value: true }, { as: 'reader' }),
  set('my_flag', { value: true }, { as: 'nobody' }),
  set('my_flag', { value: true }),
  set('my_flag', { value: 25, key: 'percentage_of_actors' }),
  set('my_flag', { value: false, reason: 'over' }),
  set('my_flag', 'value=25&key=percentage_of_actors'),
  set('my_flag', 'value=10'),
  set('my_flag', { value: 0.5 }),
  set('my_flag', { value: 101 }),
  set('my_flag', { value: -1 }),
  set('my_flag', { value: '100' }),
  set('my_flag', { value: 'perhaps' }),
  set('my_flag', { value: null }),
  set('my_flag', { value: true, key: null, user: null, force: null, reason: null }),
  set('my_flag', {}),
  set('my_flag', { value: true, project: 'gitlab-org/gitlab,42' }),
  set('my_flag', { value: true, project: 42 }),
  set('my_flag', { value: true, project: 9007199254740992 }),
  set('my_flag', { value: true, project: 'nobody/nothing' }),
  set('my_flag', { value: true, user: 'someone' }),
  set('my_flag', { value: 25, key: 'percentage_of_actors', project: '42' }),
  set('my_flag', { value: 25, key: 'percentage_of_moons' }),
  set('my_flag', { value: true, projct: '42' }),
  set('my_flag', { value: true, feature_group: 'beta_testers' }),
  set('my_flag', { value: true, feature_group: 'gamma_testers' }),
  set('my_flag', { value: true, endpoint: 'GET /api/v4/projects' }),
  set('my_flag', { value: 'opt_out', user: '1' }),
  set('my_flag', { value: true, user: '1' }),
  set('my_flag', { value: 'remove_opt_out', user: '1' }),
  set('my_flag', { value: 'remove_opt_out', user: '1' }),
  set('my_flag', { value: 'opt_out' }),
  set('my_flag', { value: true, reason: 'x'.repeat(1_001) }),
  change('my_flag', { operations: [{ op: 'enable' }], dry_run: true }, { as: 'reader' }),
  change('my_flag', { operations: [{ op: 'enable' }] }, { as: 'reader' }),
  change('my_flag', { operations: [{ op: 'percentage_of_actors', value: 50 }] }, { headers: { 'if-match': '50' } }),
  change('my_other_flag', { operations: [{ op: 'enable' }] }, { headers: { 'if-match': '"1-00000000-00000000"' } }),
  change('my_other_flag', { operations: [{ op: 'percentage_of_actors', value: 5 }] }),
  change('my_flag', { operations: [{ op: 'enabel' }] }),
  set('on_by_default', { value: false, user: '1' }),
  set('on_by_default', { value: false, user: '1', force: true }),
  set('unknown_one', { value: true }),
  set('unknown_one', { value: true, force: 'true' }),
  set('my_falg', { value: true }),
  set('Not%20a%20name', { value: true }),
  set('x'.repeat(256), { value: true }),
  set('%zz', { value: true }),
  set('my_flag?value=true', {}),
  set('my_flag', '', { payload: '{"value":', headers: { 'content-type': 'application/json' } }),
  set('my_flag', '', { payload: '[]', headers: { 'content-type': 'application/json' } }),
  set('my_flag', '', { payload: 'value: true', headers: { 'content-type': 'application/yaml' } }),
  set('my_flag', '', { payload: 'x', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } }),
  set('my_flag', { value: true, reason: 'x'.repeat(2_000_000) }),
  get(features),
  remove('my_flag', { as: 'reader' }),
  remove('my_flag?reason=gone'),
  remove('my_flag'),
  remove('Not%20a%20name'),
  ...Array.from({ length: 10 }, () => get(features, { as: 'a stranger' })),
  get('/-/metrics', { as: 'nobody' }),
  get('/api/v4/openapi.json', { as: 'nobody' }),
  get('/api/v4/projects', { as: 'reader' }),
  { method: 'POST', url: '/api/v4/projects', payload: { path: '42' } },
  { method: 'POST', url: '/api/v4/projects', payload: {} },
  get('/api/v4/projects/none%2Fsuch/feature_flags'),
  get('/api/v4/feature_flags/unleash/1/client/features', { as: 'nobody' }),
  { method: 'POST', url: '/api/v4/feature_flags/unleash/1/client/metrics', payload: {}, as: 'nobody' },
]

async function transcript(test: TestApp, reader: string): Promise<string> {
  const tokens = { reader, 'a stranger': `slc-0123456789abcdef-${'x'.repeat(43)}`, nobody: null }
  const parts: string[] = []
  for (const { as, ...request } of requests) {
    const token = as === undefined ? test.admin : tokens[as]
    const headers = { ...(token === null ? {} : { 'private-token': token }), ...request.headers }
    const response = await test.app.inject({ ...request, headers })
    const asked = typeof request.payload === 'string' ? request.payload : JSON.stringify(request.payload)
    const shownHeaders = Object.entries(response.headers)
      .map(([name, value]) => `${name}: ${isVarying(name, String(request.url)) ? '<any>' : String(value)}`)
      .sort()
    parts.push(
      [
        `> ${request.method} ${String(request.url)}${as === undefined ? '' : `   (as ${as})`}`,
        ...(asked === undefined ? [] : [`> ${shortened(asked)}`]),
        String(response.statusCode),
        ...shownHeaders,
        shownBody(String(request.url), response.body),
        '',
      ].join('\n'),
    )
  }
  return blanked(parts.join('\n'))
}

function isVarying(header: string, url: string): boolean {
  return ['date', 'x-request-id'].includes(header) || (header === 'content-length' && url.startsWith('/-/metrics'))
}

function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 40)}… (${text.length} characters)`
}

function shownBody(url: string, body: string): string {
  if (url.startsWith('/-/metrics')) return withoutNumbers(body)
  // Too long for one line; its bytes are those of JSON.stringify.
  return url.endsWith('openapi.json') ? JSON.stringify(JSON.parse(body), null, 2) : body
}

/** What is measured differs each time; what is measured at all, and what it is called, must not. */
function withoutNumbers(metrics: string): string {
  const names = metrics
    .split('\n')
    .filter((line) => !/_bucket\{|^nodejs_gc_/.test(line))
    .map((line) => (line.startsWith('#') ? line : line.replace(/ [^ ]+$/, ' <number>')))
    .map((line) => line.replace(/version="[^"]*",major="\d+",minor="\d+",patch="\d+"/, 'version="<version>"'))
  return names.join('\n')
}

describe('what the HTTP API answers', () => {
  it('is what the record has', async () => {
    const test = await startApp()
    const { token } = await createToken(test.instance.tokens, { name: 'ci-reader', scopes: ['read'], expiresAt: null })
    await expect(await transcript(test, token)).toMatchFileSnapshot('http.txt')
  })
})
