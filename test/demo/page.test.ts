// The page of the demo, its settings and its web server, with a source of answers that each test sets.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { switchCommands } from '../../demo/own-server.js'
import { pageState, renderPage, userOf } from '../../demo/page.js'
import { servePage } from '../../demo/server.js'
import { readPort, readSettings } from '../../demo/settings.js'
import { type Audience, describeAudiences, type FlagSource, type Freshness } from '../../demo/source.js'

const demo = join(import.meta.dirname, '../../demo')
const now = new Date('2026-11-26T12:00:00Z')

function sourceOf(given: {
  readonly on?: readonly string[]
  readonly audiences?: readonly Audience[] | null
  readonly freshness?: Freshness
}): FlagSource {
  return {
    name: 'a test',
    isEnabled: ({ name }) => given.on?.includes(name) === true,
    audiences: () => given.audiences ?? [],
    freshness: () => given.freshness ?? { asOf: now, state: 'current' },
    async close() {},
  }
}

const html = (source: FlagSource, user = '1') => renderPage(pageState(source, user, now), { refreshSeconds: 30 })

/** The page as a browser would ask for it, on a port of its own. */
async function serve(source: FlagSource) {
  const page = await servePage(source, { port: 0, orNext: false })
  onTestFinished(() => page.close())
  return (path: string, init: RequestInit = {}) => fetch(page.url + path, init)
}

describe('the page', () => {
  it('has four cards, each with its flag, a word for its state, and the reason', () => {
    const page = html(sourceOf({ on: ['dark_mode'], audiences: [{ kind: 'everybody' }] }))
    const cards = [...page.matchAll(/data-flag="(\w+)" data-on="(\w+)"[\s\S]*?"word">(\w+)<[\s\S]*?"why">([^<]*)</g)]
    expect(cards.map(([, ...card]) => card)).toEqual([
      ['dark_mode', 'true', 'On', 'For all users.'],
      ['holiday_banner', 'false', 'Off', 'For all users.'],
      ['new_layout', 'false', 'Off', 'For all users.'],
      ['fun_fonts', 'false', 'Off', 'For all users.'],
    ])
  })

  it('has the name of each flag that is on as a class, and the greeting of the holiday flag alone', () => {
    expect(html(sourceOf({ on: ['dark_mode', 'fun_fonts'] }))).toContain('<body class="dark_mode fun_fonts"')
    expect(html(sourceOf({ on: ['holiday_banner'] }))).toMatch(/role="status">Happy holidays/)
    expect(html(sourceOf({}))).toContain('role="status"></p>')
  })

  it('shows a user whose ID is markup as text', () => {
    const page = html(sourceOf({}), '<script>alert("1")</script>')
    expect(page).not.toContain('<script>alert')
    expect(page).toContain('value="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"')
    expect(page.match(/&lt;script&gt;/g)).toHaveLength(3)
  })

  it.each([
    ['user=7', '7'],
    ['user=%20ada%20', 'ada'],
    ['', '1'],
    ['user=', '1'],
    ['user=7&user=8', '7'],
    [`user=${'x'.repeat(300)}`, 'x'.repeat(256)],
  ])('takes the user of "%s"', (query, user) => {
    expect(userOf(new URLSearchParams(query))).toBe(user)
  })

  it.each([
    ['1', [2]],
    ['7', [6, 8]],
    ['ada', [1]],
    ['007', [1]],
    ['9'.repeat(20), [1]],
  ])('leads from user %s to the users beside', (user, beside) => {
    const links = [...html(sourceOf({}), user).matchAll(/href="\/\?user=(\d+)"/g)].map(([, id]) => Number(id))
    expect(links).toEqual(beside)
  })

  it.each<[Freshness, string]>([
    [{ asOf: now, state: 'current' }, ''],
    [{ asOf: null, state: 'connecting' }, 'Not yet connected: all flags are off until the first answer.'],
    [
      { asOf: now, state: 'failing' },
      'As of 12:00:00 UTC: the flags cannot be asked for at the moment. The last ones stay.',
    ],
    [
      { asOf: now, state: 'stopped' },
      'As of 12:00:00 UTC: the SDK has stopped: the Instance ID was refused; restart with the new one.',
    ],
  ])('says how current its flags are: %o', (freshness, notice) => {
    expect(pageState(sourceOf({ freshness }), '1', now).notice).toBe(notice)
  })
})

it.each<[readonly Audience[] | null, string]>([
  [null, 'No such flag in this environment: off for all users.'],
  [[], 'Switched off for all users.'],
  [[{ kind: 'users', count: 1 }], 'For 1 user by ID.'],
  [
    [
      { kind: 'users', count: 3 },
      { kind: 'share', percent: 25, by: 'by user ID' },
    ],
    'For 3 users by ID, and for 25 % of users by user ID.',
  ],
  [[{ kind: 'other', name: 'the group "staff"' }], 'For the group "staff".'],
])('a card says whom its flag is on for: %o', (audiences, text) => {
  expect(describeAudiences(audiences)).toBe(text)
})

describe('the web server of the page', () => {
  it('sends page, state and files, each with the policy that allows no inline script', async () => {
    const ask = await serve(sourceOf({ on: ['dark_mode'] }))
    for (const [path, type] of [
      ['/?user=7', 'text/html; charset=utf-8'],
      ['/state.json?user=7', 'application/json'],
      ['/styles.css', 'text/css; charset=utf-8'],
      ['/refresh.js', 'text/javascript; charset=utf-8'],
    ] as const) {
      const { status, headers } = await ask(path)
      expect([status, headers.get('content-type')], path).toEqual([200, type])
      expect(headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self'")
    }
    expect(await (await ask('/state.json?user=7')).json()).toMatchObject({ user: '7', cards: { length: 4 } })
    const page = await (await ask(`/?user=${encodeURIComponent('"><script>alert(1)</script>')}`)).text()
    expect(page).not.toMatch(/<script(?! type="module" src="\/refresh\.js")|style="| on\w+="/)
  })

  it.each([
    ['/nowhere', {}, 404],
    ['/../package.json', {}, 404],
    ['//evil.example/', {}, 404],
    ['/', { method: 'POST' }, 405],
    ['/', { method: 'HEAD' }, 200],
  ])('answers %s with %o by %i', async (path, init, status) => {
    expect((await (await serve(sourceOf({})))(path, init)).status).toBe(status)
  })

  it('says which port is taken, or takes the next one', async () => {
    const first = await servePage(sourceOf({}), { port: 0, orNext: false })
    onTestFinished(() => first.close())
    const port = Number(new URL(first.url).port)
    await expect(servePage(sourceOf({}), { port, orNext: false })).rejects.toThrow(`Port ${port} is taken.`)
    const next = await servePage(sourceOf({}), { port, orNext: true })
    onTestFinished(() => next.close())
    expect(Number(new URL(next.url).port)).toBeGreaterThan(port)
  })
})

describe('the settings', () => {
  const all = { UNLEASH_URL: 'http://flags.example/api/v4/feature_flags/unleash/1', UNLEASH_INSTANCE_ID: 'glffct-x' }
  const rest =
    'must be set. Copy demo/.env.example to demo/.env and fill in the values that ' +
    '`bin/feature-flag project configure demo` prints, or those of the Configure panel.'

  it.each([
    [{}, `UNLEASH_URL and UNLEASH_INSTANCE_ID ${rest}`],
    [{ ...all, UNLEASH_URL: '' }, `UNLEASH_URL ${rest}`],
    [{ ...all, UNLEASH_INSTANCE_ID: ' ' }, `UNLEASH_INSTANCE_ID ${rest}`],
    [
      { ...all, UNLEASH_URL: 'flags' },
      'UNLEASH_URL is "flags", which is no URL. Copy the API URL of the Configure panel.',
    ],
    [{ ...all, UNLEASH_URL: 'file:///x' }, 'UNLEASH_URL is "file:///x", which is no URL.'],
  ])('that are missing or wrong are named, and no others: %o', (env, sentence) => {
    expect(() => readSettings(env)).toThrow(sentence)
  })

  it('are for production unless they name another environment', () => {
    expect(readSettings(all)).toEqual({ url: all.UNLEASH_URL, instanceId: 'glffct-x', appName: 'production' })
    expect(readSettings({ ...all, UNLEASH_APP_NAME: 'staging' })).toMatchObject({ appName: 'staging' })
  })

  it.each([
    [{}, { port: 8080, orNext: true }],
    [{ PORT: '0' }, { port: 0, orNext: false }],
    [{ PORT: '9000' }, { port: 9000, orNext: false }],
  ])('%o are a port', (env, port) => {
    expect(readPort(env)).toEqual(port)
  })

  it.each(['x', '70000', '-1'])('PORT=%s is refused', (port) => {
    expect(() => readPort({ PORT: port })).toThrow(`PORT is "${port}".`)
  })
})

it.each([
  [{}, 'bin/feature-flag project set demo dark_mode on'],
  [
    { DATABASE_URL: 'postgres://db.example.com/production', NODE_ENV: 'production' },
    'DATABASE_URL=embedded FEATURE_ENV=development bin/feature-flag project set demo dark_mode on',
  ],
])('the commands that npm run demo prints lead to its own database from a terminal with %o', (env, first) => {
  expect(switchCommands(env)[0]).toBe(first)
})

it('the Python page has the same files for the browser, and the same example of settings', () => {
  const read = (path: string) => readFileSync(join(demo, path), 'utf8')
  for (const file of ['styles.css', 'refresh.js']) expect(read(`python/static/${file}`)).toBe(read(`public/${file}`))
  expect(read('python/.env.example')).toBe(read('.env.example'))
})
