// Forms as Rack reads them.
import { describe, expect, it } from 'vitest'
import { parseForm } from '../../../lib/server/projects/form.js'

describe('a form', () => {
  it.each<[string, object]>([
    ['', {}],
    ['a=1', { a: '1' }],
    ['a', { a: '' }],
    ['a=1&a=2', { a: '2' }],
    ['a=1=2', { a: '1=2' }],
    ['a=b+c%20d', { a: 'b c d' }],
    ['a[]=1&a[]=2', { a: ['1', '2'] }],
    ['a[b]=1&a[c]=2', { a: { b: '1', c: '2' } }],
    ['a[b][c]=1', { a: { b: { c: '1' } } }],
    ['a[][b]=1&a[][b]=2', { a: [{ b: '1' }, { b: '2' }] }],
    ['a[][b]=1&a[][c]=2&a[][b]=3', { a: [{ b: '1', c: '2' }, { b: '3' }] }],
    ['a[][b][]=1&a[][b][]=2', { a: [{ b: ['1', '2'] }] }],
    ['a%5B%5D%5Bb%5D=1', { a: [{ b: '1' }] }],
    ['a[0][b]=1', { a: { 0: { b: '1' } } }],
    ['a[][]=1&a[][]=2', { a: [['1'], ['2']] }],
    ['[]=1', { '[]': '1' }],
    ['a]=1', { 'a]': '1' }],
    ['a[b=1', { a: { '[b': '1' } }],
    [
      'strategies[][name]=userWithId&strategies[][parameters][userIds]=1&strategies[][scopes][][environment_scope]=a' +
        '&strategies[][scopes][][environment_scope]=b&strategies[][name]=default&strategies[][scopes][][environment_scope]=*',
      {
        strategies: [
          {
            name: 'userWithId',
            parameters: { userIds: '1' },
            scopes: [{ environment_scope: 'a' }, { environment_scope: 'b' }],
          },
          { name: 'default', scopes: [{ environment_scope: '*' }] },
        ],
      },
    ],
    [
      'strategies[][name]=a&strategies[][scopes][][id]=1&strategies[][scopes][][_destroy]=true&strategies[][scopes][][id]=2',
      { strategies: [{ name: 'a', scopes: [{ id: '1', _destroy: 'true' }, { id: '2' }] }] },
    ],
  ])('%s is %o', (form, expected) => {
    expect(JSON.parse(JSON.stringify(parseForm(form)))).toEqual(expected)
  })

  it('takes the names of objects for names like any other', () => {
    const parsed = parseForm('__proto__[polluted]=1&constructor=2&a[__proto__][polluted]=3')
    expect(Object.keys(parsed)).toEqual(['__proto__', 'constructor', 'a'])
    expect(Reflect.get({}, 'polluted')).toBe(undefined)
  })

  it.each([
    ['a=1&a[]=2', 'a is invalid'],
    ['a[]=1&a[b]=2', 'a is invalid'],
    ['a=%ff', 'the form is not valid percent-encoded UTF-8'],
    ['a=%', 'the form is not valid percent-encoded UTF-8'],
    [`a${'[b]'.repeat(40)}=1`, 'the form is nested too deep'],
    [`a${'[]'.repeat(80)}[b]=1`, 'the form is nested too deep'],
    ['a&'.repeat(4_097), 'the form has more than 4096 fields'],
  ])('%s is refused', (form, said) => {
    expect(() => parseForm(form)).toThrow(said)
  })
})
