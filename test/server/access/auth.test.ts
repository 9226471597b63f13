// Tokens, and the access to the API that they give.
import { describe, expect, it } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { createToken, hideTokens, parseToken } from '../../../lib/tokens/tokens.js'
import { refusal, startControlled, url } from '../controlled-app.js'
import { canaryAnswers, canaryIsRight, readAnswer, startApp } from '../support.js'

describe('a token', () => {
  it('has a prefix for scanners, an id and 256 random bits, of which only a digest is stored', async () => {
    const { instance } = await startApp()

    const { id, token } = await createToken(instance.tokens, { name: 'a', scopes: ['read'], expiresAt: null })

    expect(token).toMatch(/^slc-[0-9a-f]{16}-[A-Za-z0-9_-]{43}$/)
    const secret = parseToken(token)?.secret ?? ''
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    const stored = await instance.tokens.find(id)
    expect(stored?.digest).toHaveLength(32)
    expect(JSON.stringify(stored)).not.toContain(secret)
  })

  it.each([
    ['an empty name', { name: ' ', scopes: ['read' as const], expiresAt: null }],
    ['a name with a line break', { name: 'a\nb', scopes: ['read' as const], expiresAt: null }],
    ['a name that runs backwards', { name: 'a\u202eb', scopes: ['read' as const], expiresAt: null }],
    ['a name without end', { name: 'x'.repeat(101), scopes: ['read' as const], expiresAt: null }],
    ['no scope', { name: 'a', scopes: [], expiresAt: null }],
    ['an expiry in the past', { name: 'a', scopes: ['read' as const], expiresAt: new Date(0) }],
    ['an expiry that is no date', { name: 'a', scopes: ['read' as const], expiresAt: new Date(Number.NaN) }],
  ])('is not made with %s', async (_name, given) => {
    const { instance } = await startApp()

    await expect(createToken(instance.tokens, given)).rejects.toMatchObject({ code: 'invalid_arguments' })
    expect(await instance.tokens.list()).toHaveLength(1)
  })
})

describe('access', () => {
  it('is given by PRIVATE-TOKEN, by Authorization: Bearer, and by both when they agree', async () => {
    const { app, admin } = await startApp()

    for (const headers of [
      { 'private-token': admin },
      { authorization: `Bearer ${admin}` },
      { authorization: `bearer  ${admin}` },
      { 'private-token': admin, authorization: `Bearer ${admin}` },
    ]) {
      expect(await readAnswer(app, { url, headers })).toMatchObject({ status: 200 })
    }
  })

  it.each<[string, (admin: string, other: string) => Record<string, string | string[]>]>([
    ['no token', () => ({})],
    ['an empty token', () => ({ 'private-token': '' })],
    ['Bearer alone', () => ({ authorization: 'Bearer' })],
    ['another scheme', (admin) => ({ authorization: `Basic ${admin}` })],
    ['a text that is no token', () => ({ 'private-token': 'glpat-nothing' })],
    [
      'an unknown id',
      (admin) => ({ 'private-token': admin.replace(/^slc-./, (start) => `slc-${start.endsWith('0') ? 1 : 0}`) }),
    ],
    ['the right id with a wrong secret', (admin) => ({ 'private-token': `${admin.slice(0, 21)}${'x'.repeat(43)}` })],
    ['a token with a tail', (admin) => ({ 'private-token': `${admin}x` })],
    ['a megabyte', () => ({ 'private-token': 'x'.repeat(1_000_000) })],
    ['letters beyond ASCII', (admin) => ({ 'private-token': `${admin}ä` })],
    ['a line break', (admin) => ({ 'private-token': `${admin}\r\nx: y` })],
    ['two tokens that differ', (admin, other) => ({ 'private-token': admin, authorization: `Bearer ${other}` })],
    ['a good and a bad token', (admin) => ({ 'private-token': admin, authorization: 'Bearer x' })],
    ['PRIVATE-TOKEN twice', (admin, other) => ({ 'private-token': [admin, other] })],
    ['a token in a cookie', (admin) => ({ cookie: `token=${admin}` })],
  ])('is refused without detail: %s', async (_name, headersFor) => {
    const test = await startApp()
    const { token: other } = await createToken(test.instance.tokens, { name: 'b', scopes: ['admin'], expiresAt: null })

    const answer = await readAnswer(test.app, { url, headers: headersFor(test.admin, other) })

    expect(answer).toMatchObject({ ...refusal, headers: { 'www-authenticate': 'Bearer realm="sluice"' } })
    expect(canaryAnswers(test)).toEqual(canaryIsRight)
  })

  it('is refused to a token in the URL', async () => {
    const { app, admin, log } = await startApp()

    const answer = await readAnswer(app, { url: `${url}?private_token=${admin}` })
    await readAnswer(app, { url: `/${admin}` })

    expect(answer).toMatchObject(refusal)
    expect(JSON.stringify(log)).not.toContain(parseToken(admin)?.secret)
  })

  it('is refused before a body is read, and nothing is written', async () => {
    const { app, feature } = await startApp()

    const answer = await readAnswer(app, { method: 'POST', url: `${url}/my_flag`, payload: { value: true } })

    expect(answer).toMatchObject(refusal)
    expect(feature.persisted('my_flag')).toBe(false)
  })

  it('to change flags takes the scope write; to read them, either scope', async () => {
    const { app, feature, instance } = await startApp()
    const { token } = await createToken(instance.tokens, { name: 'dashboard', scopes: ['read'], expiresAt: null })
    const headers = { 'private-token': token }

    const read = await readAnswer(app, { url, headers })
    const set = await readAnswer(app, { method: 'POST', url: `${url}/my_flag`, headers, payload: { value: true } })
    const remove = await readAnswer(app, { method: 'DELETE', url: `${url}/canary`, headers })

    expect(read.status).toBe(200)
    const message = (method: string) =>
      `the token "dashboard" has the scope "read", and ${method} needs "write"; use a token with that scope`
    expect(set).toMatchObject({ status: 403, body: { code: 'forbidden', message: message('POST') } })
    expect(remove).toMatchObject({ status: 403, body: { code: 'forbidden', message: message('DELETE') } })
    expect(feature.persistedNames()).toEqual(['canary'])
  })

  it('ends when the token expires', async () => {
    const { tokens, get, clock } = await startControlled()
    // The token outlives the present, and the clock of the app starts long before its end.
    const expiresAt = new Date(Date.now() + 3_600_000)
    const { token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt })

    clock.ms = expiresAt.getTime() - 1
    expect(await get(token)).toMatchObject({ status: 200 })
    clock.ms = expiresAt.getTime()
    expect(await get(token)).toMatchObject(refusal)
  })

  it('ends at most ten seconds after the token is revoked', async () => {
    const { tokens, get, clock } = await startControlled()
    const { id, token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: null })
    expect(await get(token)).toMatchObject({ status: 200 })

    await tokens.revoke(id)
    clock.ms += 9_999
    expect(await get(token)).toMatchObject({ status: 200 })
    clock.ms += 1
    expect(await get(token)).toMatchObject(refusal)
  })

  it('asks the store once in ten seconds, and notes the use once a minute', async () => {
    const { tokens, get, clock, asked } = await startControlled()
    const { id, token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: null })

    await Promise.all([get(token), get(token), get(token)])
    await get(token)
    expect(asked).toEqual({ find: 1, touch: 1 })
    expect((await tokens.find(id))?.lastUsedAt).toBeInstanceOf(Date)

    clock.ms += 59_999
    await get(token)
    expect(asked).toEqual({ find: 2, touch: 1 })
    clock.ms += 1
    await get(token)
    expect(asked).toEqual({ find: 2, touch: 2 })
  })

  it('answers 503 and never 401 while the store is down, unless the token is known', async () => {
    const { tokens, get, clock, outage } = await startControlled()
    const { token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: null })
    const { token: fresh } = await createToken(tokens, { name: 'b', scopes: ['read'], expiresAt: null })
    await get(token)

    outage.error = new StoreUnavailable('store_unavailable', {
      problem: 'connect ECONNREFUSED 10.0.0.1:5432',
      remedy: 'start it',
    })
    const down = {
      status: 503,
      body: { code: 'store_unavailable', message: 'the store could not be reached; nothing was written' },
    }
    expect(await get(token)).toMatchObject({ status: 200 })
    expect(await get(fresh)).toMatchObject(down)
    clock.ms += 10_000
    expect(await get(token)).toMatchObject(down)

    outage.error = null
    expect(await get(fresh)).toMatchObject({ status: 200 })
  })

  it('does not depend on noting the use', async () => {
    const { tokens, get, clock, outage, log, asked, app } = await startControlled()
    const { token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: null })
    await get(token)
    clock.ms += 55_000
    await get(token)

    outage.error = new Error('the disk is full')
    clock.ms += 9_000
    expect(await get(token)).toMatchObject({ status: 200 })

    await app.close()
    expect(asked.touch).toBe(2)
    expect(log).toContainEqual(expect.objectContaining({ level: 'warn', message: "a token's use could not be noted" }))
  })
})

describe('hideTokens', () => {
  it('blots out the secret of every token and leaves its id', () => {
    const token = `slc-0123456789abcdef-${'aB3_-'.repeat(8)}xyz`
    expect(hideTokens(`a ${token} b ${token}`)).toBe('a slc-0123456789abcdef-[hidden] b slc-0123456789abcdef-[hidden]')
  })

  it('blots out instance IDs, with what a proxy of Unleash appends to them', () => {
    const id = `glffct-${'aB3_-'.repeat(4)}`
    expect(hideTokens(`/x/${id}/y?z=${id}-1795000000 x_${id}`)).toBe(
      '/x/glffct-[hidden]/y?z=glffct-[hidden] x_glffct-[hidden]',
    )
  })
})
