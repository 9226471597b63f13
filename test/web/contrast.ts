// Which colours of the page stand on which, and how well they are told apart (WCAG 2.2, 1.4.3 and 1.4.11): the pairs that a program cannot
// see in the page, because something lies over them or a colour says something without a text, stand in this table.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** Text of any size on what is behind it: 4.5 to 1. */
export const textPairs: Readonly<Record<string, readonly string[]>> = {
  text: ['page', 'surface', 'tint', 'tint-strong', 'accent-tint', 'good-tint', 'bad-tint', 'warn-tint'],
  muted: ['page', 'surface', 'tint', 'tint-strong', 'accent-tint', 'good-tint', 'bad-tint', 'warn-tint'],
  accent: ['page', 'surface', 'tint', 'accent-tint', 'bad-tint', 'warn-tint'],
  'accent-strong': ['page', 'surface', 'tint', 'accent-tint', 'bad-tint', 'warn-tint'],
  'on-accent': ['accent', 'accent-strong'],
  good: ['page', 'surface', 'tint', 'good-tint', 'accent-tint'],
  bad: ['page', 'surface', 'tint', 'bad-tint', 'accent-tint', 'warn-tint'],
  warn: ['page', 'surface', 'tint', 'warn-tint', 'accent-tint'],
}

/** Edges, marks and fills that mean something, on what is beside them: 3 to 1. Lines that only divide (`line`) mean nothing alone. */
export const markPairs: Readonly<Record<string, readonly string[]>> = {
  edge: ['page', 'surface', 'tint', 'tint-strong'],
  focus: ['page', 'surface', 'tint', 'tint-strong', 'accent-tint', 'good-tint', 'bad-tint', 'warn-tint'],
  accent: ['page', 'surface', 'tint', 'accent-tint', 'tint-strong'],
  good: ['page', 'surface', 'tint', 'good-tint'],
  bad: ['page', 'surface', 'tint', 'bad-tint'],
  warn: ['page', 'surface', 'tint', 'warn-tint'],
  muted: ['page', 'surface', 'tint'],
}

/** Colours that divide or cast a shadow, and tell nothing by themselves. */
export const silent: readonly string[] = ['line', 'shadow']

const css = readFileSync(join(import.meta.dirname, '../../web/src/style/tokens.css'), 'utf8')

/** The colours of tokens.css in a theme, as `#rrggbb` by their names. */
export function readTokens(theme: Theme): ReadonlyMap<string, string> {
  const found = [
    ...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}|rgb\([^)]*\)), (#[0-9a-f]{6}|rgb\([^)]*\))\)/g),
  ]
  return new Map(found.map(([, name = '', light = '', dark = '']) => [name, theme === 'light' ? light : dark]))
}

/** Between 1 and 21. Colours as `#rrggbb`. */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Whether a text of this colour may stand on the other, by the table; both as a browser computes them, `rgb(1, 2, 3)`. */
export function isTextPair(theme: Theme, colour: string, behind: string): boolean {
  const tokens = readTokens(theme)
  const named = (computed: string) => [...tokens].filter(([, value]) => value === hex(computed)).map(([name]) => name)
  const backs = named(behind)
  return named(colour).some((name) => textPairs[name]?.some((back) => backs.includes(back)) === true)
}

function hex(computed: string): string {
  const parts = [...computed.matchAll(/\d+/g)].slice(0, 3).map(([part]) => Number(part).toString(16).padStart(2, '0'))
  return `#${parts.join('')}`
}
