// The script element by which pages get flags: no content can end it, and it reads back as what it says.
import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { featuresInPage, gonScript, isNonce } from '../../lib/text/gon-script.js'

const hostile = [
  '</script>',
  '</SCRIPT ',
  '<!--',
  '<script',
  ']]>',
  '-->',
  '\u2028',
  '\u2029',
  '"',
  "'",
  '\\',
  '`$' + '{1}`',
  '&lt;',
]

// A window is the object of its own global names.
const window: { gon?: unknown; window?: object } = {}
window.window = window
createContext(window)

/** What the script leaves in a page that has `gon` already. */
function run(element: string, gon: unknown = undefined) {
  const [, code = ''] = /^<script[^>]*>(.*)<\/script>$/s.exec(element) ?? []
  window.gon = gon
  runInContext(code, window)
  return JSON.parse(JSON.stringify(window.gon))
}

describe('the script element', () => {
  it.each(hostile)('is not ended by %j in a name or a value', (text) => {
    const content = { features: { [text]: true }, experiment: { [text]: { variant: text } }, strict: false }
    const element = gonScript(content, null)
    expect(element.match(/<|>/g)).toHaveLength(4)
    expect(element).not.toMatch(/[\u2028\u2029]/)
    expect(run(element)).toEqual({ features: content.features, experiment: content.experiment })
  })

  it('tells any names and values, and they are read back from a page', () => {
    const names = fc
      .dictionary(fc.string({ unit: 'binary' }), fc.boolean())
      .filter((one) => !Object.hasOwn(one, '__proto__'))
    fc.assert(
      fc.property(names, fc.string({ unit: 'binary' }), (features, variant) => {
        const element = gonScript({ features, experiment: { one: { variant } }, strict: true }, 'AAAA')
        expect(run(element)).toEqual({
          strict: true,
          features,
          experiment: { one: { variant: variant.toWellFormed() } },
        })
        expect(featuresInPage(`<p>before</p>${element}<p>after</p>`)).toEqual(features)
      }),
      { numRuns: 50 },
    )
  })

  it('adds to what the page has, and replaces nothing of it', () => {
    const gon = { features: { old: true, both: true }, user: 'ada' }
    expect(
      run(gonScript({ features: { both: false, fresh: true }, experiment: {}, strict: false }, null), gon),
    ).toEqual({
      features: { old: true, both: false, fresh: true },
      user: 'ada',
    })
  })

  it('of several in a page the later one counts, and a page without one has none', () => {
    const one = gonScript({ features: { a: true, b: true }, experiment: {}, strict: false }, null)
    const two = gonScript({ features: { b: false }, experiment: {}, strict: false }, null)
    expect(featuresInPage(`${one}<main></main>${two}`)).toEqual({ a: true, b: false })
    expect(featuresInPage('<script>gon.features={}</script>')).toBeNull()
  })
})

it.each([
  ['AAAA', true],
  ['r4nd0m+/-_==', true],
  ['', false],
  ['a"b', false],
  ["a'b", false],
  ['a b', false],
  ['a\n', false],
  ['=', false],
  ['a===', false],
  [undefined, false],
])('the nonce %j is one: %s', (text, expected) => {
  expect(isNonce(text)).toBe(expected)
})
