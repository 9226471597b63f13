// The checks of `validate` beyond those of loading: an owner, kinds of actors that exist, and the fields that readers of a flag look for.
import type { ActorClasses } from '../../actors/classes.js'
import { declaredKindFault } from '../../actors/declared-kinds.js'
import { type FileField, fileFields } from '../definition.js'
import { type Fault, makeFault } from '../fault.js'
import type { DefinitionFile } from '../files/files.js'
import { ownerFault } from './owner.js'
import { type Fields, faultAt, kindsOf, textOf } from './rules.js'
import { isFileField, shapeFaults } from './schema.js'
import { suggestion } from '../../text/suggest.js'

/** The faults of a file that loads although it has them. A missing owner is an error: every flag must have one. */
export function reviewDefinition(file: DefinitionFile, fields: Fields, classes: ActorClasses): readonly Fault[] {
  const faults: Fault[] = []
  if (isAbsent(fields, 'group')) {
    const remedy = 'name the owner, such as group: group::frontend'
    faults.push(faultAt(file, fields, { field: 'group', rule: 'owner', problem: 'is missing', remedy }))
  }
  const owner = ownerFault(textOf(fields, 'group') ?? '')
  if (owner !== null) faults.push(faultAt(file, fields, { field: 'group', rule: 'owner', ...owner }))
  const recommended = (field: FileField, remedy: string) => {
    if (!isAbsent(fields, field)) return
    const problem = 'is missing'
    faults.push(faultAt(file, fields, { field, rule: 'missing-field', severity: 'warning', problem, remedy }))
  }
  recommended('description', 'say in a sentence what the flag turns on')
  recommended('milestone', 'write the version that introduces it, in quotes, such as milestone: "1.2"')
  const milestone = textOf(fields, 'milestone')
  if (milestone !== null && milestone.trim() !== '' && !/^\d{1,6}\.\d{1,6}(?:\.\d{1,6})?$/.test(milestone)) {
    const remedy = 'write major.minor in quotes, such as milestone: "1.2"'
    const problem = 'is not a version'
    faults.push(faultAt(file, fields, { field: 'milestone', rule: 'milestone', severity: 'warning', problem, remedy }))
  }
  return [...faults, ...unknownKinds(file, fields, classes), ...unknownFields(file, fields)]
}

/** Errors: no actor is of such a kind, so strict mode would refuse each check for one. */
function unknownKinds(file: DefinitionFile, fields: Fields, classes: ActorClasses): readonly Fault[] {
  // Its shape is a fault already, which loading reports.
  if (shapeFaults(fields).has('actor')) return []
  return (kindsOf(fields) ?? []).flatMap((kind) => {
    const fault = declaredKindFault(kind, classes)
    if (fault === null) return []
    // Of a list, the one that is wrong.
    return [makeFault({ ...faultAt(file, fields, { field: 'actor', rule: 'actor', ...fault }), value: kind })]
  })
}

function isAbsent(fields: Fields, field: FileField): boolean {
  const value = fields.get(field)?.value
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

function unknownFields(file: DefinitionFile, fields: Fields): readonly Fault[] {
  const unknown = [...fields].filter(([name]) => !isFileField(name))
  return unknown.map(([name]) => {
    const near = suggestion(name, Object.keys(fileFields))
    const remedy = near === null ? 'remove it' : `did you mean ${near}? Otherwise remove it`
    const problem = 'is not a field of a definition and is ignored'
    return faultAt(file, fields, { field: name, rule: 'unknown-field', severity: 'warning', problem, remedy })
  })
}
