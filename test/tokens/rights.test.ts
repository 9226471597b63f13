// What each scope of a token lets its holder do with internal flags.
import { describe, expect, it } from 'vitest'
import type { TokenScope } from '../../lib/store/token-scope.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { hasRight, type Right } from '../../lib/tokens/rights.js'
import { memoryTokens } from '../../lib/store/memory/tokens.js'

const rights: readonly Right[] = ['read', 'write', 'approve', 'admin']

describe('scopes', () => {
  it.each<[TokenScope, readonly Right[]]>([
    ['read', ['read']],
    ['write', ['read', 'write']],
    ['approve', ['approve']],
    ['admin', ['read', 'write', 'approve', 'admin']],
    ['projects', []],
    ['project:7:maintain', []],
    ['act_as', []],
  ])('%s gives the rights %j of internal flags', (scope, given) => {
    expect(rights.filter((right) => hasRight([scope], right))).toEqual(given)
  })

  it('give together what each of them gives', () => {
    expect(rights.filter((right) => hasRight(['read', 'approve'], right))).toEqual(['read', 'approve'])
    expect(rights.filter((right) => hasRight([], right))).toEqual([])
  })

  it('let no token speak for others and do nothing else', async () => {
    const tokens = memoryTokens(() => new Date())
    const make = (scopes: readonly TokenScope[]) => createToken(tokens, { name: 'chat', scopes, expiresAt: null })
    await expect(make(['act_as'])).rejects.toMatchObject({ code: 'invalid_arguments' })
    await expect(make(['act_as', 'write'])).resolves.toMatchObject({ token: expect.stringMatching(/^slc-/) })
  })
})
