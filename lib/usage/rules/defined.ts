// Names that no definition has, types that are not those of the definition, and flags of `ee/` outside of it.
import { experimentFault, usageFault } from '../../definition/call-fault.js'
import type { Definition } from '../../definition/definition.js'
import { isEnterprisePath } from '../../definition/files/files.js'
import { printable } from '../../text/printable.js'
import { makeUsageFault, type UsageFault } from '../usage-fault.js'
import type { Use } from '../uses.js'
import { judgedUses, placeOf, type Reading } from './reading.js'

const naming: ReadonlySet<Use['kind']> = new Set([
  'check',
  'experiment',
  'write',
  'read',
  'push',
  'forced-push',
  'call',
])
/** These say the type of the flag, or mean `development`. */
const typed: ReadonlySet<Use['kind']> = new Set(['check', 'push'])

export function definedFaults(reading: Reading): readonly UsageFault[] {
  const optional = optionalNames(reading)
  return judgedUses(reading, naming).flatMap((use) => [
    ...use.names.flatMap((name) => nameFaults(reading, use, name, optional)),
    ...use.prefixes.flatMap((prefix) => prefixFaults(reading, use, prefix, optional)),
  ])
}

/** Names, and beginnings of names, that are asked with a type whose flags need no definition. */
interface OptionalNames {
  has(name: string): boolean
}

function optionalNames(reading: Reading): OptionalNames {
  const names = new Set<string>()
  const prefixes = new Set<string>()
  for (const use of reading.uses) {
    // An experiment needs a definition, although a check of its type would not.
    if (use.kind === 'experiment') continue
    if (!use.type.known || use.type.name === null || reading.types.get(use.type.name)?.optional !== true) continue
    for (const name of use.names) names.add(name)
    for (const prefix of use.prefixes) prefixes.add(prefix)
  }
  return { has: (name) => names.has(name) || [...prefixes].some((prefix) => name.startsWith(prefix)) }
}

function nameFaults(reading: Reading, use: Use, name: string, optional: OptionalNames): readonly UsageFault[] {
  const definition = reading.definitions.get(name)
  if (definition?.ee === true && !isEnterprisePath(use.file)) return [enterpriseFault(reading, use, definition)]
  const isTyped = typed.has(use.kind) || use.kind === 'experiment'
  // The type may be one whose flags need no definition.
  if (isTyped && !use.type.known) return []
  const type = isTyped && use.type.known ? (use.type.name ?? undefined) : definition?.type
  if (definition === undefined && !isTyped && optional.has(name)) return []
  const { types, definitions, definitionFaults: faults, base } = reading
  const context = { types, definitions, faults, base }
  const error = use.kind === 'experiment' ? experimentFault(context, name) : usageFault(context, name, type)
  if (error === null) return []
  const { problem, remedy } = error
  const rule = error.code === 'unknown_flag' ? 'undefined-flag' : 'wrong-type'
  return [makeUsageFault({ ...placeOf(use), rule, flag: name, problem, remedy })]
}

function enterpriseFault({ foss }: Reading, use: Use, { name, path }: Definition): UsageFault {
  const problem = foss
    ? `flag "${name}" is unknown with FOSS_ONLY=1, because ${printable(path)} defines it`
    : `flag "${name}" is asked outside of ee/, where it is unknown with FOSS_ONLY=1, because ${printable(path)} defines it`
  const remedy = 'ask it in a file under ee/, or move its definition out of ee/'
  return makeUsageFault({ ...placeOf(use), rule: 'ee-flag', flag: name, problem, remedy })
}

/** A beginning that no definition has would be unknown with every ending. */
function prefixFaults(reading: Reading, use: Use, prefix: string, optional: OptionalNames): readonly UsageFault[] {
  const { definitions, types, foss } = reading
  const isKnown = [...definitions.values()].some((one) => one.name.startsWith(prefix) && !(foss && one.ee))
  if (isKnown || !use.type.known) return []
  const type = use.type.name === null ? undefined : types.get(use.type.name)
  if ((type?.optional === true && use.kind !== 'experiment') || (!typed.has(use.kind) && optional.has(prefix)))
    return []
  const problem = `no defined flag has a name that begins with "${printable(prefix)}", as this one does`
  const remedy = 'define the flags, or name a type whose flags need no definition, such as worker'
  return [makeUsageFault({ ...placeOf(use), rule: 'undefined-flag', problem, remedy })]
}

/** Two checks of a flag without a definition that name different types. */
export function typeFaults(reading: Reading): readonly UsageFault[] {
  const first = new Map<string, { readonly type: string; readonly use: Use }>()
  return judgedUses(reading, typed).flatMap((use) =>
    use.names.flatMap((name) => {
      const type = use.type.known ? use.type.name : null
      if (type === null || reading.definitions.has(name) || reading.types.get(type)?.optional !== true) return []
      const before = first.get(name)
      if (before === undefined) first.set(name, { type, use })
      if (before === undefined || before.type === type) return []
      const place = `${printable(before.use.file)}:${before.use.line}:${before.use.column}`
      const problem = `flag "${printable(name)}" is asked with the type "${type}", but with "${before.type}" in ${place}`
      const remedy = 'name one type in both, or define the flag'
      return [makeUsageFault({ ...placeOf(use), rule: 'different-types', flag: name, problem, remedy })]
    }),
  )
}
