// Names in their two forms: two flags that a page could not tell apart, and names that are made at run time.
import { camelCase } from '../../definition/camel-case.js'
import { quoted } from '../../text/printable.js'
import { makeUsageFault, type UsageFault } from '../usage-fault.js'
import type { Use } from '../uses.js'
import { judgedUses, placeOf, type Reading } from './reading.js'

export function camelCaseFaults({ definitions, foss }: Reading): readonly UsageFault[] {
  const first = new Map<string, string>()
  const relevant = [...definitions.values()].filter((one) => !(foss && one.ee))
  return relevant
    .sort((one, two) => (one.name < two.name ? -1 : 1))
    .flatMap(({ name, path }) => {
      const camel = camelCase(name)
      const before = first.get(camel)
      if (before === undefined) {
        first.set(camel, name)
        return []
      }
      const problem = `flags "${before}" and "${name}" are both "${camel}" in a page`
      const remedy = 'give one of them another name'
      return [makeUsageFault({ file: path, rule: 'camel-case', flag: name, problem, remedy })]
    })
}

const asking: ReadonlySet<Use['kind']> = new Set(['check', 'experiment', 'push', 'forced-push', 'call'])

export function dynamicNameNotes(reading: Reading): readonly UsageFault[] {
  return judgedUses(reading, asking).flatMap((use) => {
    const [shown] = use.dynamic
    if (shown === undefined) return []
    const isOpen = shown === '…'
    const problem = isOpen
      ? 'the name of the flag is known only at run time, so this marks no flag as used'
      : `the name of the flag is made of several parts (${quoted(shown)}), so this marks no flag as used`
    const remedy = isOpen
      ? 'name the function around it in usage.calls, or give a literal'
      : 'begin it with its only literal part, or write the whole names'
    return [makeUsageFault({ ...placeOf(use), rule: 'dynamic-name', severity: 'note', problem, remedy })]
  })
}
