// How long tokens count, on whatever clock, and how many wrong ones are looked up.
import { describe, expect, it } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { createToken } from '../../../lib/tokens/tokens.js'
import { refusal, startControlled, url } from '../controlled-app.js'
import { readAnswer } from '../support.js'

describe('access', () => {
  it('ends ten seconds after the token is revoked, also when the clock is set back or ahead', async () => {
    const wall = { ms: Date.parse('2026-01-01T00:00:00Z') }
    const { app, tokens, get, clock } = await startControlled({ now: () => wall.ms })
    const { id, token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: null })
    expect(await get(token)).toMatchObject({ status: 200 })

    await tokens.revoke(id)
    wall.ms -= 86_400_000
    clock.ms += 10_000
    expect(await get(token)).toMatchObject(refusal)
    expect((await readAnswer(app, { url: '/-/liveness' })).status).toBe(200)
  })

  it('that has ended with the token does not come back when the clock is set back', async () => {
    const wall = { ms: Date.now() }
    const { tokens, get, clock } = await startControlled({ now: () => wall.ms })
    const { token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: new Date(wall.ms + 60_000) })
    expect(await get(token)).toMatchObject({ status: 200 })

    wall.ms += 60_000
    expect(await get(token)).toMatchObject(refusal)
    wall.ms -= 3_600_000
    clock.ms += 20_000
    expect(await get(token)).toMatchObject(refusal)
  })

  it('that would end later with the clock set back ends after the time that the token had', async () => {
    const wall = { ms: Date.now() }
    const { tokens, get, clock } = await startControlled({ now: () => wall.ms })
    const { token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: new Date(wall.ms + 60_000) })

    wall.ms -= 3_600_000
    clock.ms += 59_999
    expect(await get(token)).toMatchObject({ status: 200 })
    clock.ms += 1
    expect(await get(token)).toMatchObject(refusal)
  })

  it('asks the store of no more wrong tokens than are allowed, however many come at once', async () => {
    const { app, asked } = await startControlled()
    const wrong = (index: number) => `slc-${index.toString(16).padStart(16, '0')}-${'x'.repeat(43)}`

    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => readAnswer(app, { url, headers: { 'private-token': wrong(index) } })),
    )

    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(290)
    expect(asked.find).toBe(10)
  })

  it('is given to many good tokens that are new here and come at once', async () => {
    const { tokens, get } = await startControlled()
    const made = Array.from({ length: 40 }, (_, index) =>
      createToken(tokens, { name: `a${index}`, scopes: ['read'], expiresAt: null }),
    )

    const answers = await Promise.all((await Promise.all(made)).map(({ token }) => get(token)))

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200))
  })

  it('is not lost to a token that worked within the hour, though others send wrong ones from its address', async () => {
    const { app, tokens, get, clock } = await startControlled()
    const { id, token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: null })
    const guess = (text: string) => readAnswer(app, { url, headers: { 'private-token': text } })
    const guesses = () => Promise.all(Array.from({ length: 30 }, () => guess('wrong')))
    await get(token)

    clock.ms += 3_599_999
    await guesses()
    expect(await get(token)).toMatchObject({ status: 200 })
    expect((await guess(`${token.slice(0, 21)}${'x'.repeat(43)}`)).status).toBe(429)
    await tokens.revoke(id)
    clock.ms += 10_000
    expect(await get(token)).toMatchObject(refusal)
    expect((await get(token)).status).toBe(429)
  })

  it('counts no wrong token where the store could not be asked', async () => {
    const { tokens, get, outage } = await startControlled()
    const { token } = await createToken(tokens, { name: 'a', scopes: ['read'], expiresAt: null })
    outage.error = new StoreUnavailable('store_unavailable', {
      problem: 'connect ECONNREFUSED 10.0.0.1:5432',
      remedy: 'start it',
    })

    const answers = await Promise.all(Array.from({ length: 30 }, () => get(token)))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
    outage.error = null
    expect(await get(token)).toMatchObject({ status: 200 })
  })
})
