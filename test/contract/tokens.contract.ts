// What every store must do with the tokens of the HTTP API.
import { createHash, randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Store } from '../../lib/store/store.js'
import type { TokenScope } from '../../lib/store/token-scope.js'

export function tokenContract(the: () => Store): void {
  const token = (name: string, scopes: readonly TokenScope[] = ['read']) => ({
    id: randomUUID(),
    name,
    digest: createHash('sha256').update(name).digest(),
    scopes,
    expiresAt: new Date('2030-01-02T03:04:05.678Z'),
  })

  it('finds a token by its id, with its digest', async () => {
    const made = token('deploy', ['admin', 'read'])
    await the().tokens.create(made)
    const found = await the().tokens.find(made.id)
    expect(found).toEqual({ ...made, createdAt: expect.any(Date), lastUsedAt: null, revokedAt: null, person: null })
    expect(await the().tokens.find('nobody')).toBeNull()
  })

  it('lists tokens without their digests', async () => {
    const made = { ...token('listed'), expiresAt: null }
    await the().tokens.create(made)
    const listed = (await the().tokens.list()).find(({ id }) => id === made.id)
    expect(listed).toEqual({
      id: made.id,
      name: 'listed',
      scopes: ['read'],
      createdAt: expect.any(Date),
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
      person: null,
    })
  })

  it('keeps the person who holds a token', async () => {
    const made = { ...token('laptop'), person: 'Ann' }
    await the().tokens.create(made)
    expect((await the().tokens.find(made.id))?.person).toBe('Ann')
    expect((await the().tokens.list()).find(({ id }) => id === made.id)?.person).toBe('Ann')
  })

  it('refuses a second token of the same id', async () => {
    const made = token('twin')
    await the().tokens.create(made)
    await expect(the().tokens.create(made)).rejects.toMatchObject({ code: 'store_rejected' })
  })

  it('revokes by id or by name, and revoking twice keeps the first time', async () => {
    const [byId, byName] = [token('one'), token('other')]
    await the().tokens.create(byId)
    await the().tokens.create(byName)
    expect(await the().tokens.revoke(byId.id)).toBe(true)
    expect(await the().tokens.revoke('other')).toBe(true)
    const first = (await the().tokens.find(byId.id))?.revokedAt
    expect(first).toBeInstanceOf(Date)
    expect(await the().tokens.revoke(byId.id)).toBe(true)
    expect((await the().tokens.find(byId.id))?.revokedAt).toEqual(first)
    expect((await the().tokens.find(byName.id))?.revokedAt).toBeInstanceOf(Date)
    expect(await the().tokens.revoke('nobody')).toBe(false)
  })

  it('takes a name that is the id of another token for the id', async () => {
    const one = token('real')
    const impostor = token(one.id)
    await the().tokens.create(one)
    await the().tokens.create(impostor)
    await the().tokens.revoke(one.id)
    expect((await the().tokens.find(impostor.id))?.revokedAt).toBeNull()
  })

  it('notes a use, at most once a minute', async () => {
    const made = token('used')
    await the().tokens.create(made)
    await the().tokens.touch(made.id)
    const first = (await the().tokens.find(made.id))?.lastUsedAt
    expect(first).toBeInstanceOf(Date)
    await the().tokens.touch(made.id)
    expect((await the().tokens.find(made.id))?.lastUsedAt).toEqual(first)
    await the().tokens.touch('nobody')
  })
}
