// The rules that decide whether a definition loads, in the order in which GitLab checks them.
import type { Definition, FileField } from '../definition.js'
import { type Fault, makeFault, type Rule, type Severity } from '../fault.js'
import { type DefinitionFile, isEnterprisePath } from '../files/files.js'
import { flagNameFault } from '../name.js'
import { quoted } from '../../text/printable.js'
import { type ShapeFault, shapeFaults } from './schema.js'
import { suggestion } from '../../text/suggest.js'
import type { FlagType } from '../types.js'
import type { YamlField } from '../files/yaml-field.js'

export type FlagTypes = ReadonlyMap<string, FlagType>
export type Fields = ReadonlyMap<string, YamlField>

export interface Checked {
  /** Null if a rule is broken and no usable part is left. */
  readonly definition: Definition | null
  readonly faults: readonly Fault[]
}

/** The usable part of a definition that breaks rules, given the fields of wrong shape; null if there is none. */
export type Usable = (
  file: DefinitionFile,
  fields: Fields,
  wrong: ReadonlyMap<FileField, ShapeFault>,
) => Definition | null

interface Problem {
  readonly field: string | null
  readonly rule: Rule
  readonly problem: string
  readonly remedy: string
}

/**
 * The definition that a file's fields make, or every fault that prevents it. With `usable`, which gives the usable part of a
 * file that breaks rules, the faults of such a file are warnings.
 */
export function checkDefinition(file: DefinitionFile, fields: Fields, types: FlagTypes, usable?: Usable): Checked {
  const shapes = shapeFaults(fields)
  const problems = problemsOf(file, fields, types, shapes)
  if (problems.length === 0) return { definition: definitionOf(file, fields), faults: [] }
  const definition = usable?.(file, fields, shapes) ?? null
  const severity: Severity = definition === null ? 'error' : 'warning'
  return { definition, faults: problems.map((problem) => faultAt(file, fields, { ...problem, severity })) }
}

function problemsOf(
  file: DefinitionFile,
  fields: Fields,
  types: FlagTypes,
  shapes: ReadonlyMap<FileField, ShapeFault>,
): readonly Problem[] {
  const name = nameProblem(file, fields)
  const type = typeProblem(file, fields, types)
  return [
    name,
    type,
    ...placeProblems(file, name ? null : textOf(fields, 'name'), type ? null : textOf(fields, 'type'), types),
    shapeProblem('milestone', 'milestone', shapes),
    defaultProblem(fields, shapes),
    type ? null : defaultOnProblem(fields, types),
    ...laterFields.map((field) => shapeProblem(field, 'field', shapes)),
  ].filter((problem) => problem !== null)
}

/** A fault about a field of a file; finds the line and the value of the field. */
export function faultAt(
  file: DefinitionFile,
  fields: Fields,
  problem: Problem & Partial<Pick<Fault, 'severity'>>,
): Fault {
  const given = problem.field === null ? undefined : fields.get(problem.field)
  return makeFault({
    ...problem,
    file: file.path,
    flag: flagOf(file, fields),
    line: given?.line ?? null,
    value: given?.text ?? null,
  })
}

/** The flag that a file is about: the one in its content, otherwise the one in its name. */
export function flagOf(file: DefinitionFile, fields: Fields): string | null {
  const name = textOf(fields, 'name')
  if (name !== null && flagNameFault(name) === null) return name
  return flagNameFault(file.stem) === null ? file.stem : null
}

const laterFields = [
  'description',
  'feature_issue_url',
  'introduced_by_url',
  'rollout_issue_url',
  'log_state_changes',
  'group',
  'intended_to_rollout_by',
  'actor',
] as const satisfies readonly FileField[]

function nameProblem(file: DefinitionFile, fields: Fields): Problem | null {
  const given = fields.get('name')
  const fault = flagNameFault(given?.value)
  if (fault === null) return null
  return { field: 'name', rule: 'name', problem: fault, remedy: nameRemedy(file, given) }
}

function nameRemedy({ stem }: DefinitionFile, given: YamlField | undefined): string {
  const good = flagNameFault(stem) === null ? stem : 'my_flag'
  const instead = `write name: ${yamlName(good)}`
  // As a text it would be a name: YAML reads 007 as a number, and null as nothing.
  const isName = given !== undefined && isScalar(given.value) && flagNameFault(given.text) === null
  if (!isName) return instead
  return given.text === stem ? `quote it: name: "${stem}"` : `quote it, or ${instead}`
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
}

/** A name as YAML reads it as text. */
function yamlName(name: string): string {
  return /^(?:\d.*|null|true|false)$/.test(name) ? `"${name}"` : name
}

function typeProblem(file: DefinitionFile, fields: Fields, types: FlagTypes): Problem | null {
  const given = fields.get('type')
  const folder = file.typeFolder !== null && types.has(file.typeFolder) ? file.typeFolder : null
  const remedy = folder === null ? `write one of ${[...types.keys()].join(', ')}` : `write type: ${folder}`
  if (given === undefined || given.value === null) return { field: 'type', rule: 'type', problem: 'is missing', remedy }
  if (typeof given.value !== 'string') {
    const quote = isScalar(given.value) && types.has(given.text) ? `quote it: type: "${given.text}"` : remedy
    return { field: 'type', rule: 'type', problem: 'must be text', remedy: quote }
  }
  if (types.has(given.value)) return null
  const near = suggestion(given.value, types.keys())
  const meant = near === null ? remedy : `did you mean ${near}? The types are ${[...types.keys()].join(', ')}`
  return { field: 'type', rule: 'type', problem: 'is not a known type', remedy: meant }
}

/** File and folder name; each is compared only with a value that is good in itself, so that one slip is one fault. */
function placeProblems(
  file: DefinitionFile,
  name: string | null,
  type: string | null,
  types: FlagTypes,
): (Problem | null)[] {
  const { base, stem, typeFolder } = file
  const place = `${base}/${type ?? '<type>'}/${name ?? '<name>'}.yml`
  const unlike: Problem | null =
    name === null || name === stem
      ? null
      : {
          field: 'name',
          rule: 'path',
          problem: `does not match the file name ${quoted(`${stem}.yml`)}`,
          remedy: `rename the file to ${name}.yml${flagNameFault(stem) === null ? `, or write name: ${yamlName(stem)}` : ''}`,
        }
  if (typeFolder === null) {
    const problem = 'is not in a folder named after its type'
    return [unlike, { field: null, rule: 'path', problem, remedy: `move it to ${place}` }]
  }
  if (type === null || type === typeFolder) return [unlike]
  const problem = `does not match the folder ${quoted(typeFolder)}`
  const instead = types.has(typeFolder) ? `, or write type: ${typeFolder}` : ''
  return [unlike, { field: 'type', rule: 'path', problem, remedy: `move the file to ${place}${instead}` }]
}

function shapeProblem(field: FileField, rule: Rule, shapes: ReadonlyMap<FileField, ShapeFault>): Problem | null {
  const shape = shapes.get(field)
  return shape ? { field, rule, ...shape } : null
}

function defaultProblem(fields: Fields, shapes: ReadonlyMap<FileField, ShapeFault>): Problem | null {
  if (fields.has('default_enabled')) return shapeProblem('default_enabled', 'default-enabled', shapes)
  const remedy = 'write default_enabled: false'
  return { field: 'default_enabled', rule: 'default-enabled', problem: 'is missing', remedy }
}

function defaultOnProblem(fields: Fields, types: FlagTypes): Problem | null {
  if (fields.get('default_enabled')?.value !== true) return null
  const type = types.get(textOf(fields, 'type') ?? '')
  if (type === undefined || type.mayDefaultOn) return null
  const allowed = [...types.values()].filter((other) => other.mayDefaultOn).map((other) => other.name)
  const remedy = `write default_enabled: false, or use a type that may default on (${allowed.join(', ')})`
  const problem = `cannot be true for the type ${quoted(type.name)}`
  return { field: 'default_enabled', rule: 'default-on', problem, remedy }
}

/** Only for fields that passed every rule: a field of the wrong shape would silently be null here. */
export function definitionOf(file: DefinitionFile, fields: Fields): Definition {
  const logStateChanges = fields.get('log_state_changes')?.value
  return Object.freeze({
    name: textOf(fields, 'name') ?? file.stem,
    description: textOf(fields, 'description'),
    featureIssueUrl: textOf(fields, 'feature_issue_url'),
    introducedByUrl: textOf(fields, 'introduced_by_url'),
    rolloutIssueUrl: textOf(fields, 'rollout_issue_url'),
    milestone: textOf(fields, 'milestone'),
    logStateChanges: typeof logStateChanges === 'boolean' ? logStateChanges : null,
    group: textOf(fields, 'group'),
    type: textOf(fields, 'type') ?? file.typeFolder ?? '',
    defaultEnabled: fields.get('default_enabled')?.value === true,
    intendedToRolloutBy: textOf(fields, 'intended_to_rollout_by'),
    actor: kindsOf(fields),
    path: file.path,
    ee: isEnterprisePath(file.path),
  })
}

/** The kinds of actors, each once; null if the field is absent or has another shape. */
export function kindsOf(fields: Fields): readonly string[] | null {
  const value = fields.get('actor')?.value
  const kinds: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts = kinds.filter((kind) => typeof kind === 'string')
  return texts.length > 0 && texts.length === kinds.length ? Object.freeze([...new Set(texts)]) : null
}

/** A field's text; null if it is absent or not a text. */
export function textOf(fields: Fields, field: FileField): string | null {
  const value = fields.get(field)?.value
  return typeof value === 'string' ? value : null
}
