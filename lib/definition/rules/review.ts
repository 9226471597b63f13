// The checks of `validate` beyond those of loading: an owner, and the fields that readers of a flag look for.
import { type FileField, fileFields } from '../definition.js'
import type { Fault } from '../fault.js'
import type { DefinitionFile } from '../files/files.js'
import { ownerFault } from './owner.js'
import { type Fields, faultAt, textOf } from './rules.js'
import { isFileField } from './schema.js'
import { suggestion } from '../../text/suggest.js'

/** The faults of a file that loads although it has them. A missing owner is an error: every flag must have one. */
export function reviewDefinition(file: DefinitionFile, fields: Fields): readonly Fault[] {
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
  return [...faults, ...unknownFields(file, fields)]
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
