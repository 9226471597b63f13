// Flags that are defined and asked nowhere, and permissions for that which are not needed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Definition } from '../../definition/definition.js'
import { quoted } from '../../text/printable.js'
import { makeUsageFault, type UsageFault } from '../usage-fault.js'
import type { Use } from '../uses.js'
import { camelCase } from '../../definition/camel-case.js'
import type { Reading } from './reading.js'

/** A change of what is stored asks nothing. */
const asking: ReadonlySet<Use['kind']> = new Set([
  'check',
  'experiment',
  'read',
  'push',
  'forced-push',
  'call',
  'property',
  'frontend',
  'text',
])

export function unusedFaults(reading: Reading): readonly UsageFault[] {
  const { definitions, settings, foss } = reading
  const isUsed = usedFlags(reading)
  const relevant = [...definitions.values()].filter((one) => !(foss && one.ee))
  const unused = relevant.filter(({ name }) => !isUsed(name) && !settings.allowUnused.has(name))
  const needless = [...settings.allowUnused.keys()].filter((name) => {
    const definition = definitions.get(name)
    return definition === undefined || (isUsed(name) && !(foss && definition.ee))
  })
  return [
    ...unused.map((definition) => unusedFault(reading, definition)),
    ...needless.map((name) => needlessFault(name, definitions.get(name))),
  ]
}

/** Tells whether a flag is asked anywhere outside of tests, for certain or perhaps. */
export function usedFlags({ uses, quoted: texts }: Pick<Reading, 'uses' | 'quoted'>): (name: string) => boolean {
  const counting = uses.filter(({ kind, test }) => !test && asking.has(kind))
  const names = new Set(counting.flatMap((use) => use.names))
  const camelNames = new Set(counting.flatMap((use) => use.camelNames))
  const prefixes = [...new Set(counting.flatMap((use) => use.prefixes))]
  return (name) =>
    names.has(name) ||
    texts.has(name) ||
    camelNames.has(camelCase(name)) ||
    prefixes.some((prefix) => name.startsWith(prefix))
}

function unusedFault({ root, uses }: Reading, { name, path }: Definition): UsageFault {
  const tests = uses.filter((use) => use.test && use.names.includes(name)).length
  const only = tests === 0 ? '' : `, except in tests (${tests} ${tests === 1 ? 'place' : 'places'})`
  return makeUsageFault({
    file: path,
    line: lineOfName(join(root, path)),
    rule: 'unused-flag',
    flag: name,
    problem: `flag "${name}" is defined, but no code asks it${only}`,
    remedy:
      'ask it in the change that defines it, delete the file, ' +
      `or permit it with usage: { allowUnused: { ${name}: 'the reason' } } in the configuration`,
  })
}

function needlessFault(name: string, definition: Definition | undefined): UsageFault {
  const why = definition === undefined ? 'has no definition' : 'is asked by the code'
  return makeUsageFault({
    file: definition?.path ?? '.',
    rule: 'allow-unused',
    severity: 'warning',
    flag: definition?.name ?? null,
    problem: `usage.allowUnused names ${quoted(name)}, which ${why}`,
    remedy: 'take it out of usage.allowUnused',
  })
}

/** The line of a definition that names its flag; 1 where it cannot be read any more. */
function lineOfName(path: string): number {
  try {
    const lines = readFileSync(path, 'utf8').split(/\r\n|\n|\r/)
    return (
      Math.max(
        0,
        lines.findIndex((line) => /^["']?name["']?\s*:/.test(line)),
      ) + 1
    )
  } catch {
    return 1
  }
}
