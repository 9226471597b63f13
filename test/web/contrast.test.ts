// The colours of the page by their meaning: what stands on what can be told from it, in both themes.
import { describe, expect, it } from 'vitest'
import { contrast, markPairs, readTokens, silent, textPairs, themes } from './contrast.js'

const pairsOf = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(table).flatMap(([colour, backs]) => backs.map((back) => ({ colour, back })))

describe.each(themes)('the colours of the %s theme', (theme) => {
  const tokens = readTokens(theme)
  const colourOf = (name: string) => {
    const value = tokens.get(name)
    if (value === undefined) throw new Error(`tokens.css has no --${name}`)
    return value
  }

  it.each(pairsOf(textPairs))('has text of $colour on $back that can be read', ({ colour, back }) => {
    expect(contrast(colourOf(colour), colourOf(back))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(pairsOf(markPairs))('has marks of $colour on $back that can be seen', ({ colour, back }) => {
    expect(contrast(colourOf(colour), colourOf(back))).toBeGreaterThanOrEqual(3)
  })

  it('are all in the table', () => {
    const known = [...pairsOf(textPairs), ...pairsOf(markPairs)].flatMap(({ colour, back }) => [colour, back])
    expect([...tokens.keys()].filter((name) => !silent.includes(name)).toSorted()).toEqual(
      [...new Set(known)].toSorted(),
    )
  })
})

describe('the contrast of two colours', () => {
  it('is that of WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 3)
    expect(contrast('#ffffff', '#767676')).toBeCloseTo(4.542, 3)
  })
})
