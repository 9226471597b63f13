// Where one flag is named: a line for each place, as compilers write it, and what they come to.
import type { Config } from '../../config/config.js'
import { InvalidFeatureFlagError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import { suggestion } from '../../text/suggest.js'
import type { UseKind } from '../../usage/facts.js'
import { type NamedPlace, placesOf } from '../../usage/places.js'
import { usageSettings } from '../../usage/settings.js'
import type { Usage } from '../../usage/usage.js'
import type { Cli } from '../terminal/io.js'
import { print, printJson } from '../terminal/output.js'
import { counted } from '../../text/counted.js'

export interface ShownPlaces {
  readonly name: string
  readonly config: Config
  readonly usage: Usage
  readonly only: readonly string[] | undefined
  readonly json: boolean
}

const words: Readonly<Record<UseKind, string>> = {
  check: 'asked',
  experiment: 'asked as an experiment',
  call: 'asked',
  property: 'asked by a field',
  push: 'pushed',
  'forced-push': 'pushed',
  frontend: 'read in a page',
  write: 'changed',
  read: 'shown',
  stub: 'stubbed',
  torn: 'torn',
  text: 'named in text',
}

/** Throws InvalidFeatureFlagError (`unknown_flag`) for a flag that is neither defined nor named anywhere. */
export async function showPlaces({ io }: Cli, { name, config, usage, only, json }: ShownPlaces): Promise<void> {
  const isAsked = (path: string) =>
    only?.some((one) => one === '.' || path === one || path.startsWith(`${one}/`)) ?? true
  const all = placesOf(name, config.root, usage, usageSettings(config.usage).isTest)
  const definition = usage.definitions.get(name) ?? null
  if (all.length === 0 && definition === null) {
    const near = suggestion(name, usage.definitions.keys())
    throw new InvalidFeatureFlagError('unknown_flag', {
      problem: `there is no flag ${quoted(name)}: it has no definition, and no file names it`,
      remedy: near === null ? 'check the name' : `did you mean "${near}"?`,
    })
  }
  const places = all.filter(({ file }) => isAsked(file))
  if (json) {
    const shown = places.map(({ kind, ...place }) => ({ kind, how: words[kind], ...place }))
    printJson(io, { name, definition: definition?.path ?? null, places: shown })
    return
  }
  for (const { file, line, column, kind, test, text } of places) {
    const how = `${words[kind]}${test ? ' in a test' : ''}`
    print(io, [
      { style: 'bold', text: `${file}:${line}:${column}` },
      ': ',
      { style: 'yellow', text: how },
      `: ${cut(text)}`,
    ])
  }
  print(io, `${name}: ${summary(places)}; ${definition === null ? 'no definition' : definition.path}`)
}

function summary(places: readonly NamedPlace[]): string {
  if (places.length === 0) return 'named nowhere'
  const counts = new Map<string, number>()
  for (const { kind, test } of places) {
    const word = `${words[kind]}${test ? ' in tests' : ''}`
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].map(([word, count]) => `${word} in ${counted(count, 'place')}`).join(', ')
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}
