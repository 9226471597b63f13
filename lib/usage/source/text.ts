// Names of flags in text that no parser of this package reads: YAML, templates, sources with a syntax error, files that are too large.
import type { FoundUse } from '../facts.js'
import type { SourceSettings } from '../settings.js'
import { LineIndex } from './line-index.js'

const name = '([a-z0-9]+(?:_[a-z0-9]+)*)'

/**
 * What the fields and functions of the configuration name, and checks: `feature_flag: dark_mode`, `featureFlag="dark_mode"`,
 * `{{#if (flagOn "dark_mode")}}`, `Feature.enabled('dark_mode')`, `gon.features.darkMode`.
 */
export function usesInText(text: string, { calls, properties }: SourceSettings): readonly FoundUse[] {
  const lines = new LineIndex(text)
  const fields = properties.map(escaped).join('|')
  const functions = [
    ...calls.map(escaped),
    '(?:enabled|disabled)\\?',
    'enabled',
    'disabled',
    'push(?:Force)?FrontendFeatureFlag',
  ].join('|')
  const found: FoundUse[] = []
  const add = (kind: FoundUse['kind'], expression: RegExp) => {
    for (const match of text.matchAll(expression)) {
      const [whole, word = ''] = match
      const offset = match.index + whole.lastIndexOf(word)
      found.push({ kind, ...lines.at(offset), terms: [[word]], sure: false, type: null, actor: null, eager: false })
    }
  }
  // A word of its own in YAML, or the whole text in quotes.
  if (fields !== '')
    add('property', new RegExp(`(?<![\\w$])["']?(?:${fields})["']?\\s*[:=]\\s*["'\`:]?${name}(?![\\w-])`, 'g'))
  add('call', new RegExp(`(?<![\\w$])(?:${functions})\\s*\\(?\\s*["'\`:]${name}(?![\\w-])`, 'g'))
  add('frontend', /(?:\bglFeatures|\bgon\.features)\.([A-Za-z_$][\w$]*)/g)
  return found
}

/** Texts in quotes that could be the name of a flag. */
export function quotedNames(text: string): readonly string[] {
  const names = new Set<string>()
  for (const [, , word = ''] of text.matchAll(new RegExp(`(["'\`])${name}\\1`, 'g'))) names.add(word)
  return [...names]
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
