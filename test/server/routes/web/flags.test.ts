// The list of all flags as pages read it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { createToken } from '../../../../lib/tokens/tokens.js'
import { makeProject, readAnswer, startApp, type TestApp } from '../../support.js'

const url = '/api/web/flags'

interface Column {
  readonly values: readonly unknown[]
  readonly cells?: readonly number[]
}

interface List {
  readonly position: string | null
  readonly at: string
  readonly names: readonly string[]
  readonly columns: Readonly<Record<string, Column>>
}

/** What a column that is left out stands for. */
const leftOut: Readonly<Record<string, unknown>> = {
  ...{ type: null, group: null, milestone: null, ee: false, overdue: false, stored: false, changed_at: null },
  ...{ changed_by: null, percentage_of_actors: 0, actors: 0, groups: [], percentage_of_time: 0, never: 0, fault: null },
}

/** The flags as objects, by name. */
function flagsIn(body: unknown): Record<string, Record<string, unknown>> {
  const { names, columns } = body as List
  const said = ({ values, cells }: Column, place: number) => values[cells === undefined ? 0 : (cells[place] ?? -1)]
  const flags = names.map((name, place) => [
    name,
    {
      ...leftOut,
      name,
      ...Object.fromEntries(Object.entries(columns).map(([column, all]) => [column, said(all, place)])),
    },
  ])
  return Object.fromEntries(flags)
}

async function read(app: TestApp, headers: Record<string, string> = {}) {
  return app.call('GET', url, { headers })
}

describe('GET /api/web/flags', () => {
  it('shows each flag as a row with counts: stored, defined, and stored without a definition', async () => {
    const app = await startApp()
    const { feature } = app
    await feature.enable('my_flag', [{ flipperId: 'User:1' }, { flipperId: 'User:2' }, feature.group('beta_testers')])
    await feature.optOut('my_flag', { flipperId: 'User:3' })
    await feature.enablePercentageOfActors('my_flag', 33.333, { author: 'cli:sam' })
    await feature.enable('removed_long_ago', true, { force: true })
    // Who changed a flag is read from the history, a moment after the flag itself.
    const { status, headers, body } = await vi.waitFor(async () => {
      const answer = await read(app)
      expect(flagsIn(answer.body)['my_flag']?.['changed_by']).toBe('cli:sam')
      return answer
    })
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json')
    const flags = flagsIn(body)
    expect(Object.keys(flags)).toEqual(['canary', 'my_flag', 'my_other_flag', 'on_by_default', 'removed_long_ago'])
    expect(flags['my_flag']).toEqual({
      name: 'my_flag',
      type: 'development',
      group: 'group::web',
      default_enabled: false,
      state: 'conditional',
      percentage_of_actors: 33.333,
      percentage_of_time: 0,
      actors: 2,
      never: 1,
      groups: ['beta_testers'],
      stored: true,
      changed_at: expect.stringMatching(/Z$/),
      changed_by: 'cli:sam',
      milestone: '0.1',
      overdue: false,
      fault: null,
      ee: false,
    })
    expect(flags['on_by_default']).toMatchObject({ state: 'default', default_enabled: true, stored: false })
    expect(flags['removed_long_ago']).toMatchObject({ type: null, default_enabled: null, state: 'on', stored: true })
    expect((body as List).position).toMatch(/^5-[0-9a-f]{8}$/)
  })

  it('says each thing once, leaves out what says nothing, and tells a flag that is off by default from one without a definition', async () => {
    const app = await startApp({ feature: { strict: false } })
    await app.feature.enable('removed_long_ago', true, { force: true })
    const { names, columns } = (await read(app)).body as List
    expect(names).toEqual(['canary', 'my_flag', 'my_other_flag', 'on_by_default', 'removed_long_ago'])
    expect(columns['state']).toEqual({ values: ['conditional', 'default', 'on'], cells: [0, 1, 1, 1, 2] })
    expect(columns['default_enabled']).toEqual({ values: [false, true, null], cells: [0, 0, 0, 1, 2] })
    expect(columns['stored']).toEqual({ values: [true, false], cells: [0, 1, 1, 1, 0] })
    for (const name of ['percentage_of_time', 'never', 'fault', 'ee']) expect(columns).not.toHaveProperty(name)
    for (const { values, cells } of Object.values(columns)) {
      expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(values.length)
      if (values.length === 1) expect(cells).toBeUndefined()
      else expect(cells).toHaveLength(names.length)
    }
  })

  it('has the names in the order in which people read them', async () => {
    const root = makeProject()
    for (const name of ['v10', 'v2', 'my_flag_10'])
      writeFileSync(
        join(root, `config/feature_flags/development/${name}.yml`),
        `name: ${name}\ntype: development\ngroup: group::web\ndefault_enabled: false\n`,
      )
    const { names } = (await read(await startApp({ feature: { root } }))).body as List
    expect(names).toEqual(['canary', 'my_flag', 'my_flag_10', 'my_other_flag', 'on_by_default', 'v2', 'v10'])
  })

  it('shows a flag whose file is broken, with what is wrong, and a flag that is overdue', async () => {
    const root = makeProject()
    const file = 'config/feature_flags/development/broken.yml'
    writeFileSync(join(root, file), 'name: broken\ntype: development\ndefault_enabled: perhaps\n')
    const app = await startApp({ feature: { root, strict: false, milestones: { '0.1': '2020-01-01' } } })
    const flags = flagsIn((await read(app)).body)
    expect(flags['broken']).toMatchObject({ type: null, state: 'default', stored: false })
    expect(flags['broken']?.['fault']).toMatch(/^config\/feature_flags\/development\/broken\.yml: default_enabled: /)
    expect([flags['my_flag']?.['overdue'], flags['my_other_flag']?.['overdue']]).toEqual([true, false])
  })

  it('is not sent again to a reader that has it, until anything in it changes', async () => {
    const app = await startApp()
    const etag = String((await read(app)).headers['etag'])
    expect(await read(app, { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' })
    expect(await read(app, { 'if-none-match': `W/${etag}` })).toMatchObject({ status: 304 })
    await app.feature.enable('my_flag')
    const after = await read(app, { 'if-none-match': etag })
    expect([after.status, flagsIn(after.body)['my_flag']?.['state']]).toEqual([200, 'on'])
  })

  it('is another one on a server with other definitions, and on the day on which a flag is overdue', async () => {
    const clock = { ms: Date.parse('2026-11-26T23:59:59Z') }
    const feature = { milestones: { '0.1': '2026-07-27' } }
    const one = await startApp({ feature, now: () => clock.ms })
    const before = await read(one)
    expect(flagsIn(before.body)['my_flag']?.['overdue']).toBe(false)
    clock.ms += 2_000
    const after = await read(one, { 'if-none-match': String(before.headers['etag']) })
    expect([after.status, flagsIn(after.body)['my_flag']?.['overdue']]).toEqual([200, true])

    const root = makeProject()
    const file = join(root, 'config/feature_flags/development/my_other_flag.yml')
    writeFileSync(file, 'name: my_other_flag\ntype: development\ngroup: group::api\ndefault_enabled: false\n')
    const other = await startApp({ feature: { ...feature, root }, now: () => clock.ms })
    const content = ({ headers }: { headers: Record<string, unknown> }) => String(headers['etag']).slice(-17)
    expect(content(await read(other))).not.toBe(content(after))
  })

  it('is compressed for clients that take it, from bytes that are made once', async () => {
    const app = await startApp()
    const { body } = await read(app)
    for (const [accepted, encoding, unpack] of [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip, br;q=0', 'gzip', gunzipSync],
    ] as const) {
      const headers = { 'private-token': app.admin, 'accept-encoding': accepted }
      const answer = await app.app.inject({ url, headers })
      expect(answer.headers['content-encoding']).toBe(encoding)
      expect(JSON.parse(unpack(answer.rawPayload).toString())).toEqual(body)
    }
    expect((await read(app, { 'accept-encoding': 'identity' })).headers['content-encoding']).toBeUndefined()
  })

  it('is shown to a token that may read, and to no other', async () => {
    const { app, instance } = await startApp()
    const as = async (scopes: Parameters<typeof createToken>[1]['scopes']) => {
      const { token } = await createToken(instance.tokens, { name: scopes.join(), scopes, expiresAt: null })
      return (await readAnswer(app, { url, headers: { 'private-token': token } })).status
    }
    expect([await as(['read']), await as(['project:1:read'])]).toEqual([200, 403])
    expect((await readAnswer(app, { url })).status).toBe(401)
  })
})
