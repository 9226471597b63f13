// The matcher for pages: what passes, what it says otherwise, and what it refuses to compare.
import { describe, expect, it } from 'vitest'
import { toHavePushedFeatureFlags } from '../../lib/testing/pushed-features.js'
import { gonScript } from '../../lib/text/gon-script.js'

const page = `<html><head>${gonScript({ features: { darkMode: true, banner: false }, experiment: {}, strict: true }, 'AAAA')}</head></html>`
const bare = '<html></html>'

describe('toHavePushedFeatureFlags', () => {
  it.each([
    [
      page,
      { darkMode: true },
      true,
      'expected a page without {"darkMode":true}, but the page tells {"darkMode":true,"banner":false}',
    ],
    [page, { darkMode: true, banner: false }, true, null],
    [page, ['darkMode', 'banner'], true, null],
    [
      page,
      { darkMode: false },
      false,
      'expected a page that tells darkMode: false, but the page tells {"darkMode":true,"banner":false}',
    ],
    [
      page,
      ['darkMode', 'other'],
      false,
      'expected a page that tells other, but the page tells {"darkMode":true,"banner":false}',
    ],
    [page, { toString: false }, false, null],
    [
      bare,
      { darkMode: true },
      false,
      'expected a page that tells darkMode: true, but the page has no script of gonScript()',
    ],
  ] as const)('compares %s with %j: %s', (html, wanted, pass, message) => {
    const matched = toHavePushedFeatureFlags(html, wanted)
    expect([matched.pass, message ?? matched.message()]).toEqual([pass, matched.message()])
  })

  it.each([
    [{ body: page }, { darkMode: true }, 'looks into HTML, and was given "object"'],
    [page, { dark_mode: true }, 'was given "dark_mode"; write darkMode'],
    [page, {}, 'was given no name'],
    [page, [], 'was given no name'],
  ])('refuses to compare %j with %j', (html, wanted, message) => {
    expect(() => toHavePushedFeatureFlags(html, wanted)).toThrow(message)
  })

  it('is a matcher of expect', () => {
    expect.extend({ toHavePushedFeatureFlags })
    expect(page).toHavePushedFeatureFlags({ darkMode: true })
    expect(page).not.toHavePushedFeatureFlags(['other'])
    expect(() => expect(page).toHavePushedFeatureFlags({ darkMode: false })).toThrow('tells darkMode: false, but')
    // @ts-expect-error an answer is true or false
    expect(() => expect(page).toHavePushedFeatureFlags({ darkMode: 'yes' })).toThrow('tells darkMode: yes, but')
  })
})
