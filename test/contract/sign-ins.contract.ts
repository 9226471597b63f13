// What every store must do with sign-ins, one-time codes and keys.
import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NewSignIn, signInTimes } from '../../lib/store/sign-ins.js'
import type { Store } from '../../lib/store/store.js'
import type { TokenScope } from '../../lib/store/token-scope.js'

const hashOf = (text: string) => createHash('sha256').update(text).digest()
const newHash = () => hashOf(randomUUID())

async function makeToken(
  store: Store,
  given: { scopes?: readonly TokenScope[]; expiresAt?: Date; person?: string } = {},
) {
  const { scopes = ['write'], expiresAt = null, person = null } = given
  const token = { id: randomUUID(), name: 'laptop', digest: newHash(), scopes, expiresAt, person }
  await store.tokens.create(token)
  return token
}

function signInOf(kind: NewSignIn['kind'], tokenId: string, scopes: readonly TokenScope[] = ['write']): NewSignIn {
  return { kind, idHash: newHash(), tokenId, person: null, scopes }
}

function byCommand(kind: NewSignIn['kind'], person: string): NewSignIn {
  return { kind, idHash: newHash(), tokenId: null, person, scopes: ['admin'] }
}

export function signInContract(the: () => Store): void {
  it('finds a sign-in with its token, its person and the scopes that both have', async () => {
    const token = await makeToken(the(), { scopes: ['write', 'approve'], person: 'ann' })
    const signIn = signInOf('session', token.id, ['write', 'admin'])
    await the().signIns.create(signIn)
    const found = await the().signIns.find(signIn.idHash)
    expect(found).toEqual({
      token: expect.objectContaining({ id: token.id, name: 'laptop', scopes: ['write', 'approve'], person: 'ann' }),
      person: 'ann',
      scopes: ['write'],
      createdAt: expect.any(Date),
      expiresAt: expect.any(Date),
    })
    expect(found?.token).not.toHaveProperty('digest')
    const { createdAt, expiresAt } = found ?? { createdAt: new Date(0), expiresAt: new Date(0) }
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(signInTimes.lifeMs)
    expect(await the().signIns.find(newHash())).toBeNull()
  })

  it('finds a sign-in by a command, which has no token', async () => {
    const signIn = byCommand('session', 'cli:ann')
    await the().signIns.create(signIn)
    expect(await the().signIns.find(signIn.idHash)).toMatchObject({ token: null, person: 'cli:ann', scopes: ['admin'] })
  })

  it('ends a sign-in with its token: revoked, expired or gone', async () => {
    const [revoked, expired] = [await makeToken(the()), await makeToken(the(), { expiresAt: new Date(Date.now() - 1) })]
    const signIns = [revoked.id, expired.id, randomUUID()].map((id) => signInOf('session', id))
    for (const signIn of signIns) await the().signIns.create(signIn)
    await the().tokens.revoke(revoked.id)
    for (const { idHash } of signIns) expect(await the().signIns.find(idHash)).toBeNull()
  })

  it('has a sign-in end when its token does, if that is earlier', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000)
    const signIn = signInOf('session', (await makeToken(the(), { expiresAt })).id)
    await the().signIns.create(signIn)
    expect((await the().signIns.find(signIn.idHash))?.expiresAt).toEqual(expiresAt)
  })

  it('takes a code once, also where ten use it at once', async () => {
    const code = byCommand('code', 'cli:ann')
    await the().signIns.create(code)
    expect(await the().signIns.find(code.idHash)).toBeNull()
    const hashes = Array.from({ length: 10 }, newHash)
    const redeemed = await Promise.all(hashes.map((idHash) => the().signIns.redeem(code.idHash, idHash)))
    expect(redeemed.filter((one) => one !== null)).toMatchObject([
      { token: null, person: 'cli:ann', scopes: ['admin'] },
    ])
    const won = hashes[redeemed.findIndex((one) => one !== null)] ?? newHash()
    expect(await the().signIns.find(won)).not.toBeNull()
    expect(await the().signIns.redeem(code.idHash, newHash())).toBeNull()
  })

  it('takes no sign-in for a code, and makes none of an unknown one', async () => {
    const signIn = byCommand('session', 'cli:ann')
    await the().signIns.create(signIn)
    expect(await the().signIns.redeem(signIn.idHash, newHash())).toBeNull()
    expect(await the().signIns.redeem(newHash(), newHash())).toBeNull()
    expect(await the().signIns.find(signIn.idHash)).not.toBeNull()
  })

  it('answers a redeeming whose answer was lost with the sign-in that it made', async () => {
    const [code, idHash] = [byCommand('code', 'cli:ann'), newHash()]
    await the().signIns.create(code)
    await the().signIns.redeem(code.idHash, idHash)
    expect(await the().signIns.redeem(code.idHash, idHash)).toMatchObject({ person: 'cli:ann' })
  })

  it('ends one sign-in, or all of a token, or all of a person without one, with their codes', async () => {
    const [mine, other] = [await makeToken(the()), await makeToken(the())]
    const person = `cli:${randomUUID()}`
    const [one, two, code, foreign] = [
      signInOf('session', mine.id),
      signInOf('session', mine.id),
      signInOf('code', mine.id),
      signInOf('session', other.id),
    ]
    const [typed, waiting, stranger] = [
      byCommand('session', person),
      byCommand('code', person),
      byCommand('session', 'cli:b'),
    ]
    for (const each of [one, two, code, foreign, typed, waiting, stranger]) await the().signIns.create(each)

    expect(await the().signIns.end(one.idHash)).toBe(true)
    expect(await the().signIns.end(one.idHash)).toBe(false)
    expect(await the().signIns.find(one.idHash)).toBeNull()
    expect(await the().signIns.find(two.idHash)).not.toBeNull()
    expect(await the().signIns.endAll({ tokenId: mine.id, person: null })).toBe(2)
    expect(await the().signIns.redeem(code.idHash, newHash())).toBeNull()
    expect(await the().signIns.endAll({ tokenId: null, person })).toBe(2)
    expect(await the().signIns.find(typed.idHash)).toBeNull()
    for (const left of [foreign, stranger]) expect(await the().signIns.find(left.idHash)).not.toBeNull()
  })

  it('makes one key a purpose, and gives the same to all who ask at once', async () => {
    const asked = await Promise.all(Array.from({ length: 5 }, () => the().signIns.keys('confirm')))
    for (const keys of asked) expect(keys).toEqual(asked[0])
    expect(asked[0]).toHaveLength(1)
    expect(asked[0]?.[0]).toHaveLength(32)
    const [csrf] = await the().signIns.keys('csrf')
    expect(csrf).not.toEqual(asked[0]?.[0])
  })
}

export interface AgingStore {
  readonly store: Store
  /** Lets so much time pass for all that is kept. */
  later(ms: number): Promise<void>
  close(): Promise<void>
}

/** What time does to them. */
export function signInTimesContract(name: string, make: () => Promise<AgingStore>): void {
  describe(`sign-ins ${name}`, () => {
    let made: AgingStore
    beforeAll(async () => {
      made = await make()
    })
    afterAll(() => made?.close())
    const hour = 3_600_000
    const isThere = async ({ idHash }: NewSignIn) => (await made.store.signIns.find(idHash)) !== null
    const created = async (signIn: NewSignIn) => {
      await made.store.signIns.create(signIn)
      return signIn
    }

    it('end after two hours without a use, and a use counts from then', async () => {
      const [idle, used] = [await created(byCommand('session', 'a')), await created(byCommand('session', 'a'))]
      await made.later(1.5 * hour)
      await made.store.signIns.touch(used.idHash)
      await made.later(0.6 * hour)
      expect([await isThere(idle), await isThere(used)]).toEqual([false, true])
    })

    it('end twelve hours after they began, however much they are used', async () => {
      const signIn = await created(byCommand('session', 'a'))
      for (let passed = 0; passed < 11; passed += 1) {
        await made.later(hour)
        await made.store.signIns.touch(signIn.idHash)
      }
      expect(await isThere(signIn)).toBe(true)
      await made.later(hour)
      expect(await isThere(signIn)).toBe(false)
    })

    it('come from a code for ten minutes', async () => {
      const [good, old] = [await created(byCommand('code', 'a')), await created(byCommand('code', 'a'))]
      await made.later(9 * 60_000)
      expect(await made.store.signIns.redeem(good.idHash, newHash())).not.toBeNull()
      await made.later(60_001)
      expect(await made.store.signIns.redeem(old.idHash, newHash())).toBeNull()
    })

    it('have a key of today, and that of yesterday for as long as what it signed may be used', async () => {
      const [first] = await made.store.signIns.keys('csrf')
      await made.later(24 * hour)
      const [second, ...older] = await made.store.signIns.keys('csrf')
      expect(older).toEqual([first])
      await made.later(24 * hour)
      const third = await made.store.signIns.keys('csrf')
      expect(third).toHaveLength(2)
      expect(third[1]).toEqual(second)
    })

    it('are deleted once they have ended, with old keys, and others are not', async () => {
      await made.store.signIns.prune()
      const ended = [await created(byCommand('session', 'a')), await created(byCommand('code', 'a'))]
      await made.later(3 * hour)
      const alive = [await created(byCommand('session', 'a')), await created(byCommand('code', 'a'))]
      expect(await made.store.signIns.prune()).toBe(ended.length)
      expect(await made.store.signIns.prune()).toBe(0)
      const [session, code] = alive
      expect(session && (await isThere(session))).toBe(true)
      expect(code && (await made.store.signIns.redeem(code.idHash, newHash()))).not.toBeNull()
    })
  })
}
