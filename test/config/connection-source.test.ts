// A URL of a database that is a text or a function.
import { describe, expect, it, vi } from 'vitest'
import { databaseSource } from '../../lib/config/database-url.js'
import { resolveConfig, resolveWithDatabase } from '../../lib/config/config.js'

describe('a source of connections', () => {
  it('that is a text is checked at once, and answers with it', async () => {
    expect(() => databaseSource('mysql://me:secret@db')).toThrow(/no Postgres URL(?!.*secret)/)
    const source = databaseSource('postgres://db/app')
    expect(source).toMatchObject({ changes: false, known: 'postgres://db/app' })
    expect(await source.resolve()).toBe('postgres://db/app')
  })

  it('that is a function is not called before it is needed, and then each time', async () => {
    const url = vi.fn(() => 'postgres://me:one@db/app')
    const source = databaseSource(url)
    expect(source).toMatchObject({ changes: true, known: null, fixed: null })
    expect(url).not.toHaveBeenCalled()
    await source.resolveOnce()
    await source.resolveOnce()
    expect(url).toHaveBeenCalledTimes(1)
    await source.resolve()
    expect(url).toHaveBeenCalledTimes(2)
  })

  it('that never answers is given up after its time', async () => {
    const source = databaseSource(() => new Promise<string>(() => {}), { limitMs: 20 })
    const alive = setInterval(() => {}, 1_000)
    await expect(source.resolve()).rejects.toMatchObject({
      code: 'store_unavailable',
      message:
        'databaseUrl: the function did not answer within 20 ms; check the function, and what it asks for the URL',
    })
    clearInterval(alive)
  })

  it('may answer with another user and password, also in the query', async () => {
    const answers = ['postgres://a:1@db/app', 'postgres://b:2@db:5432/app', 'postgres://db/app?user=c&password=3']
    const source = databaseSource(() => answers.shift() ?? '')
    for (const answer of [...answers]) expect(await source.resolve()).toBe(answer)
  })

  it.each([
    ['a database that is named after the user', 'postgres://a@db', 'postgres://b@db', 'database ("b" instead of "a")'],
    ['a host in the query', 'postgres://a@db/app?host=/tmp', 'postgres://a@db/app', 'host ("db" instead of "/tmp")'],
    ['an option with a secret', 'postgres://a@db/app', 'postgres://a@db/app?sslkey=/secret', 'another option sslkey;'],
  ])('may not answer with another place: %s', async (_what, before, after, said) => {
    const answers = [before, after]
    const source = databaseSource(() => answers.shift() ?? '')
    await source.resolve()
    await expect(source.resolve()).rejects.toThrow(said)
    expect(source.known).toBe(before)
  })
})

describe('a configuration with a function for the database', () => {
  const options = { databaseUrl: () => 'postgres://me:secret@db/app' }

  it('has the namespace of the same URL as a text', async () => {
    const asked = await resolveWithDatabase(options, {}, {})
    const text = resolveConfig({ databaseUrl: 'postgres://other@db/app' }, {}, {})
    expect(asked).toMatchObject({ namespace: text.namespace, diskFile: text.diskFile })
  })

  it('is made without asking, for what opens nothing', () => {
    const databaseUrl = vi.fn(() => 'postgres://db/app')
    expect(resolveConfig({ databaseUrl }, {}, {}).store).toEqual({ kind: 'postgres', url: databaseUrl })
    expect(databaseUrl).not.toHaveBeenCalled()
  })

  it.each([
    [{ databaseUrl: 7 }, 'a URL, or a function'],
    [{ redisUrl: '' }, 'a URL, or a function'],
    [{ redisTls: { ca: [] } }, 'PEM'],
    [{ redisTls: { rejectUnauthorised: false } }, 'PEM'],
    [{ redisTls: { rejectUnauthorized: 'no' } }, 'PEM'],
  ])('refuses %j', (wrong, said) => {
    expect(() => resolveConfig(wrong as object, {}, {})).toThrow(said)
  })
})
